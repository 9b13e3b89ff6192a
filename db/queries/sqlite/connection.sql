-- What every connection says first, and the schema's own table.

-- name: use_log
PRAGMA journal_mode = WAL;

-- name: set_up_writer
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 0;
PRAGMA foreign_keys = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA secure_delete = FAST;
PRAGMA cache_size = -{cache_kib};

-- What is erased is overwritten, also where whole pages become free, which costs writing these.
-- name: set_up_erasing
PRAGMA secure_delete = ON;

-- name: set_up_after_erasing
PRAGMA secure_delete = FAST;

-- name: set_up_reader
PRAGMA query_only = ON;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -{cache_kib};

-- name: begin_write
BEGIN IMMEDIATE;

-- name: begin_read
BEGIN;

-- name: count_tables
SELECT count(*) AS tables, count(*) FILTER (WHERE name = 'schema_migrations') AS migrations
FROM sqlite_schema WHERE type = 'table';

-- name: add_migration
INSERT INTO schema_migrations (version, name, applied) VALUES ($1, $2, $3);
