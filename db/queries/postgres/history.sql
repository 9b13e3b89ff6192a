-- What happened, and how its positions are given.

-- Whoever holds this until the commit alone gives positions, so the order of positions is that of commits, and who has read
-- up to one has missed nothing before it. A statement of its own, as lock_numbers is.
-- name: lock_history
SELECT pg_advisory_xact_lock(hashtext('rankloop history')) AS unread;

-- The last one that was given, in a transaction that has the lock: no later one is as small, whatever becomes of it.
-- name: given_position
SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS position FROM history_positions;

-- So many at once; answers the last one.
-- name: take_positions
SELECT setval('history_positions', nextval('history_positions') + $1::bigint - 1) AS position;

-- After rows came from another store.
-- name: continue_positions
SELECT setval('history_positions', $1) AS unread FROM history_positions WHERE $1 > 0 AND last_value <= $1;

-- Of a transaction that looks at the whole ledger, as migrations do.
-- name: prepare_to_read_all
SELECT set_config('statement_timeout', '2h', true) AS unread, set_config('lock_timeout', '2h', true) AS unread,
       set_config('enable_seqscan', 'on', true) AS unread;

-- What happened before there were positions gets those after $1, as it happened; of the same moment what was shown comes
-- first.
-- name: position_what_has_none
WITH waiting AS (
  SELECT 0 AS place, inference_id AS id, first_rank AS n, at FROM exposures WHERE position IS NULL
  UNION ALL
  SELECT 1, inference_id, n, at FROM feedback WHERE position IS NULL
  UNION ALL
  SELECT 2, id, 0, at FROM person_events WHERE position IS NULL),
numbered AS MATERIALIZED (
  SELECT place, id, n, $1::bigint + row_number() OVER (ORDER BY at, place, id, n) AS position FROM waiting),
shown AS (
  UPDATE exposures SET position = numbered.position FROM numbered
  WHERE numbered.place = 0 AND exposures.inference_id = numbered.id AND exposures.first_rank = numbered.n),
told AS (
  UPDATE feedback SET position = numbered.position FROM numbered
  WHERE numbered.place = 1 AND feedback.inference_id = numbered.id AND feedback.n = numbered.n)
UPDATE person_events SET position = numbered.position FROM numbered
WHERE numbered.place = 2 AND person_events.id = numbered.id;

-- Those after $1, with what their requests say where $2 is 1: three walks side by side, each along its index of positions,
-- however long they are. What a row tells of other tables it looks up by itself, since a join might be planned as a sort of
-- all. So would walks be of which not all columns have the same types, and walks with conditions of their own.
-- name: happenings
SELECT *
FROM (SELECT e.position, e.at, e.first_rank, e.count, NULL::text AS kind, NULL::bigint AS item,
             NULL::double precision AS value, NULL::double precision AS people,
             (SELECT u.user_key FROM inferences i JOIN users u ON u.id = i.user_id WHERE i.id = e.inference_id) AS user_key,
             (SELECT r.catalog_version FROM rankings r WHERE r.inference_id = e.inference_id) AS catalog_version,
             (SELECT r.packed FROM rankings r WHERE r.inference_id = e.inference_id) AS packed,
             CASE WHEN $2 = 1
               THEN (SELECT u.payload FROM inferences i JOIN users u ON u.id = i.user_id WHERE i.id = e.inference_id) END AS payload
      FROM exposures e
      UNION ALL
      SELECT f.position, f.at, NULL::integer, NULL::integer, f.kind, f.item, f.value, f.people,
             (SELECT u.user_key FROM inferences i JOIN users u ON u.id = i.user_id WHERE i.id = f.inference_id),
             (SELECT r.catalog_version FROM rankings r WHERE r.inference_id = f.inference_id), NULL::bytea,
             CASE WHEN $2 = 1
               THEN (SELECT u.payload FROM inferences i JOIN users u ON u.id = i.user_id WHERE i.id = f.inference_id) END
      FROM feedback f
      UNION ALL
      SELECT p.position, p.at, NULL::integer, NULL::integer, p.kind, p.item, p.value, 1::double precision, p.user_key,
             p.catalog_version, NULL::bytea, NULL::text
      FROM person_events p) AS happened
WHERE position > $1
ORDER BY position;
