SELECT dataset_id, version, job_id, checksum, row_count, bytes, iso(created_at) FROM cleaned_datasets
WHERE tenant_id = $1::text AND dataset_id = $2::uuid ORDER BY version
