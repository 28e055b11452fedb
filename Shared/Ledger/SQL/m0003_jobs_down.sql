DROP FUNCTION start_idempotency(text, text);
DROP FUNCTION erase_job(uuid, text, text), cancel_job(uuid, text, text);
DROP FUNCTION create_job(json, bigint, text, text, text, bytea, text);
DROP FUNCTION finish_job(uuid, json), count_in(json, text);
DROP FUNCTION end_job(uuid, text, text, text, text), promote_jobs(text), set_job_state(uuid, text, text, text, text);
DROP FUNCTION dispatch_tasks(bigint[], boolean), outbox_json(bigint[]);
DROP FUNCTION enqueue(uuid, bigint, text, text, jsonb, boolean, boolean);
DROP FUNCTION setting_ms(text, bigint), setting(text, bigint);
