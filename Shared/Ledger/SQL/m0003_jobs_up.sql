-- Jobs: accepting, moving on, ending. Each function is a step inside one transaction; bigint[] results are outbox ids.

-- Settings come with the connection (see LedgerConfiguration); the defaults serve a plain psql session.
CREATE FUNCTION setting(p_name text, p_default bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('sanitizer.' || p_name, true), '')::bigint, p_default)
$$;
CREATE FUNCTION setting_ms(p_name text, p_default bigint) RETURNS interval LANGUAGE sql STABLE AS $$
    SELECT setting(p_name, p_default) * interval '1 millisecond'
$$;

-- Messages that this transaction makes are held for the caller, who publishes them right after the commit.
CREATE FUNCTION enqueue(p_job uuid, p_task bigint, p_exchange text, p_key text, p_body jsonb, p_mandatory boolean, p_hold boolean)
RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO outbox (job_id, task_id, exchange, routing_key, body, mandatory, taken_until)
    VALUES (p_job, p_task, p_exchange, p_key, p_body::text, p_mandatory,
        CASE WHEN p_hold THEN clock_timestamp() + setting_ms('outbox_hold_ms', 5000) END)
    RETURNING id
$$;

CREATE FUNCTION outbox_json(p_ids bigint[]) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object('id', id, 'exchange', exchange, 'key', routing_key, 'mandatory', mandatory,
        'body', body) ORDER BY id), '[]'::json) FROM outbox WHERE id = ANY (p_ids)
$$;

-- Puts ready tasks into the outbox. What is not claimed for a while is dispatched again, ever more rarely.
CREATE FUNCTION dispatch_tasks(p_ids bigint[], p_hold boolean) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_ids bigint[];
BEGIN
    WITH sent AS (
        UPDATE tasks t SET dispatches = t.dispatches + 1, dispatched_at = clock_timestamp(),
            next_dispatch_at = clock_timestamp() + setting_ms('redispatch_ms', 20000) * power(2, least(t.dispatches, 5))
        FROM stage_order s, jobs j
        WHERE t.id = ANY (p_ids) AND t.state = 'ready' AND s.stage = t.stage AND j.id = t.job_id
        RETURNING t.id, t.job_id, t.idx, s.queue, j.trace
    ), made AS (
        INSERT INTO outbox (job_id, task_id, exchange, routing_key, body, mandatory, taken_until)
        SELECT job_id, id, 'sanitizer.tasks', queue,
            jsonb_strip_nulls(jsonb_build_object('v', 1, 'task_id', id, 'job_id', job_id, 'trace', trace))::text, true,
            CASE WHEN p_hold THEN clock_timestamp() + setting_ms('outbox_hold_ms', 5000) END
        FROM sent ORDER BY idx
        RETURNING id
    )
    SELECT coalesce(array_agg(id), '{}') INTO v_ids FROM made;
    RETURN v_ids;
END $$;

-- The only place where a job's state changes. The caller holds the job's row.
CREATE FUNCTION set_job_state(p_job uuid, p_state text, p_actor text, p_code text DEFAULT NULL, p_message text DEFAULT NULL)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_tenant text;
    v_final boolean := p_state IN ('success', 'failed', 'cancelled');
    v_rows bigint;
BEGIN
    UPDATE jobs SET state = p_state, revision = revision + 1, updated_at = clock_timestamp(),
        started_at = CASE WHEN p_state = 'pass1_running' THEN clock_timestamp() ELSE started_at END,
        finished_at = CASE WHEN v_final THEN clock_timestamp() END,
        error_code = p_code, error_message = left(p_message, 1000)
    WHERE id = p_job RETURNING tenant_id, rows_processed INTO STRICT v_tenant, v_rows;
    PERFORM append_audit(v_tenant, p_job, p_actor, 'job.state',
        jsonb_strip_nulls(jsonb_build_object('state', p_state, 'code', p_code)));
    IF v_final THEN
        INSERT INTO tenant_usage AS u (tenant_id, month, rows_processed, jobs_success, jobs_failed, jobs_cancelled)
        VALUES (v_tenant, date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC')::date, v_rows, (p_state = 'success')::int,
            (p_state = 'failed')::int, (p_state = 'cancelled')::int)
        ON CONFLICT (tenant_id, month) DO UPDATE SET rows_processed = u.rows_processed + excluded.rows_processed,
            jobs_success = u.jobs_success + excluded.jobs_success, jobs_failed = u.jobs_failed + excluded.jobs_failed,
            jobs_cancelled = u.jobs_cancelled + excluded.jobs_cancelled;
    END IF;
    RETURN ARRAY[enqueue(p_job, NULL, 'sanitizer.events', 'job.' || v_tenant || '.' || p_state,
        jsonb_build_object('v', 1, 'job_id', p_job, 'tenant_id', v_tenant, 'status', p_state), false, true)];
