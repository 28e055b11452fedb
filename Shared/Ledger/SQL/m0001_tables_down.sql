DROP TABLE token_vault, cleaned_datasets, imputation_stats, audit_logs, audit_heads, idempotency_keys, outbox, tasks, jobs,
    datasets, api_keys, tenant_usage, tenants;
DROP FUNCTION iso(timestamptz);
