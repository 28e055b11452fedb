-- What is to be done, who holds it, what was done. Small rows only: per job, chunk and partition, never per data row.

CREATE FUNCTION iso(p_at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

CREATE TABLE tenants (
    id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    running_jobs_limit integer CHECK (running_jobs_limit >= 0),
    open_jobs_limit integer CHECK (open_jobs_limit >= 0),
    bytes_per_job_limit bigint CHECK (bytes_per_job_limit >= 0),
    rows_per_month_limit bigint CHECK (rows_per_month_limit >= 0),
    calls_per_second_limit integer CHECK (calls_per_second_limit >= 0),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tenant_usage (
    tenant_id text NOT NULL REFERENCES tenants,
    month date NOT NULL,
    rows_processed bigint NOT NULL DEFAULT 0,
    input_bytes bigint NOT NULL DEFAULT 0,
    jobs_success bigint NOT NULL DEFAULT 0,
    jobs_failed bigint NOT NULL DEFAULT 0,
    jobs_cancelled bigint NOT NULL DEFAULT 0,
    fenced_attempts bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, month)
);

CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenants,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    -- SHA-256 of a secret of 32 random bytes: nothing to guess, so no slow hash is needed.
    key_hash bytea NOT NULL UNIQUE CHECK (octet_length(key_hash) = 32),
    role text NOT NULL CHECK (role IN ('admin', 'data_engineer', 'reviewer')),
    replaces uuid REFERENCES api_keys,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_keys_tenant ON api_keys (tenant_id);

CREATE TABLE datasets (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id text NOT NULL REFERENCES tenants,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, name)
);

CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenants,
    dataset_id uuid REFERENCES datasets,
    state text NOT NULL CHECK (state IN
        ('pending', 'queued', 'pass1_running', 'pass2_running', 'reporting', 'success', 'failed', 'cancelled')),
    -- json, not jsonb: the text is kept as it came.
    spec json NOT NULL,
    trace text,
    input_bytes bigint NOT NULL CHECK (input_bytes >= 0),
    planned jsonb NOT NULL DEFAULT '{}',
    current_stage text NOT NULL DEFAULT 'plan',
    -- Tasks of the current stage that are not done.
    open_tasks integer NOT NULL DEFAULT 1 CHECK (open_tasks >= 0),
    pass1_done integer NOT NULL DEFAULT 0,
    pass1_total integer NOT NULL DEFAULT 0,
    pass2_done integer NOT NULL DEFAULT 0,
    pass2_total integer NOT NULL DEFAULT 0,
    rows_processed bigint NOT NULL DEFAULT 0,
    duplicates_found bigint NOT NULL DEFAULT 0,
    imputations_applied bigint NOT NULL DEFAULT 0,
    error_code text,
    error_message text,
    revision bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    erased_at timestamptz,
    CONSTRAINT jobs_end CHECK ((state IN ('success', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CONSTRAINT jobs_failure CHECK ((state = 'failed') = (error_code IS NOT NULL)),
    CONSTRAINT jobs_start CHECK (started_at IS NOT NULL OR state IN ('pending', 'queued', 'failed', 'cancelled')),
    CONSTRAINT jobs_dataset CHECK (dataset_id IS NOT NULL OR erased_at IS NOT NULL),
    CONSTRAINT jobs_erased CHECK (erased_at IS NULL OR finished_at IS NOT NULL)
);
CREATE INDEX jobs_listing ON jobs (tenant_id, id DESC) WHERE erased_at IS NULL;
CREATE INDEX jobs_open ON jobs (tenant_id, state) WHERE finished_at IS NULL;
CREATE INDEX jobs_dataset ON jobs (dataset_id);

CREATE TABLE tasks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id uuid NOT NULL REFERENCES jobs,
    tenant_id text NOT NULL,
    stage text NOT NULL CHECK (stage IN ('plan', 'scan', 'match', 'resolve', 'clean', 'report')),
    idx integer NOT NULL CHECK (idx >= 0),
    state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'done', 'quarantined', 'cancelled')),
    -- Fencing token: grows with every claim, never shrinks.
    epoch integer NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    -- Attempts charged: counted when claimed, given back by a clean release.
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    worker text,
    -- Of the call that claimed it, so that a repeated call finds its own claim.
    claim_token uuid,
    lease_until timestamptz,
    not_before timestamptz,
    -- NULL: not put into a queue yet.
    next_dispatch_at timestamptz,
    dispatched_at timestamptz,
    dispatches integer NOT NULL DEFAULT 0,
    result json,
    error_code text,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    -- Exactly one result per (job, stage, index).
    UNIQUE (job_id, stage, idx),
    CONSTRAINT tasks_lease CHECK ((state = 'running') = (lease_until IS NOT NULL)),
    CONSTRAINT tasks_holder CHECK (state <> 'running' OR (worker IS NOT NULL AND claim_token IS NOT NULL AND epoch > 0)),
    CONSTRAINT tasks_result CHECK ((state = 'done') = (result IS NOT NULL)),
    CONSTRAINT tasks_quarantine CHECK (state <> 'quarantined' OR error_code IS NOT NULL)
);
CREATE INDEX tasks_leases ON tasks (lease_until) WHERE state = 'running';
CREATE INDEX tasks_due ON tasks (next_dispatch_at) WHERE state = 'ready' AND next_dispatch_at IS NOT NULL;
CREATE INDEX tasks_waiting ON tasks (job_id, idx) WHERE state = 'ready' AND next_dispatch_at IS NULL;

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id uuid,
    task_id bigint,
    exchange text NOT NULL CHECK (exchange IN ('sanitizer.tasks', 'sanitizer.events', 'sanitizer.dead')),
    routing_key text NOT NULL,
    body text NOT NULL,
    mandatory boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    taken_until timestamptz,
    published_at timestamptz
);
CREATE INDEX outbox_open ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_task ON outbox (task_id) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;

