SELECT sequence, job_id, iso(at), actor, action, detail, encode(hash, 'hex') FROM audit_logs
WHERE tenant_id = $1::text AND ($2::uuid IS NULL OR job_id = $2::uuid) AND ($3::text IS NULL OR action = $3::text)
    AND ($4::timestamptz IS NULL OR at >= $4::timestamptz) AND ($5::timestamptz IS NULL OR at < $5::timestamptz)
    AND ($6::bigint IS NULL OR sequence < $6::bigint)
ORDER BY sequence DESC LIMIT $7::integer
