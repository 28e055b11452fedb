SELECT prefix, outbox FROM erase_job($1::uuid, $2::text, $3::text)