CREATE TABLE idempotency_keys (
    tenant_id text NOT NULL REFERENCES tenants,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    state text NOT NULL CHECK (state IN ('in_flight', 'done')),
    request_hash bytea,
    response text,
    job_id uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- In flight: until when the call is believed alive. Done: until when it is remembered.
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key),
    CHECK ((state = 'done') = (request_hash IS NOT NULL AND response IS NOT NULL AND job_id IS NOT NULL))
);
CREATE INDEX idempotency_expiry ON idempotency_keys (expires_at);

-- The end of each tenant's audit chain; its row is also the lock that serialises what counts a tenant's jobs.
-- Lock order everywhere: job, then task, then this row, then the rest.
CREATE TABLE audit_heads (
    tenant_id text PRIMARY KEY REFERENCES tenants,
    sequence bigint NOT NULL DEFAULT 0,
    hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
);

CREATE TABLE audit_logs (
    tenant_id text NOT NULL REFERENCES tenants,
    sequence bigint NOT NULL CHECK (sequence > 0),
    job_id uuid,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    detail jsonb NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, sequence)
);
CREATE INDEX audit_logs_job ON audit_logs (tenant_id, job_id, sequence);

CREATE TABLE imputation_stats (
    job_id uuid NOT NULL REFERENCES jobs,
    tenant_id text NOT NULL,
    column_name text NOT NULL,
    strategy text NOT NULL,
    imputed_cells bigint NOT NULL CHECK (imputed_cells >= 0),
    PRIMARY KEY (job_id, column_name, strategy)
);

CREATE TABLE cleaned_datasets (
    dataset_id uuid NOT NULL REFERENCES datasets,
    version integer NOT NULL CHECK (version > 0),
    tenant_id text NOT NULL,
    job_id uuid NOT NULL UNIQUE REFERENCES jobs,
    output_key text NOT NULL,
    checksum text NOT NULL,
    row_count bigint NOT NULL,
    bytes bigint NOT NULL,
    transformations jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (dataset_id, version)
);

CREATE TABLE token_vault (
    tenant_id text NOT NULL REFERENCES tenants,
    token text NOT NULL,
    -- Encrypted under the tenant's key; the ledger never sees the value.
    ciphertext bytea NOT NULL,
    job_id uuid REFERENCES jobs,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, token)
);
CREATE INDEX token_vault_job ON token_vault (job_id);
