-- Row-level security: what the API reads on behalf of a tenant, it reads as this role, with the tenant set for one transaction.
-- Services and operators connect as the tables' owner.

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'sanitizer_api') THEN
        CREATE ROLE sanitizer_api NOLOGIN;
    END IF;
    -- The owner must be able to take the role on.
    IF NOT pg_has_role(current_user, 'sanitizer_api', 'MEMBER') THEN
        EXECUTE format('GRANT sanitizer_api TO %I', current_user);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO sanitizer_api', current_schema());
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    -- Another schema's migration made the role at the same moment.
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO sanitizer_api', current_schema());
END $$;

CREATE FUNCTION current_tenant() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('sanitizer.tenant', true), '')
$$;

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE datasets ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY;
ALTER TABLE imputation_stats ENABLE ROW LEVEL SECURITY;
ALTER TABLE cleaned_datasets ENABLE ROW LEVEL SECURITY;
ALTER TABLE token_vault ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_heads ENABLE ROW LEVEL SECURITY;

CREATE POLICY own ON tenants FOR SELECT TO sanitizer_api USING (id = current_tenant());
CREATE POLICY own ON tenant_usage FOR SELECT TO sanitizer_api USING (tenant_id = current_tenant());
CREATE POLICY own ON datasets FOR SELECT TO sanitizer_api USING (tenant_id = current_tenant());
CREATE POLICY own ON jobs FOR SELECT TO sanitizer_api USING (tenant_id = current_tenant());
CREATE POLICY own ON tasks FOR SELECT TO sanitizer_api USING (tenant_id = current_tenant());
CREATE POLICY own ON audit_logs FOR SELECT TO sanitizer_api USING (tenant_id = current_tenant());
CREATE POLICY own ON imputation_stats FOR SELECT TO sanitizer_api USING (tenant_id = current_tenant());
CREATE POLICY own ON cleaned_datasets FOR SELECT TO sanitizer_api USING (tenant_id = current_tenant());

GRANT SELECT ON tenants, tenant_usage, datasets, jobs, tasks, audit_logs, imputation_stats, cleaned_datasets TO sanitizer_api;
