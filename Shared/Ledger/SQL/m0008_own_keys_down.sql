CREATE OR REPLACE FUNCTION start_idempotency(p_tenant text, p_key text, p_holder text)
RETURNS TABLE (outcome text, request_hash bytea, response text) LANGUAGE plpgsql AS $$
DECLARE
    v_key idempotency_keys;
    v_until timestamptz := clock_timestamp() + setting_ms('in_flight_ms', 900000);
BEGIN
    INSERT INTO idempotency_keys (tenant_id, key, state, expires_at, holder) VALUES (p_tenant, p_key, 'in_flight', v_until, p_holder)
        ON CONFLICT DO NOTHING;
    IF FOUND THEN
        outcome := 'started'; RETURN NEXT; RETURN;
    END IF;
    SELECT * INTO v_key FROM idempotency_keys k WHERE k.tenant_id = p_tenant AND k.key = p_key FOR UPDATE;
    IF NOT FOUND OR (v_key.expires_at > clock_timestamp() AND (v_key.state = 'done' OR v_key.holder IS NULL
        OR v_key.holder = p_holder OR NOT pg_try_advisory_xact_lock(worker_lock(v_key.holder)))) THEN
        outcome := CASE WHEN v_key.state = 'done' THEN 'finished' ELSE 'in_flight' END;
        request_hash := v_key.request_hash; response := v_key.response; RETURN NEXT; RETURN;
    END IF;
    UPDATE idempotency_keys k SET state = 'in_flight', request_hash = NULL, response = NULL, job_id = NULL, expires_at = v_until,
        holder = p_holder
        WHERE k.tenant_id = p_tenant AND k.key = p_key;
    outcome := 'started'; RETURN NEXT;
END $$;
