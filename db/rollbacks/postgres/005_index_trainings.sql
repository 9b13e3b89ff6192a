-- Takes back what 004_index_trainings.sql of the migrations did.
BEGIN;
DROP INDEX tasks_trainings;
DELETE FROM schema_migrations WHERE version = 5;
COMMIT;
