SELECT pg_advisory_lock_shared(worker_lock($1::text))
