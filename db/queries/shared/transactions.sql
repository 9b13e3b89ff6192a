-- Transactions, the schema's own version, and counters.

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

-- name: schema_version
SELECT coalesce(max(version), 0) AS version FROM schema_migrations;

-- name: counter
SELECT value FROM counters WHERE name = $1;

-- name: set_counter
UPDATE counters SET value = $2 WHERE name = $1;

-- name: increase_counter
UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value;
