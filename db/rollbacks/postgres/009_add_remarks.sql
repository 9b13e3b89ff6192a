-- Takes back what 009_add_remarks.sql of the migrations did.
BEGIN;
ALTER TABLE model_history DROP COLUMN remark;
DELETE FROM schema_migrations WHERE version = 9;
COMMIT;
