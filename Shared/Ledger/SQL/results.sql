SELECT t.stage, t.result FROM tasks t
WHERE t.job_id = $1::uuid AND t.state = 'done' AND t.stage = ANY ($2::text[]) ORDER BY t.stage, t.idx
