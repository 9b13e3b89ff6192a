-- Streams and counts for learning. CROSS JOIN keeps SQLite to the order of the exposures.

-- name: shown_requests
SELECT e.inference_id, i.task_id, i.user_id, u.user_key, i.created, i.domain_version, u.payload, s.name,
       (SELECT max(first_rank + count - 1) FROM exposures WHERE inference_id = e.inference_id),
       r.model_id, p.name, p.parameters, p.deterministic, r.seed, r.catalog_version, r.domain_version, r.packed
FROM exposures e
CROSS JOIN inferences i ON i.id = e.inference_id
CROSS JOIN users u ON u.id = i.user_id
CROSS JOIN sources s ON s.id = i.source
CROSS JOIN rankings r ON r.inference_id = e.inference_id
CROSS JOIN policies p ON p.id = r.policy
WHERE e.inference_id > ?1 AND e.first_rank = 1
ORDER BY e.inference_id;

-- name: feedback_after
SELECT inference_id, item, rank, kind, value, weight, at FROM feedback
WHERE inference_id > ?1
ORDER BY inference_id, n;

-- name: outcome_counts
SELECT (SELECT count(*) FROM (SELECT 1 FROM exposures WHERE inference_id > ?1 AND first_rank = 1
                              ORDER BY inference_id LIMIT ?2)),
       (SELECT count(*) FROM (SELECT DISTINCT inference_id FROM feedback
                              WHERE inference_id > ?1 AND kind IN ('pick', 'none') AND weight > 0
                              ORDER BY inference_id LIMIT ?2));

-- name: nth_newest_outcome
SELECT DISTINCT inference_id FROM feedback
WHERE kind IN ('pick', 'none') AND weight > 0
ORDER BY inference_id DESC
LIMIT 1 OFFSET ?1 - 1;
