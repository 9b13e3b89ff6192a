-- Users, inferences, rankings, exposures and feedback.

-- name: find_source
SELECT id FROM sources WHERE name = ?1;

-- name: add_source
INSERT INTO sources (name) VALUES (?1);

-- name: find_policy
SELECT id FROM policies WHERE name = ?1 AND parameters = ?2 AND deterministic = ?3;

-- name: add_policy
INSERT INTO policies (name, parameters, deterministic) VALUES (?1, ?2, ?3);

-- name: add_user
INSERT INTO users (created, domain_version, user_key, payload) VALUES (?1, ?2, ?3, ?4);

-- name: add_inference
INSERT INTO inferences (task_id, user_id, created, domain_version, source, candidates)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: add_ranking
INSERT INTO rankings (inference_id, model_id, policy, seed, catalog_version, domain_version, item_count, packed)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: add_shadow_ranking
INSERT INTO shadow_rankings (inference_id, model_id, policy, seed, catalog_version, domain_version, packed)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);

-- name: ranking_head
SELECT item_count, model_id FROM rankings WHERE inference_id = ?1;

-- name: ranking
SELECT r.model_id, p.name, p.parameters, p.deterministic, r.seed, r.catalog_version, r.domain_version, r.packed
FROM rankings r JOIN policies p ON p.id = r.policy
WHERE r.inference_id = ?1;

-- name: shadow_rankings
SELECT r.model_id, p.name, p.parameters, p.deterministic, r.seed, r.catalog_version, r.domain_version, r.packed
FROM shadow_rankings r JOIN policies p ON p.id = r.policy
WHERE r.inference_id = ?1
ORDER BY r.model_id;

-- name: add_exposure
INSERT INTO exposures (inference_id, first_rank, count, at, source) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: exposures
SELECT e.first_rank, e.count, e.at, s.name
FROM exposures e JOIN sources s ON s.id = e.source
WHERE e.inference_id = ?1
ORDER BY e.first_rank;

-- name: exposure_of_rank
SELECT e.first_rank, e.count, e.at, s.name
FROM exposures e JOIN sources s ON s.id = e.source
WHERE e.inference_id = ?1 AND e.first_rank <= ?2
ORDER BY e.first_rank DESC
LIMIT 1;

-- name: outcome_so_far
SELECT (SELECT count(*) FROM exposures WHERE inference_id = ?1 AND first_rank = 1),
       (SELECT model_id FROM rankings WHERE inference_id = ?1),
       count(*) FILTER (WHERE kind = 'pick'), count(*) FILTER (WHERE kind = 'none'),
       count(*) FILTER (WHERE kind = 'pick' AND item = ?2)
FROM feedback
WHERE inference_id = ?1 AND weight > 0;

-- name: add_feedback
INSERT INTO feedback (inference_id, n, item, rank, kind, value, weight, at)
SELECT ?1, coalesce(max(n), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7 FROM feedback WHERE inference_id = ?1;

-- name: feedback
SELECT item, rank, kind, value, weight, at FROM feedback WHERE inference_id = ?1 ORDER BY n;

-- name: inference_exists
SELECT 1 FROM inferences WHERE id = ?1;

-- name: inference_of_task
SELECT subject FROM tasks WHERE id = ?1 AND kind = 0;

-- name: inference
SELECT i.task_id, i.user_id, i.created, i.domain_version, t.state, t.error, t.attempt
FROM inferences i LEFT JOIN tasks t ON t.id = i.task_id
WHERE i.id = ?1;

-- name: user
SELECT id, created, user_key, payload, domain_version FROM users WHERE id = ?1;

-- name: users
SELECT id, created, user_key, payload, domain_version FROM users WHERE id > ?1 ORDER BY id LIMIT ?2;

-- name: last_ids
SELECT (SELECT coalesce(max(id), 0) FROM users), (SELECT coalesce(max(id), 0) FROM inferences);

-- name: imported_content
SELECT content FROM imported_requests WHERE key = ?1;

-- name: add_imported_key
INSERT INTO imported_requests (key, content, inference_id) VALUES (?1, ?2, ?3);
