SELECT id, name, iso(created_at), running_jobs_limit, open_jobs_limit, bytes_per_job_limit, rows_per_month_limit, calls_per_second_limit
FROM tenants ORDER BY id