END $$;

-- Lets waiting jobs start, oldest first, as far as the tenant's limit goes.
CREATE FUNCTION promote_jobs(p_tenant text) RETURNS TABLE (promoted integer, messages bigint[]) LANGUAGE plpgsql AS $$
DECLARE
    v_free bigint;
    v_job uuid;
BEGIN
    promoted := 0;
    messages := '{}';
    PERFORM 1 FROM audit_heads WHERE tenant_id = p_tenant FOR NO KEY UPDATE;
    SELECT coalesce(t.running_jobs_limit, 2147483647) - count(j.id) INTO v_free
    FROM tenants t LEFT JOIN jobs j ON j.tenant_id = t.id AND j.finished_at IS NULL AND j.state <> 'pending'
    WHERE t.id = p_tenant GROUP BY t.id;
    FOR v_job IN
        SELECT id FROM jobs WHERE tenant_id = p_tenant AND state = 'pending' AND finished_at IS NULL
        ORDER BY id LIMIT greatest(v_free, 0) FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        promoted := promoted + 1;
        messages := messages || set_job_state(v_job, 'queued', 'dispatcher')
            || dispatch_tasks(ARRAY(SELECT id FROM tasks WHERE job_id = v_job AND state = 'ready'), true);
    END LOOP;
    RETURN NEXT;
END $$;

-- Ends a job, whatever its tasks are doing: attempts that still run are fenced because their tasks are no longer `running`.
CREATE FUNCTION end_job(p_job uuid, p_state text, p_actor text, p_code text DEFAULT NULL, p_message text DEFAULT NULL)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_ids bigint[];
    v_tenant text;
BEGIN
    UPDATE tasks SET state = 'cancelled', lease_until = NULL, finished_at = clock_timestamp()
    WHERE job_id = p_job AND state IN ('ready', 'running');
    v_ids := set_job_state(p_job, p_state, p_actor, p_code, p_message);
    SELECT tenant_id INTO v_tenant FROM jobs WHERE id = p_job;
    IF EXISTS (SELECT 1 FROM jobs WHERE tenant_id = v_tenant AND state = 'pending' AND finished_at IS NULL) THEN
        v_ids := v_ids || (SELECT messages FROM promote_jobs(v_tenant));
    END IF;
    RETURN v_ids;
END $$;

