DROP POLICY own ON tenants;
DROP POLICY own ON tenant_usage;
DROP POLICY own ON datasets;
DROP POLICY own ON jobs;
DROP POLICY own ON tasks;
DROP POLICY own ON audit_logs;
DROP POLICY own ON imputation_stats;
DROP POLICY own ON cleaned_datasets;
ALTER TABLE tenants DISABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_usage DISABLE ROW LEVEL SECURITY;
ALTER TABLE datasets DISABLE ROW LEVEL SECURITY;
ALTER TABLE jobs DISABLE ROW LEVEL SECURITY;
ALTER TABLE tasks DISABLE ROW LEVEL SECURITY;
ALTER TABLE audit_logs DISABLE ROW LEVEL SECURITY;
ALTER TABLE imputation_stats DISABLE ROW LEVEL SECURITY;
ALTER TABLE cleaned_datasets DISABLE ROW LEVEL SECURITY;
ALTER TABLE token_vault DISABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys DISABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys DISABLE ROW LEVEL SECURITY;
ALTER TABLE outbox DISABLE ROW LEVEL SECURITY;
ALTER TABLE audit_heads DISABLE ROW LEVEL SECURITY;
REVOKE SELECT ON tenants, tenant_usage, datasets, jobs, tasks, audit_logs, imputation_stats, cleaned_datasets FROM sanitizer_api;
DO $$
BEGIN
    -- The role belongs to the cluster, not to this schema: it stays.
    EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM sanitizer_api', current_schema());
END $$;
DROP FUNCTION current_tenant();
