-- Takes back what 015_keep_unknown_candidates.sql of the migrations did. Which candidates named nothing is lost.
BEGIN;
ALTER TABLE inferences DROP COLUMN unknown_candidates;
DELETE FROM schema_migrations WHERE version = 15;
COMMIT;
