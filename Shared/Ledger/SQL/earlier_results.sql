-- What the stages before this claim's stage committed; nothing when the claim was not granted.
SELECT d.stage, d.result
FROM tasks t
JOIN stage_order s ON s.stage = t.stage
JOIN tasks d ON d.job_id = t.job_id AND d.state = 'done'
JOIN stage_order o ON o.stage = d.stage AND o.ordinal < s.ordinal
WHERE t.id = $1::bigint AND t.claim_token = $2::uuid AND t.state = 'running'
ORDER BY o.ordinal, d.idx
