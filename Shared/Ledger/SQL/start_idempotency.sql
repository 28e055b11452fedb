SELECT outcome, request_hash, response FROM start_idempotency($1::text, $2::text, $3::text)
