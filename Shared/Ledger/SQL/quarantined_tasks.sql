SELECT t.id, t.job_id, t.tenant_id, t.stage, t.idx, t.attempt, t.error_code, t.error_message, iso(t.finished_at), s.queue
FROM tasks t JOIN stage_order s ON s.stage = t.stage
WHERE t.state = 'quarantined' AND t.settled_at IS NULL AND ($1::bigint IS NULL OR t.id = $1::bigint) AND t.id > $2::bigint ORDER BY t.id LIMIT $3::integer
