-- Tasks: claiming, renewing, committing, handing back, failing. Lock order: job, task, audit head.

-- A worker that announced itself holds this lock (shared) for as long as its connection lives.
CREATE FUNCTION worker_lock(p_worker text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT hashtextextended(current_schema() || '/worker/' || p_worker, 0)
$$;

-- Sets a task aside for good: its job fails, and one dead letter says so.
CREATE FUNCTION quarantine_task(p_task bigint, p_actor text, p_code text, p_message text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_task tasks;
    v_queue text;
BEGIN
    UPDATE tasks SET state = 'quarantined', lease_until = NULL, finished_at = clock_timestamp(), error_code = p_code,
        error_message = left(p_message, 1000) WHERE id = p_task RETURNING * INTO STRICT v_task;
    SELECT queue INTO STRICT v_queue FROM stage_order WHERE stage = v_task.stage;
    RETURN end_job(v_task.job_id, 'failed', p_actor, p_code, p_message) || enqueue(v_task.job_id, p_task, 'sanitizer.dead',
        v_queue, jsonb_build_object('v', 1, 'task_id', p_task, 'job_id', v_task.job_id, 'reason', p_code), true, true);
END $$;

CREATE FUNCTION claim_task(p_task bigint, p_worker text, p_token uuid, p_redelivered boolean) RETURNS TABLE (outcome text,
    state text, epoch integer, attempt integer, remaining_ms bigint, stage text, idx integer, spec json, trace text, outbox json)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_job jobs;
    v_task tasks;
    v_now timestamptz;
    v_ids bigint[] := '{}';
BEGIN
    SELECT j.* INTO v_job FROM jobs j WHERE j.id = (SELECT t.job_id FROM tasks t WHERE t.id = p_task) FOR NO KEY UPDATE;
    SELECT t.* INTO v_task FROM tasks t WHERE t.id = p_task FOR NO KEY UPDATE;
    IF v_task.id IS NULL THEN
        RETURN QUERY SELECT 'unknown', NULL, 0, 0, 0::bigint, NULL, 0, NULL::json, NULL, '[]'::json;
        RETURN;
    END IF;
    v_now := clock_timestamp();
    IF v_task.state = 'running' AND v_task.claim_token = p_token THEN
        NULL; -- this very call was applied before; answer it again below
    ELSIF v_task.state IN ('done', 'quarantined', 'cancelled') THEN
        RETURN QUERY SELECT 'finished', v_task.state, 0, 0, 0::bigint, NULL, 0, NULL::json, NULL, '[]'::json;
        RETURN;
    ELSIF v_job.state = 'pending' OR v_task.not_before > v_now THEN
        RETURN QUERY SELECT 'not_yet', v_task.state, 0, 0,
            greatest(1, ceil(extract(epoch FROM coalesce(v_task.not_before, v_now) - v_now) * 1000))::bigint, NULL, 0, NULL::json,
            NULL, '[]'::json;
        RETURN;
    ELSIF v_task.state = 'running' AND v_task.lease_until > v_now AND NOT (p_redelivered AND v_task.worker <> p_worker
        AND pg_try_advisory_xact_lock(worker_lock(v_task.worker))) THEN
        RETURN QUERY SELECT 'held', v_task.state, 0, 0,
            ceil(extract(epoch FROM v_task.lease_until - v_now) * 1000)::bigint, NULL, 0, NULL::json, NULL, '[]'::json;
        RETURN;
    ELSIF v_task.attempt >= setting('max_attempts', 5) THEN
        v_ids := quarantine_task(p_task, p_worker, 'attempts_exhausted', format('%s %s was given up after %s attempts whose worker vanished',
            v_task.stage, v_task.idx, v_task.attempt));
        RETURN QUERY SELECT 'exhausted', 'quarantined', 0, v_task.attempt, 0::bigint, NULL, 0, NULL::json, NULL, outbox_json(v_ids);
        RETURN;
    ELSE
        UPDATE tasks t SET state = 'running', epoch = t.epoch + 1, attempt = t.attempt + 1, worker = p_worker,
            claim_token = p_token, lease_until = v_now + setting_ms('lease_ms', 15000), not_before = NULL,
            started_at = coalesce(t.started_at, v_now)
        WHERE t.id = p_task RETURNING t.* INTO v_task;
        IF v_job.state = 'queued' THEN
            v_ids := set_job_state(v_job.id, 'pass1_running', p_worker);
        END IF;
    END IF;
    RETURN QUERY SELECT 'claimed', v_task.state, v_task.epoch, v_task.attempt,
        floor(extract(epoch FROM v_task.lease_until - v_now) * 1000)::bigint, v_task.stage, v_task.idx, v_job.spec, v_job.trace,
        outbox_json(v_ids);
END $$;

-- A stale attempt was turned away: counted, so that a test can tell that it happened.
CREATE FUNCTION count_fenced(p_tenant text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO tenant_usage AS u (tenant_id, month, fenced_attempts)
    SELECT id, date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC')::date, 1 FROM tenants WHERE id = p_tenant
    ON CONFLICT (tenant_id, month) DO UPDATE SET fenced_attempts = u.fenced_attempts + 1
$$;

-- The job's current stage has no open task: starts the next one that has work, and ends the job after the report.
CREATE FUNCTION advance_job(p_job uuid, p_actor text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_job jobs;
    s stage_order;
    v_count integer;
    v_open integer;
    v_ids bigint[] := '{}';
BEGIN
    SELECT * INTO STRICT v_job FROM jobs WHERE id = p_job;
    FOR s IN SELECT * FROM stage_order
        WHERE ordinal > (SELECT o.ordinal FROM stage_order o WHERE o.stage = v_job.current_stage) ORDER BY ordinal
    LOOP
        -- Every job ends with exactly one report.
        v_count := CASE s.stage WHEN 'report' THEN 1 ELSE coalesce((v_job.planned ->> s.stage)::integer, 0) END;
        IF s.job_state <> v_job.state THEN
            v_ids := v_ids || set_job_state(p_job, s.job_state, p_actor);
            v_job.state := s.job_state;
        END IF;
        INSERT INTO tasks (job_id, tenant_id, stage, idx)
        SELECT p_job, v_job.tenant_id, s.stage, i FROM generate_series(0, v_count - 1) i
        ON CONFLICT (job_id, stage, idx) DO NOTHING;
        GET DIAGNOSTICS v_open = ROW_COUNT;
        UPDATE jobs SET current_stage = s.stage, open_tasks = v_open, revision = revision + 1 WHERE id = p_job;
        IF v_open > 0 THEN
            RETURN v_ids || dispatch_tasks(ARRAY(SELECT id FROM tasks WHERE job_id = p_job AND state = 'ready'
                AND next_dispatch_at IS NULL ORDER BY idx LIMIT setting('dispatch_window', 16)), true);
        END IF;
    END LOOP;
    RETURN v_ids || finish_job(p_job, (SELECT result FROM tasks WHERE job_id = p_job AND stage = 'report' AND idx = 0));
END $$;

-- The one transaction of the commit order. Repeating it after a lost answer finds its own commit.
CREATE FUNCTION complete_task(p_task bigint, p_epoch integer, p_result json, p_planned jsonb, p_inlined json, p_rows bigint,
    p_duplicates bigint, p_imputations bigint) RETURNS TABLE (outcome text, state text, outbox json) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_job jobs;
    v_task tasks;
    v_planned jsonb;
    v_inlined integer;
    v_pass1 integer;
    v_pass2 integer;
    v_ids bigint[] := '{}';
BEGIN
    SELECT j.* INTO v_job FROM jobs j WHERE j.id = (SELECT t.job_id FROM tasks t WHERE t.id = p_task) FOR NO KEY UPDATE;
    UPDATE tasks t SET state = 'done', result = p_result, lease_until = NULL, finished_at = clock_timestamp()
        WHERE t.id = p_task AND t.epoch = p_epoch AND t.state = 'running' RETURNING t.* INTO v_task;
    IF NOT FOUND THEN
        IF EXISTS (SELECT 1 FROM tasks t WHERE t.id = p_task AND t.epoch = p_epoch AND t.state = 'done') THEN
            RETURN QUERY SELECT 'committed', v_job.state, '[]'::json;
        ELSE
            PERFORM count_fenced(v_job.tenant_id);
            RETURN QUERY SELECT 'fenced', v_job.state, '[]'::json;
        END IF;
        RETURN;
    END IF;

    INSERT INTO tasks (job_id, tenant_id, stage, idx, state, epoch, worker, result, started_at, finished_at)
    SELECT v_job.id, v_job.tenant_id, e ->> 'stage', (e ->> 'index')::integer, 'done', p_epoch, v_task.worker, e -> 'result',
        v_task.started_at, v_task.finished_at
    FROM json_array_elements(p_inlined) e;
    -- A stage that was done inside this task is planned with as many tasks as came with it, unless the plan says more.
    v_planned := v_job.planned || coalesce((SELECT jsonb_object_agg(x.stage, x.n) FROM (
        SELECT e ->> 'stage' AS stage, count(*) AS n FROM json_array_elements(p_inlined) e GROUP BY 1) x), '{}') || p_planned;
    SELECT count(*) FILTER (WHERE s.queue = 'pass1'), count(*) FILTER (WHERE s.queue = 'pass2') INTO v_pass1, v_pass2
    FROM json_array_elements(p_inlined) e JOIN stage_order s ON s.stage = e ->> 'stage';
    v_pass1 := v_pass1 + (v_task.stage IN ('plan', 'scan', 'match', 'resolve'))::integer;
    v_pass2 := v_pass2 + (v_task.stage = 'clean')::integer;
    UPDATE jobs j SET planned = v_planned, open_tasks = j.open_tasks - 1, revision = j.revision + 1,
        updated_at = clock_timestamp(),
        pass1_done = j.pass1_done + v_pass1, pass2_done = j.pass2_done + v_pass2,
        pass1_total = CASE WHEN v_planned = '{}' THEN 0 ELSE 1 + coalesce((v_planned ->> 'scan')::integer, 0)
            + coalesce((v_planned ->> 'match')::integer, 0) + coalesce((v_planned ->> 'resolve')::integer, 0) END,
        pass2_total = coalesce((v_planned ->> 'clean')::integer, 0),
        rows_processed = j.rows_processed + p_rows, duplicates_found = j.duplicates_found + p_duplicates,
        imputations_applied = j.imputations_applied + p_imputations
    WHERE j.id = v_job.id RETURNING j.* INTO v_job;

    IF v_job.open_tasks = 0 THEN
        v_ids := advance_job(v_job.id, v_task.worker);
        SELECT j.state INTO v_job.state FROM jobs j WHERE j.id = v_job.id;
    ELSE
        v_ids := dispatch_tasks(ARRAY(SELECT t.id FROM tasks t WHERE t.job_id = v_job.id AND t.state = 'ready'
            AND t.next_dispatch_at IS NULL ORDER BY t.idx LIMIT 1), true);
    END IF;
    RETURN QUERY SELECT 'committed', v_job.state, outbox_json(v_ids);
END $$;

CREATE FUNCTION release_task(p_task bigint, p_epoch integer) RETURNS TABLE (outcome text, outbox json) LANGUAGE plpgsql AS $$
DECLARE
    v_ids bigint[] := '{}';
BEGIN
    PERFORM 1 FROM jobs WHERE id = (SELECT job_id FROM tasks WHERE id = p_task) FOR NO KEY UPDATE;
    UPDATE tasks SET state = 'ready', attempt = attempt - 1, lease_until = NULL, dispatches = 0
        WHERE id = p_task AND epoch = p_epoch AND state = 'running';
    IF FOUND THEN
        v_ids := dispatch_tasks(ARRAY[p_task], true);
        outcome := 'released';
    ELSE
        outcome := 'fenced';
    END IF;
    outbox := outbox_json(v_ids);
    RETURN NEXT;
END $$;

-- A NULL pause means that there is no further attempt.
CREATE FUNCTION fail_task(p_task bigint, p_epoch integer, p_code text, p_message text, p_pause_ms bigint)
RETURNS TABLE (outcome text, outbox json) LANGUAGE plpgsql AS $$
DECLARE
    v_task tasks;
    v_tenant text;
    v_ids bigint[] := '{}';
BEGIN
    SELECT tenant_id INTO v_tenant FROM jobs WHERE id = (SELECT job_id FROM tasks WHERE id = p_task) FOR NO KEY UPDATE;
    SELECT * INTO v_task FROM tasks WHERE id = p_task AND epoch = p_epoch AND state = 'running' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM count_fenced(v_tenant);
        outcome := 'fenced';
    ELSIF p_pause_ms IS NULL THEN
        v_ids := quarantine_task(p_task, v_task.worker, p_code, p_message);
        outcome := 'quarantined';
    ELSE
        UPDATE tasks SET state = 'ready', lease_until = NULL, error_code = p_code, error_message = left(p_message, 1000),
            not_before = clock_timestamp() + p_pause_ms * interval '1 millisecond',
            next_dispatch_at = clock_timestamp() + p_pause_ms * interval '1 millisecond', dispatches = 0
        WHERE id = p_task;
        outcome := 'retrying';
    END IF;
    outbox := outbox_json(v_ids);
    RETURN NEXT;
END $$;

-- One task whose lease ended: ready again, or set aside when its attempts are used up.
CREATE FUNCTION expire_task(p_task bigint) RETURNS TABLE (outcome text) LANGUAGE plpgsql AS $$
DECLARE
    v_task tasks;
BEGIN
    PERFORM 1 FROM jobs WHERE id = (SELECT job_id FROM tasks WHERE id = p_task) FOR NO KEY UPDATE;
    SELECT * INTO v_task FROM tasks WHERE id = p_task AND state = 'running' AND lease_until <= clock_timestamp() FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcome := 'none';
    ELSIF v_task.attempt >= setting('max_attempts', 5) THEN
        PERFORM quarantine_task(p_task, 'dispatcher', 'attempts_exhausted', format(
            '%s %s was given up after %s attempts whose worker vanished', v_task.stage, v_task.idx, v_task.attempt));
        outcome := 'quarantined';
    ELSE
        UPDATE tasks SET state = 'ready', lease_until = NULL, dispatches = 0 WHERE id = p_task;
        PERFORM dispatch_tasks(ARRAY[p_task], false);
        outcome := 'expired';
    END IF;
    RETURN NEXT;
END $$;

-- Ready tasks that are due, and ready tasks whose queue is empty although they were sent: their message was lost.
CREATE FUNCTION dispatch_due(p_empty_queues text[], p_limit integer) RETURNS integer LANGUAGE sql AS $$
    SELECT cardinality(dispatch_tasks(ARRAY(
        SELECT t.id FROM tasks t JOIN stage_order s ON s.stage = t.stage
        WHERE t.state = 'ready' AND t.next_dispatch_at IS NOT NULL
            AND (t.next_dispatch_at <= clock_timestamp() OR (s.queue = ANY (p_empty_queues)
                AND t.dispatched_at < clock_timestamp() - setting_ms('lost_ms', 2000)
                AND (t.not_before IS NULL OR t.not_before <= clock_timestamp())))
            AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.task_id = t.id AND o.published_at IS NULL
                AND o.exchange = 'sanitizer.tasks')
        ORDER BY t.next_dispatch_at LIMIT p_limit FOR NO KEY UPDATE OF t SKIP LOCKED), false))
$$;
