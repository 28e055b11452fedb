SELECT id, tenant_id FROM jobs
WHERE finished_at < clock_timestamp() - $1::bigint * interval '1 millisecond' AND erased_at IS NULL
ORDER BY finished_at LIMIT $2::integer