-- A number out of a result that may hold anything.
CREATE FUNCTION count_in(p_json json, p_key text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN v ~ '^[0-9]{1,18}$' THEN v::bigint ELSE 0 END
    FROM (SELECT CASE WHEN json_typeof(p_json) = 'object' THEN p_json ->> p_key END AS v) x
$$;

-- The report is written: a new version of the dataset, and the job's good end.
CREATE FUNCTION finish_job(p_job uuid, p_report json) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_job jobs;
    v_version integer;
    v_ids bigint[];
BEGIN
    SELECT * INTO STRICT v_job FROM jobs WHERE id = p_job;
    v_ids := end_job(p_job, 'success', 'reporter');
    PERFORM 1 FROM datasets WHERE id = v_job.dataset_id FOR NO KEY UPDATE;
    SELECT coalesce(max(version), 0) + 1 INTO v_version FROM cleaned_datasets WHERE dataset_id = v_job.dataset_id;
    INSERT INTO cleaned_datasets (dataset_id, version, tenant_id, job_id, output_key, checksum, row_count, bytes, transformations)
    SELECT v_job.dataset_id, v_version, v_job.tenant_id, p_job, coalesce(r ->> 'output_key', ''), coalesce(r ->> 'digest', ''),
        count_in(r, 'rows'), count_in(r, 'bytes'),
        CASE WHEN json_typeof(r -> 'transformations') = 'array' THEN (r -> 'transformations')::jsonb ELSE '[]' END
    FROM (SELECT CASE WHEN json_typeof(p_report) = 'object' THEN p_report ELSE '{}' END) x(r);
    IF json_typeof(p_report) = 'object' AND json_typeof(p_report -> 'imputations') = 'array' THEN
        INSERT INTO imputation_stats (job_id, tenant_id, column_name, strategy, imputed_cells)
        SELECT p_job, v_job.tenant_id, coalesce(e ->> 'column', ''), coalesce(e ->> 'strategy', ''), count_in(e, 'cells')
        FROM json_array_elements(p_report -> 'imputations') e ON CONFLICT DO NOTHING;
    END IF;
    RETURN v_ids || enqueue(p_job, NULL, 'sanitizer.events', 'dataset.' || v_job.tenant_id || '.ready', jsonb_build_object(
        'v', 1, 'job_id', p_job, 'tenant_id', v_job.tenant_id, 'dataset_id', v_job.dataset_id, 'version', v_version), false, true);
END $$;

CREATE FUNCTION create_job(p_spec json, p_input_bytes bigint, p_actor text, p_trace text, p_key text, p_hash bytea,
    p_response text) RETURNS TABLE (outcome text, detail text, allowed bigint, used bigint, outbox json) LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid := (p_spec ->> 'jobID')::uuid;
    v_tenant text := p_spec ->> 'tenantID';
    v_limits tenants;
    v_key idempotency_keys;
    v_dataset uuid;
    v_open bigint;
    v_running bigint;
    v_rows bigint;
    v_month date := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC')::date;
    v_ids bigint[] := '{}';
BEGIN
    allowed := 0; used := 0; outbox := '[]'::json;
    PERFORM 1 FROM audit_heads WHERE tenant_id = v_tenant FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcome := 'unknown_tenant'; RETURN NEXT; RETURN;
    END IF;
    -- The same call sent again after a lost connection.
    IF EXISTS (SELECT 1 FROM jobs WHERE id = v_id AND tenant_id = v_tenant) THEN
        outcome := 'created'; RETURN NEXT; RETURN;
    END IF;
    IF p_key IS NOT NULL THEN
        SELECT * INTO v_key FROM idempotency_keys WHERE tenant_id = v_tenant AND key = p_key AND state = 'done'
            AND expires_at > clock_timestamp() FOR UPDATE;
        IF FOUND THEN
            outcome := CASE WHEN v_key.request_hash = p_hash THEN 'replayed' ELSE 'key_conflict' END;
            detail := v_key.response; RETURN NEXT; RETURN;
        END IF;
    END IF;

    SELECT * INTO STRICT v_limits FROM tenants WHERE id = v_tenant;
    SELECT count(*), count(*) FILTER (WHERE state <> 'pending') INTO v_open, v_running
        FROM jobs WHERE tenant_id = v_tenant AND finished_at IS NULL;
    SELECT coalesce(sum(rows_processed), 0) INTO v_rows FROM tenant_usage WHERE tenant_id = v_tenant AND month = v_month;
    IF p_input_bytes > v_limits.bytes_per_job_limit THEN
        outcome := 'refused'; detail := 'bytes_per_job'; allowed := v_limits.bytes_per_job_limit; used := p_input_bytes;
        RETURN NEXT; RETURN;
    ELSIF v_open >= v_limits.open_jobs_limit THEN
        outcome := 'refused'; detail := 'open_jobs'; allowed := v_limits.open_jobs_limit; used := v_open;
        RETURN NEXT; RETURN;
    ELSIF v_rows >= v_limits.rows_per_month_limit THEN
        outcome := 'refused'; detail := 'rows_per_month'; allowed := v_limits.rows_per_month_limit; used := v_rows;
        RETURN NEXT; RETURN;
    END IF;

    INSERT INTO datasets (tenant_id, name) VALUES (v_tenant, p_spec ->> 'datasetName') ON CONFLICT (tenant_id, name) DO NOTHING;
    SELECT id INTO STRICT v_dataset FROM datasets WHERE tenant_id = v_tenant AND name = p_spec ->> 'datasetName';
    INSERT INTO jobs (id, tenant_id, dataset_id, state, spec, trace, input_bytes)
        VALUES (v_id, v_tenant, v_dataset, 'pending', p_spec, p_trace, p_input_bytes);
    INSERT INTO tasks (job_id, tenant_id, stage, idx) VALUES (v_id, v_tenant, 'plan', 0);
    PERFORM append_audit(v_tenant, v_id, p_actor, 'job.created',
        jsonb_build_object('dataset_id', v_dataset, 'input_bytes', p_input_bytes));
    INSERT INTO tenant_usage AS u (tenant_id, month, input_bytes) VALUES (v_tenant, v_month, p_input_bytes)
        ON CONFLICT (tenant_id, month) DO UPDATE SET input_bytes = u.input_bytes + excluded.input_bytes;
    IF p_key IS NOT NULL THEN
        INSERT INTO idempotency_keys AS k (tenant_id, key, state, request_hash, response, job_id, expires_at)
        VALUES (v_tenant, p_key, 'done', p_hash, p_response, v_id, clock_timestamp() + setting_ms('idempotency_ms', 86400000))
        ON CONFLICT (tenant_id, key) DO UPDATE SET state = 'done', request_hash = excluded.request_hash,
            response = excluded.response, job_id = excluded.job_id, expires_at = excluded.expires_at;
    END IF;
    IF v_running < coalesce(v_limits.running_jobs_limit, 2147483647) AND v_running = v_open THEN
        v_ids := set_job_state(v_id, 'queued', p_actor)
            || dispatch_tasks(ARRAY(SELECT id FROM tasks WHERE job_id = v_id), true);
    END IF;
    outcome := 'created'; outbox := outbox_json(v_ids);
    RETURN NEXT;
END $$;

CREATE FUNCTION cancel_job(p_job uuid, p_tenant text, p_actor text) RETURNS TABLE (outbox json) LANGUAGE plpgsql AS $$
DECLARE
    v_job jobs;
    v_ids bigint[] := '{}';
BEGIN
    SELECT * INTO v_job FROM jobs WHERE id = p_job AND tenant_id = p_tenant AND erased_at IS NULL FOR NO KEY UPDATE;
    IF FOUND AND v_job.finished_at IS NULL THEN
        v_ids := end_job(p_job, 'cancelled', p_actor);
    END IF;
    outbox := outbox_json(v_ids);
    RETURN NEXT;
END $$;

-- Returns the key prefix whose objects are to go. What stays: ids, states, counts, the audit chain.
CREATE FUNCTION erase_job(p_job uuid, p_tenant text, p_actor text) RETURNS TABLE (prefix text, outbox json) LANGUAGE plpgsql AS $$
DECLARE
    v_job jobs;
    v_ids bigint[] := '{}';
BEGIN
    SELECT * INTO v_job FROM jobs WHERE id = p_job AND tenant_id = p_tenant AND erased_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF v_job.finished_at IS NULL THEN
        v_ids := end_job(p_job, 'cancelled', p_actor);
    END IF;
    PERFORM append_audit(p_tenant, p_job, p_actor, 'job.erased', '{}');
    DELETE FROM token_vault WHERE job_id = p_job;
    DELETE FROM imputation_stats WHERE job_id = p_job;
    DELETE FROM cleaned_datasets WHERE job_id = p_job;
    DELETE FROM outbox o WHERE o.job_id = p_job AND o.task_id IS NOT NULL AND o.exchange = 'sanitizer.tasks';
    DELETE FROM tasks WHERE job_id = p_job;
    UPDATE jobs SET erased_at = clock_timestamp(), updated_at = clock_timestamp(), revision = revision + 1, spec = '{}',
        dataset_id = NULL, trace = NULL, error_message = NULL WHERE id = p_job;
    PERFORM 1 FROM datasets WHERE id = v_job.dataset_id FOR UPDATE;
    DELETE FROM datasets d WHERE d.id = v_job.dataset_id AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.dataset_id = d.id);
    prefix := v_job.spec ->> 'keyPrefix'; outbox := outbox_json(v_ids);
    RETURN NEXT;
