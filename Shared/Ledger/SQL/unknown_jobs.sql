SELECT asked.id FROM unnest($1::uuid[]) AS asked (id)
WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = asked.id AND j.erased_at IS NULL)
