-- Takes back what 014_add_experiments.sql of the migrations did. Experiments are lost, and which arm answered whom;
-- shares of models stay and are drawn anew.
BEGIN;
ALTER TABLE models DROP COLUMN ranges;
DROP INDEX rankings_by_arm;
ALTER TABLE rankings DROP COLUMN arm;
DROP TABLE experiment_history;
DROP FUNCTION refuse_change_of_experiments;
DROP TABLE experiment_arms;
DROP TABLE experiments;
DELETE FROM schema_migrations WHERE version = 14;
COMMIT;
