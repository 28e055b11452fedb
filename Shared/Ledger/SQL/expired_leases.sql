SELECT id FROM tasks WHERE state = 'running' AND lease_until <= clock_timestamp() ORDER BY lease_until LIMIT $1::integer
