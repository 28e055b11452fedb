SELECT id, tenant_id, dataset_id, state, spec, input_bytes, rows_processed, duplicates_found, imputations_applied, pass1_done,
    pass1_total, pass2_done, pass2_total, error_code, error_message, revision, iso(created_at), iso(updated_at), iso(finished_at),
    (extract(epoch FROM coalesce(finished_at, clock_timestamp()) - started_at) * 1000)::bigint
FROM jobs
WHERE tenant_id = $1::text AND erased_at IS NULL AND ($2::text IS NULL OR state = $2::text) AND ($3::uuid IS NULL OR id < $3::uuid)
ORDER BY id DESC LIMIT $4::integer
