-- Whoever committed these messages is gone: nobody else's hold counts.
WITH taken AS (
    UPDATE outbox SET taken_until = clock_timestamp() + setting_ms('outbox_hold_ms', 2000)
    WHERE id IN (SELECT id FROM outbox WHERE published_at IS NULL AND job_id = $1::uuid ORDER BY id LIMIT 256 FOR UPDATE SKIP LOCKED)
    RETURNING id, exchange, routing_key, mandatory, body
)
SELECT id, exchange, routing_key, mandatory, body FROM taken ORDER BY id
