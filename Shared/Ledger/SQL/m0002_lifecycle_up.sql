-- The state machine of jobs and tasks, and the audit chain. The rows of the three tables mirror the JobLifecycle module; a
-- test compares them.

CREATE TABLE stage_order (
    stage text PRIMARY KEY,
    ordinal integer NOT NULL UNIQUE,
    queue text NOT NULL,
    job_state text NOT NULL
);
INSERT INTO stage_order VALUES
    ('plan', 0, 'pass1', 'pass1_running'), ('scan', 1, 'pass1', 'pass1_running'), ('match', 2, 'pass1', 'pass1_running'),
    ('resolve', 3, 'pass1', 'pass1_running'), ('clean', 4, 'pass2', 'pass2_running'), ('report', 5, 'report', 'reporting');

CREATE TABLE job_transitions (from_state text NOT NULL, to_state text NOT NULL, PRIMARY KEY (from_state, to_state));
INSERT INTO job_transitions VALUES
    ('pending', 'queued'), ('pending', 'failed'), ('pending', 'cancelled'),
    ('queued', 'pass1_running'), ('queued', 'failed'), ('queued', 'cancelled'),
    ('pass1_running', 'pass2_running'), ('pass1_running', 'failed'), ('pass1_running', 'cancelled'),
    ('pass2_running', 'reporting'), ('pass2_running', 'failed'), ('pass2_running', 'cancelled'),
    ('reporting', 'success'), ('reporting', 'failed'), ('reporting', 'cancelled');

CREATE TABLE task_transitions (from_state text NOT NULL, to_state text NOT NULL, PRIMARY KEY (from_state, to_state));
INSERT INTO task_transitions VALUES
    ('ready', 'running'), ('ready', 'quarantined'), ('ready', 'cancelled'),
    ('running', 'ready'), ('running', 'done'), ('running', 'quarantined'), ('running', 'cancelled');

CREATE FUNCTION check_job_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM job_transitions WHERE from_state = OLD.state AND to_state = NEW.state) THEN
        RAISE EXCEPTION 'illegal job transition % -> %', OLD.state, NEW.state USING ERRCODE = 'check_violation',
            CONSTRAINT = 'job_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER job_transition BEFORE UPDATE OF state ON jobs FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION check_job_transition();

CREATE FUNCTION check_task_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IS DISTINCT FROM NEW.state
        AND NOT EXISTS (SELECT 1 FROM task_transitions WHERE from_state = OLD.state AND to_state = NEW.state) THEN
        RAISE EXCEPTION 'illegal task transition % -> %', OLD.state, NEW.state USING ERRCODE = 'check_violation',
            CONSTRAINT = 'task_transition';
    END IF;
    IF NEW.epoch < OLD.epoch THEN
        RAISE EXCEPTION 'the epoch of a task never shrinks' USING ERRCODE = 'check_violation', CONSTRAINT = 'task_epoch';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER task_transition BEFORE UPDATE OF state, epoch ON tasks FOR EACH ROW EXECUTE FUNCTION check_task_transition();

-- Listeners learn of a change when it is committed. The channel carries the schema's name: installations may share a database.
CREATE FUNCTION notify_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(TG_TABLE_SCHEMA || '_jobs', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER job_changed AFTER INSERT OR UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION notify_job();

-- MARK: audit chain

-- A jsonb array is an unambiguous encoding: no field can run into the next.
CREATE FUNCTION audit_hash(p_previous bytea, p_tenant text, p_sequence bigint, p_job uuid, p_at timestamptz, p_actor text,
    p_action text, p_detail jsonb) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(p_previous || convert_to(
        jsonb_build_array(p_tenant, p_sequence, p_job, iso(p_at), p_actor, p_action, p_detail)::text, 'UTF8'))
$$;

CREATE FUNCTION append_audit(p_tenant text, p_job uuid, p_actor text, p_action text, p_detail jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_head audit_heads;
    v_at timestamptz;
    v_hash bytea;
BEGIN
    SELECT * INTO STRICT v_head FROM audit_heads WHERE tenant_id = p_tenant FOR NO KEY UPDATE;
    v_at := clock_timestamp();
    v_hash := audit_hash(v_head.hash, p_tenant, v_head.sequence + 1, p_job, v_at, p_actor, p_action, p_detail);
    INSERT INTO audit_logs (tenant_id, sequence, job_id, at, actor, action, detail, hash)
        VALUES (p_tenant, v_head.sequence + 1, p_job, v_at, p_actor, p_action, p_detail, v_hash);
    UPDATE audit_heads SET sequence = v_head.sequence + 1, hash = v_hash WHERE tenant_id = p_tenant;
END $$;

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_append_only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_logs FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_logs EXECUTE FUNCTION refuse_audit_change();

-- The first sequence number where the chain breaks (one past the end when the tail is missing); NULL when it is whole.
CREATE FUNCTION audit_break(p_tenant text) RETURNS TABLE (broken_at bigint, entries bigint, head text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_hash bytea := decode(repeat('00', 32), 'hex');
    v_next bigint := 1;
    v_head audit_heads;
    r audit_logs;
BEGIN
    SELECT * INTO v_head FROM audit_heads WHERE tenant_id = p_tenant;
    FOR r IN SELECT * FROM audit_logs WHERE tenant_id = p_tenant ORDER BY sequence LOOP
        v_hash := audit_hash(v_hash, r.tenant_id, r.sequence, r.job_id, r.at, r.actor, r.action, r.detail);
        IF r.sequence <> v_next OR r.hash <> v_hash THEN
            RETURN QUERY SELECT v_next, 0::bigint, ''::text;
            RETURN;
        END IF;
        v_next := v_next + 1;
    END LOOP;
    IF v_head.sequence IS DISTINCT FROM v_next - 1 OR v_head.hash IS DISTINCT FROM v_hash THEN
        RETURN QUERY SELECT v_next, 0::bigint, ''::text;
        RETURN;
    END IF;
    RETURN QUERY SELECT NULL::bigint, v_next - 1, encode(v_hash, 'hex');
END $$;
