-- Takes back what 002_add_learning.sql of the migrations did; models and their history stay.
BEGIN;
DROP TABLE model_counts;
DROP TABLE shadow_rankings;
ALTER TABLE model_history DROP COLUMN detail;
ALTER TABLE models DROP COLUMN shadow, DROP COLUMN verdict, DROP COLUMN detail;
DELETE FROM schema_migrations WHERE version = 2;
COMMIT;
