-- Takes back what 003_add_replies.sql of the migrations did.
BEGIN;
DROP TABLE replies;
ALTER TABLE tasks DROP COLUMN expires;
DELETE FROM schema_migrations WHERE version = 3;
COMMIT;
