UPDATE outbox SET taken_until = clock_timestamp() + interval '500 milliseconds' WHERE id = ANY ($1::bigint[]) AND published_at IS NULL
