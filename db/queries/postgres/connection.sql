-- What every connection says first, batches, the schema's own table, and hints. What nobody reads is called `unread`.

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
SET enable_bitmapscan = off;
SET idle_in_transaction_session_timeout = '120s';
SET tcp_user_timeout = '5s';
SET tcp_keepalives_idle = 5;
SET tcp_keepalives_interval = 2;
SET tcp_keepalives_count = 3;

-- Every write is about a few rows, found by their ids. Joined any other way than row by row, a whole index would be
-- read for them, and while a table is small that looks cheap.
-- name: set_up_writes
SELECT set_config('enable_hashjoin', 'off', false) AS unread, set_config('enable_mergejoin', 'off', false) AS unread;

-- Of the connection that writes. While its process stands still in the midst of a batch, everyone else waits for the locks
-- of that batch; $1: for so many milliseconds. The lock, which all writers share, tells them from other sessions.
-- name: mark_writer
SELECT set_config('idle_in_transaction_session_timeout', $1::bigint::text, false) AS unread,
       pg_advisory_lock_shared(hashtext('rankloop writers')) AS unread;

-- To the server a statement that is still on its way is time in which nothing happens. Until the end of the transaction.
-- name: wait_for_long_statement
SELECT set_config('idle_in_transaction_session_timeout', '60s', true) AS unread;

-- Of a writer that is halted, or cut off, when it has sent a part of a statement, no timeout of the server ends the session.
-- Those go that keep somebody waiting and have waited for their own process for so many milliseconds.
-- name: end_halted_writers
SELECT pg_terminate_backend(halted.pid) AS unread
FROM pg_stat_activity halted
WHERE halted.datname = current_database() AND halted.xact_start IS NOT NULL AND halted.wait_event_type = 'Client'
  AND halted.state_change < clock_timestamp() - $1::bigint * interval '1 millisecond'
  AND EXISTS (SELECT FROM pg_locks mark
              WHERE mark.pid = halted.pid AND mark.locktype = 'advisory' AND mark.mode = 'ShareLock' AND mark.objsubid = 1
                AND mark.objid = (hashtext('rankloop writers')::bigint & 4294967295)::oid)
  AND EXISTS (SELECT FROM pg_stat_activity waiting
              WHERE waiting.datname = current_database() AND waiting.wait_event_type = 'Lock'
                AND halted.pid = ANY (pg_blocking_pids(waiting.pid)));

-- The server ends the session when nothing was asked for so many milliseconds; 0: never. Before PostgreSQL 14 it cannot.
-- name: end_session_after
SELECT set_config(name, $1::bigint::text, false) AS unread FROM pg_settings WHERE name = 'idle_session_timeout';

-- name: process
SELECT pg_backend_pid() AS number;

-- name: set_up_migration
SET LOCAL statement_timeout = '10min';
SET LOCAL lock_timeout = '10min';
SELECT pg_advisory_xact_lock(hashtext('rankloop migrations'));

-- name: begin_write
BEGIN;

-- name: begin_read
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: add_batch
INSERT INTO batches (writer, number, at) VALUES ($1, $2, store_now());

-- No row: it is there already, committed. Waits for a transaction that would add it and has not ended yet.
-- name: claim_batch
INSERT INTO batches (writer, number, at) VALUES ($1, $2, store_now()) ON CONFLICT DO NOTHING;

-- Long after anybody can have lost the answer to their commit; some at a time.
-- name: forget_batches
DELETE FROM batches WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM batches WHERE at < (SELECT store_now()) - 600000 LIMIT $1));

-- name: count_tables
SELECT count(*) AS tables, count(*) FILTER (WHERE tablename = 'schema_migrations') AS migrations
FROM pg_tables WHERE schemaname = current_schema();

-- name: add_migration
INSERT INTO schema_migrations (version, name, applied) VALUES ($1, $2, store_now());

-- name: try_lock
SELECT pg_try_advisory_lock(hashtext('rankloop ' || $1::text)) AS held;

-- name: answers
SELECT true AS answers;

-- name: database_bytes
SELECT pg_database_size(current_database()) AS bytes;

-- Requests are numbered without a gap by whoever holds this until the commit. A statement of its own: what comes after
-- it sees the rows of the one who held it before.
-- name: lock_numbers
SELECT pg_advisory_xact_lock(hashtext('rankloop requests')) AS unread;

-- Of the last inference and the last user, which are made together.
-- name: last_number
SELECT greatest((SELECT max(id) FROM inferences), (SELECT max(id) FROM users), 0) AS number;

-- name: versions
SELECT greatest((SELECT max(id) FROM inferences), (SELECT max(id) FROM users), 0) AS number,
       (SELECT value FROM counters WHERE name = 'catalog_version') AS catalog_version,
       (SELECT value FROM counters WHERE name = 'registry_version') AS registry_version;

-- name: listen
LISTEN rankloop;

-- name: notify
SELECT pg_notify('rankloop', $1) AS unread;

-- name: fetch_stream
FETCH 500 FROM stream;

-- name: close_stream
CLOSE stream;
