DROP INDEX tasks_unsettled;
ALTER TABLE tasks DROP COLUMN settled_at;
