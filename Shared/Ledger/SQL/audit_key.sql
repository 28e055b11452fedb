SELECT append_audit(k.tenant_id, NULL, $2::text, $3::text, jsonb_build_object('key_id', k.id, 'role', k.role))
FROM api_keys k WHERE k.id = $1::uuid
