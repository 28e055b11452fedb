WITH taken AS (
    UPDATE outbox SET taken_until = clock_timestamp() + setting_ms('outbox_hold_ms', 5000)
    WHERE id IN (SELECT id FROM outbox WHERE published_at IS NULL AND (taken_until IS NULL OR taken_until <= clock_timestamp())
        ORDER BY id LIMIT $1::integer FOR UPDATE SKIP LOCKED)
    RETURNING id, exchange, routing_key, mandatory, body
)
SELECT id, exchange, routing_key, mandatory, body FROM taken ORDER BY id
