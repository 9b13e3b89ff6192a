-- Takes back what 019_add_positions.sql of the migrations did. The order of what happened is lost, and what rankings knew
-- of it.
BEGIN;
ALTER TABLE exposures DROP COLUMN position;
ALTER TABLE feedback DROP COLUMN position;
ALTER TABLE person_events DROP COLUMN position;
ALTER TABLE person_events DROP COLUMN catalog_version;
DROP SEQUENCE history_positions;
ALTER TABLE rankings DROP COLUMN known;
ALTER TABLE rankings DROP COLUMN known_hash;
DELETE FROM schema_migrations WHERE version = 19;
COMMIT;
