UPDATE jobs SET collected_at = clock_timestamp() WHERE id = $1::uuid
