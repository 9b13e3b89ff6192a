-- Takes back what 020_keep_wishes.sql of the migrations did. What requests that still wait wished of their lists is lost; a
-- policy with wishes of more than 2,700 bytes has to be removed first, with its rankings.
BEGIN;
ALTER TABLE inferences DROP COLUMN wishes;
DROP INDEX policies_by_text;
ALTER TABLE policies ADD CONSTRAINT policies_name_parameters_deterministic_key UNIQUE (name, parameters, deterministic);
DELETE FROM schema_migrations WHERE version = 20;
COMMIT;
