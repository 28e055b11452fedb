DROP FUNCTION dispatch_due(text[], integer), expire_task(bigint), fail_task(bigint, integer, text, text, bigint);
DROP FUNCTION release_task(bigint, integer);
DROP FUNCTION complete_task(bigint, integer, json, jsonb, json, bigint, bigint, bigint);
DROP FUNCTION advance_job(uuid, text), count_fenced(text), claim_task(bigint, text, uuid, boolean);
DROP FUNCTION quarantine_task(bigint, text, text, text), worker_lock(text);
