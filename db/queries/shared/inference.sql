-- Users, inferences and their rankings, as they are read, and the numbers of distinct texts.

-- name: find_source
SELECT id FROM sources WHERE name = $1;

-- name: add_source
INSERT INTO sources (name) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: find_policy
SELECT id FROM policies WHERE name = $1 AND parameters = $2 AND deterministic = $3;

-- name: add_policy
INSERT INTO policies (name, parameters, deterministic) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: shadow_rankings
SELECT r.model_id, p.name AS policy, p.parameters, p.deterministic, r.seed, r.catalog_version,
       r.domain_version AS ranked_domain_version, r.packed, NULL AS known, NULL AS known_hash
FROM shadow_rankings r JOIN policies p ON p.id = r.policy
WHERE r.inference_id = $1
ORDER BY r.model_id;

-- All that is known of one inference, in one statement: itself with its ranking (part 1), what was shown (2), and
-- what became of it (3). It is found by its task or by its number.
-- name: inference
WITH asked AS (SELECT coalesce($2, (SELECT subject FROM tasks WHERE id = $1 AND kind = 0)) AS id)
SELECT 1 AS part, 0 AS place, i.id, i.task_id, i.user_id, i.created, i.domain_version, i.candidate_fields, i.candidates,
       t.state, t.error, t.attempt,
       r.model_id, p.name AS policy, p.parameters, p.deterministic, r.seed, r.catalog_version,
       r.domain_version AS ranked_domain_version, r.packed, r.placed, r.known, r.known_hash,
       CAST(NULL AS integer) AS first_rank, CAST(NULL AS integer) AS count, CAST(NULL AS text) AS source,
       CAST(NULL AS bigint) AS item, CAST(NULL AS integer) AS rank, CAST(NULL AS text) AS kind,
       CAST(NULL AS double precision) AS value, CAST(NULL AS double precision) AS people,
       CAST(NULL AS double precision) AS weight, CAST(NULL AS smallint) AS evidence, CAST(NULL AS bigint) AS at
FROM asked
JOIN inferences i ON i.id = asked.id
LEFT JOIN tasks t ON t.id = i.task_id
LEFT JOIN rankings r ON r.inference_id = i.id
LEFT JOIN policies p ON p.id = r.policy
UNION ALL
SELECT 2, e.first_rank, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       e.first_rank, e.count, s.name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, e.at
FROM asked JOIN exposures e ON e.inference_id = asked.id JOIN sources s ON s.id = e.source
UNION ALL
SELECT 3, f.n, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, f.item, f.rank, f.kind, f.value, f.people, f.weight, f.evidence, f.at
FROM asked JOIN feedback f ON f.inference_id = asked.id
ORDER BY part, place;

-- Read for nearly every request: one plan of four rows, half as long as the whole record's.
-- name: ranked
SELECT t.subject, i.user_id, t.state, t.attempt, t.error, i.candidate_fields, i.unknown_candidates,
       (SELECT first_rank + count - 1 FROM exposures WHERE inference_id = t.subject ORDER BY first_rank DESC LIMIT 1)
         AS shown,
       r.model_id, p.name AS policy, p.parameters, p.deterministic, r.seed, r.catalog_version,
       r.domain_version AS ranked_domain_version, r.packed, r.known, r.known_hash
FROM tasks t
JOIN inferences i ON i.id = t.subject
LEFT JOIN rankings r ON r.inference_id = t.subject
LEFT JOIN policies p ON p.id = r.policy
WHERE t.id = $1 AND t.kind = 0;

-- name: user
SELECT id, created, user_key, payload, domain_version FROM users WHERE id = $1;

-- name: users
SELECT id, created, user_key, payload, domain_version FROM users WHERE id > $1 ORDER BY id LIMIT $2;
