-- Takes back what 012_add_item_keys.sql of the migrations did. Without their keys nobody can name the items of a domain
-- whose ids are texts.
BEGIN;
DROP TABLE item_keys;
DELETE FROM schema_migrations WHERE version = 12;
COMMIT;
