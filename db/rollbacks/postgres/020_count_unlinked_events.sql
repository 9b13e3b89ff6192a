-- Takes back what 020_count_unlinked_events.sql of the migrations did.
BEGIN;
ALTER TABLE erasures DROP COLUMN unlinked_events;
DELETE FROM schema_migrations WHERE version = 20;
COMMIT;
