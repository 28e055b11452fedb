SELECT id, tenant_id, spec ->> 'keyPrefix' FROM jobs
WHERE finished_at < clock_timestamp() - $1::bigint * interval '1 millisecond' AND collected_at IS NULL AND erased_at IS NULL
ORDER BY finished_at LIMIT $2::integer
