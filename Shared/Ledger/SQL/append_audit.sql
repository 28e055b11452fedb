SELECT append_audit($1::text, $2::uuid, $3::text, $4::text, $5::jsonb) FROM tenants WHERE id = $1::text
