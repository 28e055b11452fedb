-- When an operator dealt with a task that was set aside.
ALTER TABLE tasks ADD COLUMN settled_at timestamptz CHECK (settled_at IS NULL OR state = 'quarantined');
CREATE INDEX tasks_unsettled ON tasks (id) WHERE state = 'quarantined' AND settled_at IS NULL;
