-- Streams and counts for learning. CROSS JOIN keeps SQLite to the order of the exposures.

-- A request comes once for each of its feedbacks, or once without any.
-- name: shown_requests
SELECT e.inference_id, i.task_id, i.user_id, u.user_key, i.created, i.domain_version, u.payload,
       i.candidates, i.candidate_fields, s.name AS source,
       (SELECT max(first_rank + count - 1) FROM exposures WHERE inference_id = e.inference_id) AS shown,
       r.model_id, p.name AS policy, p.parameters, p.deterministic, r.seed, r.catalog_version,
       r.domain_version AS ranked_domain_version, r.packed, r.known, r.known_hash, e.position,
       f.n, f.item, f.rank, f.kind, f.value, f.people, f.weight, f.evidence, f.at
FROM exposures e
CROSS JOIN inferences i
CROSS JOIN users u
CROSS JOIN sources s
CROSS JOIN rankings r
CROSS JOIN policies p
LEFT JOIN feedback f ON f.inference_id = e.inference_id
WHERE e.inference_id > $1 AND e.first_rank = 1 AND i.id = e.inference_id AND u.id = i.user_id AND s.id = i.source
  AND r.inference_id = e.inference_id AND p.id = r.policy
ORDER BY e.inference_id, f.n;

-- name: outcome_counts
SELECT (SELECT count(*) FROM (SELECT 1 FROM exposures WHERE inference_id > $1 AND first_rank = 1
                              ORDER BY inference_id LIMIT $2) AS seen) AS shown,
       (SELECT count(*) FROM (SELECT DISTINCT inference_id FROM feedback
                              WHERE inference_id > $1 AND evidence = 1
                              ORDER BY inference_id LIMIT $2) AS outcomes) AS with_outcome;

-- name: nth_newest_outcome
SELECT DISTINCT inference_id FROM feedback
WHERE evidence = 1
ORDER BY inference_id DESC
LIMIT 1 OFFSET $1 - 1;

-- name: model_counts
SELECT model_id, shown, picked, none, value FROM model_counts ORDER BY model_id;
