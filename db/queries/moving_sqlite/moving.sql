-- Moving every table from a store to another. What both dialects have in common is one row for each table, its columns
-- in order of their names: name, columns, types, and the statements that read it in order of its key, write a row,
-- count and empty it. Of the counters only the versions are moved; the schema's own version is not.

-- name: tables_to_move
WITH moved AS (
  SELECT name, CASE name WHEN 'counters' THEN ' WHERE name IN (''catalog_version'', ''registry_version'')' ELSE '' END
           AS those
  FROM pragma_table_list
  WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'schema_migrations'),
shapes AS (
  SELECT name, those,
         (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_table_info(moved.name) ORDER BY name)) AS columns,
         (SELECT group_concat(printf('"%w"', name), ',')
          FROM (SELECT name FROM pragma_table_info(moved.name) ORDER BY name)) AS quoted,
         (SELECT group_concat(lower(type), ',')
          FROM (SELECT type FROM pragma_table_info(moved.name) ORDER BY name)) AS types,
         (SELECT group_concat('?', ',') FROM pragma_table_info(moved.name)) AS places,
         coalesce((SELECT group_concat(printf('"%w"', name), ',')
                   FROM (SELECT name FROM pragma_table_info(moved.name) WHERE pk > 0 ORDER BY pk)),
                  (SELECT group_concat(printf('"%w"', name), ',')
                   FROM (SELECT parts.name FROM pragma_index_list(moved.name) AS indexes
                         JOIN pragma_index_info(indexes.name) AS parts
                         WHERE indexes.origin = 'u' ORDER BY parts.seqno))) AS key
  FROM moved)
SELECT name, columns, types,
       printf('SELECT %s FROM "%w"%s ORDER BY %s', quoted, name, those, key) AS read,
       printf('INSERT INTO "%w" (%s) VALUES (%s)', name, quoted, places) AS write,
       printf('SELECT count(*) FROM "%w"%s', name, those) AS count,
       printf('DELETE FROM "%w"%s', name, those) AS empty
FROM shapes ORDER BY name;

-- name: is_used
SELECT EXISTS (SELECT 1 FROM counters WHERE name IN ('catalog_version', 'registry_version') AND value > 0)
    OR EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM tasks) OR EXISTS (SELECT 1 FROM domain_versions);

-- name: begin_reading
PRAGMA query_only = ON;
BEGIN;

-- The file is a new one that is thrown away when anything fails, so that nothing has to be taken back.
-- name: begin_writing
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
BEGIN IMMEDIATE;

-- name: end_writing
COMMIT;
