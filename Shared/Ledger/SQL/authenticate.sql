SELECT k.id, k.name, k.role, t.running_jobs_limit, t.open_jobs_limit, t.bytes_per_job_limit, t.rows_per_month_limit,
    t.calls_per_second_limit
FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
WHERE k.key_hash = $2::bytea AND k.tenant_id = $1::text AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
