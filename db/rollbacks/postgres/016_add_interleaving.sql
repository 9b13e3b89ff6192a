-- Takes back what 016_add_interleaving.sql of the migrations did. Interleaved experiments become splits whose control
-- answered everything; which model placed what is lost.
BEGIN;
ALTER TABLE rankings DROP COLUMN placed;
ALTER TABLE experiments DROP COLUMN interleaving;
DELETE FROM schema_migrations WHERE version = 16;
COMMIT;
