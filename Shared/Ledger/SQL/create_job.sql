SELECT outcome, detail, allowed, used, outbox FROM create_job($1::json, $2::bigint, $3::text, $4::text, $5::text, $6::bytea, $7::text)
