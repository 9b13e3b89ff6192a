-- Copying a whole file and looking at the copy.

-- The snapshot begins with the first read.
-- name: begin_snapshot
BEGIN;
SELECT count(*) FROM sqlite_schema;

-- name: end_snapshot
COMMIT;

-- Whatever is lost with the copy is made again, and it is flushed once, as a whole.
-- name: set_up_copy
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;

-- A file that needs no log beside it, wherever it is read.
-- name: leave_log
PRAGMA journal_mode = DELETE;

-- name: set_up_check
PRAGMA cache_size = -16384;

-- name: check
PRAGMA integrity_check(1);

-- name: tables
SELECT name, printf('SELECT count(*) FROM "%w"', name) AS count
FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name;

-- name: fold_log
PRAGMA wal_checkpoint(TRUNCATE);
