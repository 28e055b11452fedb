SELECT outbox FROM cancel_job($1::uuid, $2::text, $3::text)
