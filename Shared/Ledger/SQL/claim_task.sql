SELECT outcome, state, epoch, attempt, remaining_ms, stage, idx, spec, trace, outbox
FROM claim_task($1::bigint, $2::text, $3::uuid, $4::boolean)
