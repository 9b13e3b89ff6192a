-- Takes back what 006_index_errors.sql of the migrations did.
BEGIN;
DROP INDEX tasks_with_error;
DELETE FROM schema_migrations WHERE version = 6;
COMMIT;
