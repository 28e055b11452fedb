UPDATE tasks SET lease_until = clock_timestamp() + setting_ms('lease_ms', 15000)
WHERE id = $1::bigint AND epoch = $2::integer AND state = 'running'
RETURNING floor(extract(epoch FROM lease_until - clock_timestamp()) * 1000)::bigint
