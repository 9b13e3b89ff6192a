-- Takes back what 013_keep_candidate_fields.sql of the migrations did. What requests said of their candidates is lost; a model
-- that is trained afterwards sees the items' own values.
BEGIN;
ALTER TABLE inferences DROP COLUMN candidate_fields;
DELETE FROM schema_migrations WHERE version = 13;
COMMIT;
