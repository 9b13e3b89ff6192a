-- Tasks of any kind: which kinds there are, src/domain/task.h says. result: what a job came to, as JSON.
-- one_at_a_time: 1 of a kind of which no second task is taken while one has not ended; trainings are of that kind
-- whatever stands there, for those of older versions have nothing there.
ALTER TABLE tasks DROP CONSTRAINT tasks_kind_check;
ALTER TABLE tasks ADD COLUMN result text;
ALTER TABLE tasks ADD COLUMN one_at_a_time smallint;
DROP INDEX tasks_one_training;
CREATE UNIQUE INDEX tasks_one_at_a_time ON tasks (kind) WHERE (kind = 1 OR one_at_a_time = 1) AND finished IS NULL;
DROP INDEX tasks_trainings;
CREATE INDEX tasks_jobs ON tasks (kind, id) WHERE kind > 0;
