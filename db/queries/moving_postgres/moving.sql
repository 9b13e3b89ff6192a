-- Moving every table from a store to another; see moving_sqlite/moving.sql. Leases and progress are of the processes
-- that run tasks: SQLite keeps them in memory, and a task that somebody ran is ready again.

-- name: tables_to_move
WITH moved AS (
  SELECT oid, relname,
         CASE relname WHEN 'counters' THEN $$ WHERE name IN ('catalog_version', 'registry_version')$$ ELSE '' END AS those
  FROM pg_class
  WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
    AND relname NOT IN ('schema_migrations', 'batches')),
shapes AS (
  SELECT moved.oid, string_agg(attname, ',' ORDER BY attname COLLATE "C") AS columns,
         string_agg(quote_ident(attname), ',' ORDER BY attname COLLATE "C") AS quoted,
         string_agg(typname, ',' ORDER BY attname COLLATE "C") AS types,
         string_agg(CASE WHEN relname = 'tasks' AND attname = 'state'
                      THEN '(CASE state WHEN 2 THEN 1 ELSE state END)::smallint' ELSE quote_ident(attname) END,
                    ',' ORDER BY attname COLLATE "C") AS read
  FROM moved
  JOIN pg_attribute ON attrelid = moved.oid AND attnum > 0 AND NOT attisdropped
  JOIN pg_type ON pg_type.oid = atttypid
  WHERE NOT (relname = 'tasks' AND attname IN ('lease_until', 'progress'))
  GROUP BY moved.oid),
keys AS (
  SELECT indrelid, string_agg(quote_ident(attname) || CASE typname WHEN 'text' THEN ' COLLATE "C"' ELSE '' END,
                              ',' ORDER BY part.place) AS key
  FROM pg_index
  CROSS JOIN LATERAL unnest(indkey) WITH ORDINALITY AS part (number, place)
  JOIN pg_attribute ON attrelid = indrelid AND attnum = part.number
  JOIN pg_type ON pg_type.oid = atttypid
  WHERE indisprimary OR (indisunique AND indpred IS NULL AND NOT EXISTS (
    SELECT 1 FROM pg_index AS other WHERE other.indrelid = pg_index.indrelid AND other.indisprimary))
  GROUP BY indrelid, indexrelid)
SELECT relname::text AS name, columns, types,
       format('COPY (SELECT %s FROM %I%s ORDER BY %s) TO STDOUT (FORMAT binary)', read, relname, those, key) AS read,
       format('COPY %I (%s) FROM STDIN (FORMAT binary)', relname, quoted) AS write,
       format('SELECT count(*) AS count FROM %I%s', relname, those) AS count,
       CASE those WHEN '' THEN format('TRUNCATE %I', relname) ELSE format('DELETE FROM %I%s', relname, those) END AS empty
FROM moved JOIN shapes USING (oid) JOIN keys ON indrelid = oid
ORDER BY relname COLLATE "C";

-- A session of a process that has just ended may still be there for a moment.
-- name: is_open_elsewhere
SELECT EXISTS (SELECT FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'rankloop' AND pid <> pg_backend_pid());

-- name: is_used
SELECT EXISTS (SELECT 1 FROM counters WHERE name IN ('catalog_version', 'registry_version') AND value > 0)
    OR EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM tasks) OR EXISTS (SELECT 1 FROM domain_versions) AS used;

-- name: begin_reading
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;

-- name: begin_writing
BEGIN;
SET LOCAL client_min_messages = 'warning';
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = '10s';
SET LOCAL idle_in_transaction_session_timeout = 0;

-- name: allow_emptying
ALTER TABLE model_history DISABLE TRIGGER USER;
ALTER TABLE experiment_history DISABLE TRIGGER USER;

-- name: forbid_emptying
ALTER TABLE model_history ENABLE TRIGGER USER;
ALTER TABLE experiment_history ENABLE TRIGGER USER;

-- What counts on from the rows that are there; positions do when the store is opened.
-- name: continue_numbers
UPDATE counters SET value = 0 WHERE name = 'catalog_writer';
SELECT setval(pg_get_serial_sequence('sources', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM sources;
SELECT setval(pg_get_serial_sequence('policies', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM policies;
SELECT setval(pg_get_serial_sequence('person_events', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL) FROM person_events;

-- name: end_writing
COMMIT;

-- The planner knows nothing of what has just come, and would go wrong until the server looks by itself.
-- name: gather_statistics
ANALYZE;
