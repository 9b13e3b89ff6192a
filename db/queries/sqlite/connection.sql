-- What every connection says first, transactions, and the schema's own version.

-- name: use_log
PRAGMA journal_mode = WAL;

-- name: set_up_writer
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 0;
PRAGMA foreign_keys = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -{cache_kib};

-- name: set_up_reader
PRAGMA query_only = ON;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -{cache_kib};

-- name: begin_write
BEGIN IMMEDIATE;

-- name: begin_read
BEGIN;

-- name: commit
COMMIT;

-- name: roll_back
ROLLBACK;

-- name: open_savepoint
SAVEPOINT one_write;

-- name: undo_savepoint
ROLLBACK TO one_write;

-- name: close_savepoint
RELEASE one_write;

-- name: count_tables
SELECT count(*), count(*) FILTER (WHERE name = 'schema_migrations') FROM sqlite_schema WHERE type = 'table';

-- name: schema_version
SELECT coalesce(max(version), 0) FROM schema_migrations;

-- name: add_migration
INSERT INTO schema_migrations (version, name, applied) VALUES (?1, ?2, ?3);

-- name: counter
SELECT value FROM counters WHERE name = ?1;

-- name: set_counter
UPDATE counters SET value = ?2 WHERE name = ?1;

-- name: increase_counter
UPDATE counters SET value = value + 1 WHERE name = ?1;
