-- Takes back what 007_count_random_order.sql of the migrations did.
BEGIN;
DELETE FROM model_counts WHERE model_id = 0;
DELETE FROM schema_migrations WHERE version = 7;
COMMIT;
