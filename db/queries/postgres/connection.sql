-- What every connection says first, transactions, the schema's own version, counters and hints.

-- Plans are made once for a connection, perhaps while a table is small: they must hold when it is large, so every
-- statement goes by an index where there is one.
-- name: set_up
SET client_encoding = 'UTF8';
SET client_min_messages = 'warning';
SET statement_timeout = '30s';
SET lock_timeout = '10s';
SET jit = off;
SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off;
SET idle_in_transaction_session_timeout = '120s';

-- Every write is about a few rows, found by their ids. Joined any other way than row by row, a whole index would be
-- read for them, and while a table is small that looks cheap.
-- name: set_up_writes
SELECT set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false);

-- name: set_up_migration
SET LOCAL statement_timeout = '10min';
SET LOCAL lock_timeout = '10min';
SELECT pg_advisory_xact_lock(hashtext('rankloop migrations'));

-- name: begin_write
BEGIN;

-- name: begin_read
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

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

-- name: add_batch
INSERT INTO batches (writer, number, at) VALUES ($1, $2, store_now());

-- No row: it is there already, committed. Waits for a transaction that would add it and has not ended yet.
-- name: claim_batch
INSERT INTO batches (writer, number, at) VALUES ($1, $2, store_now()) ON CONFLICT DO NOTHING;

-- Long after anybody can have lost the answer to their commit. The few that are left are read whole.
-- name: forget_batches
DELETE FROM batches WHERE at < (SELECT store_now()) - 600000;

-- name: count_tables
SELECT count(*), count(*) FILTER (WHERE tablename = 'schema_migrations')
FROM pg_tables WHERE schemaname = current_schema();

-- name: schema_version
SELECT coalesce(max(version), 0) FROM schema_migrations;

-- name: add_migration
INSERT INTO schema_migrations (version, name, applied) VALUES ($1, $2, store_now());

-- name: try_hold
SELECT pg_try_advisory_lock(hashtext('rankloop ' || $1::text));

-- name: answers
SELECT true;

-- name: database_bytes
SELECT pg_database_size(current_database());

-- name: counter
SELECT value FROM counters WHERE name = $1;

-- name: lock_counter
SELECT value FROM counters WHERE name = $1 FOR UPDATE;

-- name: set_counter
UPDATE counters SET value = $2 WHERE name = $1;

-- name: increase_counter
UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value;

-- Requests are numbered without a gap by whoever holds this until the commit. A statement of its own: what comes after
-- it sees the rows of the one who held it before.
-- name: lock_numbers
SELECT pg_advisory_xact_lock(hashtext('rankloop requests'));

-- Of the last inference and the last user, which are made together.
-- name: last_number
SELECT greatest((SELECT max(id) FROM inferences), (SELECT max(id) FROM users), 0);

-- name: versions
SELECT greatest((SELECT max(id) FROM inferences), (SELECT max(id) FROM users), 0),
       (SELECT value FROM counters WHERE name = 'catalog_version'),
       (SELECT value FROM counters WHERE name = 'registry_version');

-- name: listen
LISTEN rankloop;

-- name: notify
SELECT pg_notify('rankloop', $1);

-- name: fetch_stream
FETCH 500 FROM stream;

-- name: close_stream
CLOSE stream;
