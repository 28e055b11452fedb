WITH made AS (
    INSERT INTO tenants (id, name, running_jobs_limit, open_jobs_limit, bytes_per_job_limit, rows_per_month_limit, calls_per_second_limit)
    VALUES ($1::text, $2::text, $3::integer, $4::integer, $5::bigint, $6::bigint, $7::integer) ON CONFLICT (id) DO NOTHING RETURNING id
)
INSERT INTO audit_heads (tenant_id) SELECT id FROM made RETURNING tenant_id
