SELECT outcome, outbox FROM release_task($1::bigint, $2::integer)
