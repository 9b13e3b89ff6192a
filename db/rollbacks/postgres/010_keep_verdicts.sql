-- Takes back what 010_keep_verdicts.sql of the migrations did.
BEGIN;
DROP TABLE training_verdicts;
DELETE FROM schema_migrations WHERE version = 10;
COMMIT;
