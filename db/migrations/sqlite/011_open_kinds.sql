-- Tasks of any kind: which kinds there are, src/domain/task.h says. result: what a job came to, as JSON.
-- one_at_a_time: 1 of a kind of which no second task is taken while one has not ended; trainings are of that kind
-- whatever stands there, for those of older versions have nothing there.
ALTER TABLE tasks ADD COLUMN result TEXT;
ALTER TABLE tasks ADD COLUMN one_at_a_time INTEGER;
DROP INDEX tasks_one_training;
CREATE UNIQUE INDEX tasks_one_at_a_time ON tasks (kind) WHERE (kind = 1 OR one_at_a_time = 1) AND state < 3;
DROP INDEX tasks_trainings;
CREATE INDEX tasks_jobs ON tasks (kind, id) WHERE kind > 0;

-- Takes the CHECK of kinds away as SQLite's manual of ALTER TABLE says for what changes no row: a copy of the table
-- would take minutes and twice the room where there are millions of tasks.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'kind      INTEGER NOT NULL CHECK (kind IN (0, 1))', 'kind      INTEGER NOT NULL')
WHERE type = 'table' AND name = 'tasks';
PRAGMA writable_schema = RESET;
