WITH settled AS (
    UPDATE tasks SET settled_at = clock_timestamp() WHERE id = $1::bigint AND state = 'quarantined' AND settled_at IS NULL
    RETURNING id, job_id, tenant_id
)
SELECT append_audit(tenant_id, job_id, $2::text, $3::text, jsonb_build_object('task_id', id)) FROM settled
