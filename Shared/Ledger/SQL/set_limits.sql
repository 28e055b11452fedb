UPDATE tenants SET running_jobs_limit = $2::integer, open_jobs_limit = $3::integer, bytes_per_job_limit = $4::bigint,
    rows_per_month_limit = $5::bigint, calls_per_second_limit = $6::integer
WHERE id = $1::text
