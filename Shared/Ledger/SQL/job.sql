-- $2 is the tenant, or NULL for any.
SELECT id, tenant_id, dataset_id, state, spec, input_bytes, rows_processed, duplicates_found, imputations_applied, pass1_done,
    pass1_total, pass2_done, pass2_total, error_code, error_message, revision, iso(created_at), iso(updated_at), iso(finished_at),
    (extract(epoch FROM coalesce(finished_at, clock_timestamp()) - started_at) * 1000)::bigint
FROM jobs WHERE id = $1::uuid AND ($2::text IS NULL OR tenant_id = $2::text) AND erased_at IS NULL
