SELECT DISTINCT tenant_id FROM jobs WHERE state = 'pending' AND finished_at IS NULL ORDER BY tenant_id LIMIT 1000
