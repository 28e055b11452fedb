SELECT outcome, outbox FROM fail_task($1::bigint, $2::integer, $3::text, $4::text, $5::bigint)
