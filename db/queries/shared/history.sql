-- Positions of what happened, and what happened to one person.

-- The greatest; 0: nothing has one.
-- name: last_position
SELECT coalesce(max(position), 0) AS position
FROM (SELECT max(position) AS position FROM exposures WHERE position IS NOT NULL
      UNION ALL
      SELECT max(position) FROM feedback WHERE position IS NOT NULL
      UNION ALL
      SELECT max(position) FROM person_events WHERE position IS NOT NULL) AS greatest_of_each;

-- What happened to one person, with what the requests say where $2 is 1. The user and the inference of a request have one
-- number.
-- name: happenings_of
SELECT e.position, e.at, e.first_rank, e.count, CAST(NULL AS text) AS kind, CAST(NULL AS bigint) AS item,
       CAST(NULL AS double precision) AS value, CAST(NULL AS double precision) AS people, u.user_key,
       (SELECT r.catalog_version FROM rankings r WHERE r.inference_id = e.inference_id) AS catalog_version,
       (SELECT r.packed FROM rankings r WHERE r.inference_id = e.inference_id) AS packed,
       CASE WHEN $2 = 1 THEN u.payload END AS payload
FROM users u
CROSS JOIN exposures e
WHERE u.user_key = $1 AND e.inference_id = u.id AND e.position IS NOT NULL
UNION ALL
SELECT f.position, f.at, NULL, NULL, f.kind, f.item, f.value, f.people, u.user_key,
       (SELECT r.catalog_version FROM rankings r WHERE r.inference_id = f.inference_id),
       NULL, CASE WHEN $2 = 1 THEN u.payload END
FROM users u
CROSS JOIN feedback f
WHERE u.user_key = $1 AND f.inference_id = u.id AND f.position IS NOT NULL
UNION ALL
SELECT p.position, p.at, NULL, NULL, p.kind, p.item, p.value, CAST(1 AS double precision), p.user_key, p.catalog_version,
       NULL, NULL
FROM person_events p
WHERE p.user_key = $1 AND p.position IS NOT NULL
ORDER BY position;

-- Whether there is anything without a position.
-- name: any_unpositioned
SELECT EXISTS (SELECT 1 FROM exposures WHERE position IS NULL) OR EXISTS (SELECT 1 FROM feedback WHERE position IS NULL)
    OR EXISTS (SELECT 1 FROM person_events WHERE position IS NULL) AS is_there;
