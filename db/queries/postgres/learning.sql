-- Streams and counts for learning.

-- A request comes once for each of its feedbacks, or once without any.
-- name: shown_requests
DECLARE stream NO SCROLL CURSOR FOR
SELECT e.inference_id, i.task_id, i.user_id, u.user_key, i.created, i.domain_version, u.payload, s.name,
       (SELECT max(first_rank + count - 1) FROM exposures WHERE inference_id = e.inference_id),
       r.model_id, p.name, p.parameters, p.deterministic, r.seed, r.catalog_version, r.domain_version, r.packed,
       f.n, f.item, f.rank, f.kind, f.value, f.weight, f.at
FROM exposures e
JOIN inferences i ON i.id = e.inference_id
JOIN users u ON u.id = i.user_id
JOIN sources s ON s.id = i.source
JOIN rankings r ON r.inference_id = e.inference_id
JOIN policies p ON p.id = r.policy
LEFT JOIN feedback f ON f.inference_id = e.inference_id
WHERE e.inference_id > $1 AND e.first_rank = 1
ORDER BY e.inference_id, f.n;

-- name: outcome_counts
SELECT (SELECT count(*) FROM (SELECT 1 FROM exposures WHERE inference_id > $1 AND first_rank = 1
                              ORDER BY inference_id LIMIT $2::bigint) AS shown),
       (SELECT count(*) FROM (SELECT DISTINCT inference_id FROM feedback
                              WHERE inference_id > $1 AND kind IN ('pick', 'none') AND weight > 0
                              ORDER BY inference_id LIMIT $2::bigint) AS outcomes);

-- name: nth_newest_outcome
SELECT DISTINCT inference_id FROM feedback
WHERE kind IN ('pick', 'none') AND weight > 0
ORDER BY inference_id DESC
LIMIT 1 OFFSET $1::bigint - 1;

-- name: count_requests
INSERT INTO model_counts AS counts (model_id, shown, picked, none, value)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::double precision[])
ON CONFLICT (model_id) DO UPDATE
SET shown = counts.shown + excluded.shown, picked = counts.picked + excluded.picked,
    none = counts.none + excluded.none, value = counts.value + excluded.value;

-- name: model_counts
SELECT model_id, shown, picked, none, value FROM model_counts ORDER BY model_id;
