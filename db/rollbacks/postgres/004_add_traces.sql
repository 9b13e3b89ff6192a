-- Takes back what 004_add_traces.sql of the migrations did.
BEGIN;
ALTER TABLE tasks DROP COLUMN trace;
DELETE FROM schema_migrations WHERE version = 4;
COMMIT;
