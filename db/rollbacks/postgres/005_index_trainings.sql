-- Takes back what 005_index_trainings.sql of the migrations did.
BEGIN;
DROP INDEX tasks_trainings;
DELETE FROM schema_migrations WHERE version = 5;
COMMIT;
