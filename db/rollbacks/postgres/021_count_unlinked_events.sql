-- Takes back what 021_count_unlinked_events.sql of the migrations did.
BEGIN;
ALTER TABLE erasures DROP COLUMN unlinked_events;
DELETE FROM schema_migrations WHERE version = 21;
COMMIT;
