-- Takes back what 008_name_imported_requests.sql of the migrations did.
BEGIN;
DROP TABLE imported_requests;
DELETE FROM schema_migrations WHERE version = 8;
COMMIT;
