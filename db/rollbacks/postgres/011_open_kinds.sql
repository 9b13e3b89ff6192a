-- Takes back what 011_open_kinds.sql of the migrations did. Tasks of kinds that came later go.
BEGIN;
DELETE FROM replies WHERE task_id IN (SELECT id FROM tasks WHERE kind > 1);
DELETE FROM tasks WHERE kind > 1;
DROP INDEX tasks_jobs;
CREATE INDEX tasks_trainings ON tasks (id) WHERE kind = 1;
DROP INDEX tasks_one_at_a_time;
CREATE UNIQUE INDEX tasks_one_training ON tasks (kind) WHERE kind = 1 AND finished IS NULL;
ALTER TABLE tasks DROP COLUMN one_at_a_time;
ALTER TABLE tasks DROP COLUMN result;
ALTER TABLE tasks ADD CHECK (kind IN (0, 1));
DELETE FROM schema_migrations WHERE version = 11;
COMMIT;
