WITH old AS (
    UPDATE api_keys SET expires_at = least(coalesce(expires_at, 'infinity'), clock_timestamp() + $4::bigint * interval '1 millisecond')
    WHERE id = $1::uuid AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
    RETURNING id, tenant_id, name, role
)
INSERT INTO api_keys (id, tenant_id, name, key_hash, role, replaces)
SELECT $2::uuid, tenant_id, name, $3::bytea, role, id FROM old
RETURNING tenant_id, role
