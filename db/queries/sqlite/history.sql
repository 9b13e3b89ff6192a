-- What happened, and its positions.

-- Without a position, as it happened; of the same moment what was shown comes first. The place says of which table it is.
-- name: unpositioned
SELECT 0 AS place, inference_id AS id, first_rank AS n, at FROM exposures WHERE position IS NULL
UNION ALL
SELECT 1, inference_id, n, at FROM feedback WHERE position IS NULL
UNION ALL
SELECT 2, id, 0, at FROM person_events WHERE position IS NULL
ORDER BY at, place, id, n;

-- name: position_exposure
UPDATE exposures SET position = $3 WHERE inference_id = $1 AND first_rank = $2;

-- name: position_feedback
UPDATE feedback SET position = $3 WHERE inference_id = $1 AND n = $2;

-- name: position_person_event
UPDATE person_events SET position = $2 WHERE id = $1;

-- Those after $1, with what their requests say where $2 is 1: three walks side by side, each along its index of positions,
-- however long they are. What a row tells of other tables it looks up by itself.
-- name: happenings
SELECT e.position, e.at, e.first_rank, e.count, NULL AS kind, NULL AS item, NULL AS value, NULL AS people,
       (SELECT u.user_key FROM inferences i JOIN users u ON u.id = i.user_id WHERE i.id = e.inference_id) AS user_key,
       (SELECT r.catalog_version FROM rankings r WHERE r.inference_id = e.inference_id) AS catalog_version,
       (SELECT r.packed FROM rankings r WHERE r.inference_id = e.inference_id) AS packed,
       CASE WHEN $2 = 1
         THEN (SELECT u.payload FROM inferences i JOIN users u ON u.id = i.user_id WHERE i.id = e.inference_id) END AS payload
FROM exposures e
WHERE e.position > $1
UNION ALL
SELECT f.position, f.at, NULL, NULL, f.kind, f.item, f.value, f.people,
       (SELECT u.user_key FROM inferences i JOIN users u ON u.id = i.user_id WHERE i.id = f.inference_id),
       (SELECT r.catalog_version FROM rankings r WHERE r.inference_id = f.inference_id), NULL,
       CASE WHEN $2 = 1
         THEN (SELECT u.payload FROM inferences i JOIN users u ON u.id = i.user_id WHERE i.id = f.inference_id) END
FROM feedback f
WHERE f.position > $1
UNION ALL
SELECT p.position, p.at, NULL, NULL, p.kind, p.item, p.value, 1.0, p.user_key, p.catalog_version, NULL, NULL
FROM person_events p
WHERE p.position > $1
ORDER BY position;
