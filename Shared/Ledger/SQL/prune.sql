-- Published messages and forgotten keys, a few at a time.
WITH messages AS (
    DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE published_at < clock_timestamp() - interval '1 hour'
        ORDER BY published_at LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1
), keys AS (
    DELETE FROM idempotency_keys WHERE (tenant_id, key) IN (SELECT tenant_id, key FROM idempotency_keys
        WHERE expires_at < clock_timestamp() ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1
)
SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM keys)
