-- What is written of users, inferences, rankings, exposures and feedback.

-- name: add_user
INSERT INTO users (created, domain_version, user_key, payload) VALUES ($1, $2, $3, $4);

-- name: add_inference
INSERT INTO inferences (task_id, user_id, created, domain_version, source, candidates, candidate_fields,
                        unknown_candidates, wishes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: add_ranking
INSERT INTO rankings (inference_id, model_id, policy, seed, catalog_version, domain_version, item_count, packed, arm,
                      placed, known, known_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: add_shadow_ranking
INSERT INTO shadow_rankings (inference_id, model_id, policy, seed, catalog_version, domain_version, packed)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- A list that two models made counts for neither.
-- name: ranking_head
SELECT item_count, CASE WHEN placed IS NULL THEN model_id ELSE -1 END AS model_id FROM rankings WHERE inference_id = $1;

-- name: add_exposure
INSERT INTO exposures (inference_id, first_rank, count, at, source, position) VALUES ($1, $2, $3, $4, $5, $6);

-- name: exposures
SELECT e.first_rank, e.count, e.at, s.name AS source
FROM exposures e JOIN sources s ON s.id = e.source
WHERE e.inference_id = $1
ORDER BY e.first_rank;

-- name: exposure_of_rank
SELECT e.first_rank, e.count, e.at, s.name AS source
FROM exposures e JOIN sources s ON s.id = e.source
WHERE e.inference_id = $1 AND e.first_rank <= $2
ORDER BY e.first_rank DESC
LIMIT 1;

-- name: outcome_so_far
SELECT (SELECT count(*) FROM exposures WHERE inference_id = $1 AND first_rank = 1) AS seen,
       (SELECT CASE WHEN placed IS NULL THEN model_id ELSE -1 END FROM rankings WHERE inference_id = $1) AS model_id,
       count(*) FILTER (WHERE kind = 'pick') AS picks, count(*) FILTER (WHERE kind = 'none') AS nones,
       count(*) FILTER (WHERE kind = 'pick' AND item = $2) AS picks_of_item
FROM feedback
WHERE inference_id = $1 AND evidence = 1;

-- name: add_feedback
INSERT INTO feedback (inference_id, n, item, rank, kind, value, people, weight, evidence, at, event_id, position)
SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM feedback WHERE inference_id = $1;

-- name: event_is_known
SELECT 1 AS known WHERE EXISTS (SELECT 1 FROM feedback WHERE event_id = $1)
  OR EXISTS (SELECT 1 FROM person_events WHERE event_id = $1);

-- name: add_person_event
INSERT INTO person_events (user_key, item, kind, value, at, received, event_id, position, catalog_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT value FROM counters WHERE name = 'catalog_version'));

-- name: inference_exists
SELECT id FROM inferences WHERE id = $1;

-- name: last_ids
SELECT (SELECT coalesce(max(id), 0) FROM users) AS users,
       (SELECT coalesce(max(id), 0) FROM inferences) AS inferences;

-- name: imported_content
SELECT content FROM imported_requests WHERE key = $1;

-- name: add_imported_key
INSERT INTO imported_requests (key, content, inference_id) VALUES ($1, $2, $3);
