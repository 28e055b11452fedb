-- What happened, beside what is: every move of every job and task, written by the transaction that made it.
CREATE SCHEMA IF NOT EXISTS torture;
CREATE TABLE IF NOT EXISTS torture.journal (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    job_id uuid NOT NULL,
    task_id bigint,
    from_state text,
    to_state text NOT NULL,
    from_epoch integer,
    to_epoch integer,
    worker text
);
CREATE INDEX IF NOT EXISTS journal_task ON torture.journal (task_id, sequence);
CREATE INDEX IF NOT EXISTS journal_worker ON torture.journal (worker) WHERE worker IS NOT NULL;

CREATE OR REPLACE FUNCTION torture.note_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture.journal (job_id, task_id, from_state, to_state, from_epoch, to_epoch, worker)
    VALUES (NEW.job_id, NEW.id, OLD.state, NEW.state, OLD.epoch, NEW.epoch, NEW.worker);
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION torture.note_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO torture.journal (job_id, from_state, to_state)
    VALUES (NEW.id, CASE TG_OP WHEN 'UPDATE' THEN OLD.state END, NEW.state);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER torture_task AFTER UPDATE OF state, epoch, result ON sanitizer.tasks FOR EACH ROW
    EXECUTE FUNCTION torture.note_task();
CREATE OR REPLACE TRIGGER torture_job_new AFTER INSERT ON sanitizer.jobs FOR EACH ROW EXECUTE FUNCTION torture.note_job();
CREATE OR REPLACE TRIGGER torture_job AFTER UPDATE OF state ON sanitizer.jobs FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION torture.note_job();
