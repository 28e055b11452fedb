DELETE FROM idempotency_keys WHERE tenant_id = $1::text AND key = $2::text AND state = 'in_flight'
