SELECT outcome, state, outbox FROM complete_task($1::bigint, $2::integer, $3::json, $4::jsonb, $5::json, $6::bigint, $7::bigint, $8::bigint)
