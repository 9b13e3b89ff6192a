-- Takes back what 022_keep_since.sql of the migrations did. Items are of no known age then.
BEGIN;
ALTER TABLE items DROP COLUMN since;
DELETE FROM schema_migrations WHERE version = 22;
COMMIT;