END $$;

CREATE FUNCTION start_idempotency(p_tenant text, p_key text) RETURNS TABLE (outcome text, request_hash bytea, response text)
LANGUAGE plpgsql AS $$
DECLARE
    v_key idempotency_keys;
    v_until timestamptz := clock_timestamp() + setting_ms('in_flight_ms', 900000);
BEGIN
    INSERT INTO idempotency_keys (tenant_id, key, state, expires_at) VALUES (p_tenant, p_key, 'in_flight', v_until)
        ON CONFLICT DO NOTHING;
    IF FOUND THEN
        outcome := 'started'; RETURN NEXT; RETURN;
    END IF;
    SELECT * INTO v_key FROM idempotency_keys k WHERE k.tenant_id = p_tenant AND k.key = p_key FOR UPDATE;
    IF NOT FOUND OR v_key.expires_at > clock_timestamp() THEN
        outcome := CASE WHEN v_key.state = 'done' THEN 'finished' ELSE 'in_flight' END;
        request_hash := v_key.request_hash; response := v_key.response; RETURN NEXT; RETURN;
    END IF;
    UPDATE idempotency_keys k SET state = 'in_flight', request_hash = NULL, response = NULL, job_id = NULL, expires_at = v_until
        WHERE k.tenant_id = p_tenant AND k.key = p_key;
    outcome := 'started'; RETURN NEXT;
END $$;
