SELECT 'job', state, NULL, count(*) FROM jobs WHERE finished_at IS NULL GROUP BY state
UNION ALL SELECT 'job', 'success', NULL, coalesce(sum(jobs_success), 0)::bigint FROM tenant_usage
UNION ALL SELECT 'job', 'failed', NULL, coalesce(sum(jobs_failed), 0)::bigint FROM tenant_usage
UNION ALL SELECT 'job', 'cancelled', NULL, coalesce(sum(jobs_cancelled), 0)::bigint FROM tenant_usage
UNION ALL SELECT 'fenced', NULL, NULL, coalesce(sum(fenced_attempts), 0)::bigint FROM tenant_usage
UNION ALL SELECT 'task', t.stage, t.state, count(*) FROM jobs j JOIN tasks t ON t.job_id = j.id WHERE j.finished_at IS NULL
    GROUP BY t.stage, t.state
UNION ALL SELECT 'outbox', NULL, NULL, count(*) FROM outbox WHERE published_at IS NULL
UNION ALL SELECT 'outbox_age', NULL, NULL, coalesce(max((extract(epoch FROM clock_timestamp() - created_at) * 1000)::bigint), 0)
    FROM outbox WHERE published_at IS NULL
