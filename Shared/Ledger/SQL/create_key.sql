INSERT INTO api_keys (id, tenant_id, name, key_hash, role, expires_at)
SELECT $1::uuid, t.id, $3::text, $4::bytea, $5::text, clock_timestamp() + $6::bigint * interval '1 millisecond'
FROM tenants t WHERE t.id = $2::text
RETURNING tenant_id
