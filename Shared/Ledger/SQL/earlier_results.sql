-- What the claimed task's stage reads of the stages before it; nothing when the claim was not granted. A chunk's task never
-- reads the results of other chunks, so a job of n chunks moves n results, not n * n.
SELECT d.stage, d.result
FROM tasks t
JOIN (VALUES ('scan', 'plan'), ('match', 'plan'), ('match', 'scan'), ('resolve', 'plan'), ('resolve', 'scan'), ('resolve', 'match'),
    ('clean', 'plan'), ('clean', 'resolve'), ('report', 'plan'), ('report', 'resolve'), ('report', 'clean')) n(stage, reads)
    ON n.stage = t.stage
JOIN tasks d ON d.job_id = t.job_id AND d.stage = n.reads AND d.state = 'done'
JOIN stage_order o ON o.stage = d.stage
WHERE t.id = $1::bigint AND t.claim_token = $2::uuid AND t.state = 'running'
ORDER BY o.ordinal, d.idx
