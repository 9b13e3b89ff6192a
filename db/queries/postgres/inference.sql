-- Users, inferences, rankings, exposures and feedback. What is written often is one statement each, which says by
-- its rows what it found: a refusal is no error, so it stops nobody else's write.

-- name: find_source
SELECT id FROM sources WHERE name = $1;

-- name: add_source
INSERT INTO sources (name) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: find_policy
SELECT id FROM policies WHERE name = $1 AND parameters = $2 AND deterministic = $3;

-- name: add_policy
INSERT INTO policies (name, parameters, deterministic) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: start_inference
WITH person AS (
  INSERT INTO users (id, created, domain_version, user_key, payload) VALUES ($1, $3, $4, $5, $6)),
request AS (
  INSERT INTO inferences (id, task_id, user_id, created, domain_version, source, candidates)
  VALUES ($1, $2, $1, $3, $4, $7, $8))
INSERT INTO tasks (id, kind, state, attempt, fence, subject, created) VALUES ($2, 0, 1, 0, 0, $1, $3);

-- name: start_foreign_inference
WITH task AS (
  INSERT INTO tasks (id, kind, state, attempt, fence, subject, created, run_at, expires)
  VALUES ($2, 0, CASE WHEN $9::bigint IS NULL THEN 1 ELSE 0 END, 0, 0, $1, $3, $9, $10)
  ON CONFLICT DO NOTHING
  RETURNING id),
person AS (
  INSERT INTO users (id, created, domain_version, user_key, payload)
  SELECT $1, $3, $4, $5, $6 FROM task)
INSERT INTO inferences (id, task_id, user_id, created, domain_version, source, candidates)
SELECT $1, id, $1, $3, $4, $7, $8 FROM task;

-- name: finish_inference
WITH ended AS (
  UPDATE tasks SET state = 3, finished = $3, error = NULL, lease_until = NULL, progress = NULL
  WHERE id = $1 AND fence = $2 AND kind = 0 AND state = 2
  RETURNING subject),
ranked AS (
  INSERT INTO rankings (inference_id, model_id, policy, seed, catalog_version, domain_version, item_count, packed)
  SELECT subject, $4, $5, $6, $7, $8, $9, $10 FROM ended)
SELECT subject, (SELECT user_id FROM inferences WHERE inferences.id = subject) FROM ended;

-- name: finish_inference_with_shadows
WITH ended AS (
  UPDATE tasks SET state = 3, finished = $3, error = NULL, lease_until = NULL, progress = NULL
  WHERE id = $1 AND fence = $2 AND kind = 0 AND state = 2
  RETURNING subject),
ranked AS (
  INSERT INTO rankings (inference_id, model_id, policy, seed, catalog_version, domain_version, item_count, packed)
  SELECT subject, $4, $5, $6, $7, $8, $9, $10 FROM ended),
shadowed AS (
  INSERT INTO shadow_rankings (inference_id, model_id, policy, seed, catalog_version, domain_version, packed)
  SELECT subject, shadow.*
  FROM ended, unnest($11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bytea[])
    AS shadow)
SELECT subject, (SELECT user_id FROM inferences WHERE inferences.id = subject) FROM ended;

-- name: record_exposure
WITH ranked AS (SELECT item_count, model_id FROM rankings WHERE inference_id = $1),
seen AS (
  SELECT e.first_rank, e.count, e.at, s.name
  FROM exposures e JOIN sources s ON s.id = e.source
  WHERE e.inference_id = $1),
next AS (SELECT coalesce(max(first_rank + count), 1) AS rank FROM seen),
added AS (
  INSERT INTO exposures (inference_id, first_rank, count, at, source)
  SELECT $1, next.rank, least($2, ranked.item_count) + 1 - next.rank, $3, $4
  FROM ranked, next
  WHERE least($2, ranked.item_count) >= next.rank
  RETURNING first_rank, count, at)
SELECT EXISTS (SELECT 1 FROM inferences WHERE id = $1), ranked.model_id, EXISTS (SELECT 1 FROM added),
       shown.first_rank, shown.count, shown.at, shown.name
FROM (SELECT 1) AS always
LEFT JOIN ranked ON true
LEFT JOIN (SELECT first_rank, count, at, name FROM seen
           UNION ALL
           SELECT first_rank, count, at, $5::text FROM added) AS shown ON true
ORDER BY shown.first_rank;

-- name: record_feedback
WITH shown AS (
  SELECT e.first_rank, e.count, e.at, s.name
  FROM exposures e JOIN sources s ON s.id = e.source
  WHERE e.inference_id = $1 AND e.first_rank <= $3 AND $3 < e.first_rank + e.count),
known AS (SELECT EXISTS (SELECT 1 FROM inferences WHERE id = $1) AS there),
evidence AS (
  SELECT EXISTS (SELECT 1 FROM exposures WHERE inference_id = $1 AND first_rank = 1) AS shown,
         (SELECT model_id FROM rankings WHERE inference_id = $1) AS model_id,
         coalesce(max(n), 0) AS n,
         count(*) FILTER (WHERE weight > 0 AND kind = 'pick') AS picks,
         count(*) FILTER (WHERE weight > 0 AND kind = 'none') AS nones,
         count(*) FILTER (WHERE weight > 0 AND kind = 'pick' AND item = $2) AS picks_of_item
  FROM feedback WHERE inference_id = $1),
added AS (
  INSERT INTO feedback (inference_id, n, item, rank, kind, value, weight, at)
  SELECT $1, evidence.n + 1, $2::bigint, $3, $4, $5, CASE WHEN evidence.shown THEN $6::double precision ELSE 0 END, $7
  FROM evidence, known
  WHERE CASE WHEN $2::bigint IS NULL THEN known.there ELSE EXISTS (SELECT 1 FROM shown) END
  RETURNING 1)
SELECT known.there, EXISTS (SELECT 1 FROM added), evidence.shown, evidence.model_id, evidence.picks, evidence.nones,
       evidence.picks_of_item, shown.first_rank, shown.count, shown.at, shown.name
FROM known CROSS JOIN evidence LEFT JOIN shown ON true;

-- name: import_requests
WITH asked AS (
  SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[],
                       $8::bytea[])
    AS request (id, task_id, created, domain_version, user_key, payload, shown, packed)),
person AS (
  INSERT INTO users (id, created, domain_version, user_key, payload)
  SELECT id, created, domain_version, user_key, payload FROM asked),
request AS (
  INSERT INTO inferences (id, task_id, user_id, created, domain_version, source)
  SELECT id, task_id, id, created, domain_version, $9 FROM asked),
task AS (
  INSERT INTO tasks (id, kind, state, attempt, fence, subject, created, finished)
  SELECT task_id, 0, 3, 0, 0, id, created, created FROM asked),
ranked AS (
  INSERT INTO rankings (inference_id, model_id, policy, seed, catalog_version, domain_version, item_count, packed)
  SELECT id, 0, $10, 0, $11, domain_version, shown, packed FROM asked)
INSERT INTO exposures (inference_id, first_rank, count, at, source)
SELECT id, 1, shown, created, $9 FROM asked WHERE shown > 0;

-- name: import_feedback
INSERT INTO feedback (inference_id, n, item, rank, kind, value, weight, at)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::double precision[],
                     $7::double precision[], $8::bigint[]);

-- name: shadow_rankings
SELECT r.model_id, p.name, p.parameters, p.deterministic, r.seed, r.catalog_version, r.domain_version, r.packed
FROM shadow_rankings r JOIN policies p ON p.id = r.policy
WHERE r.inference_id = $1
ORDER BY r.model_id;

-- All that is known of one inference, in one statement: itself with its ranking (part 1), what was shown (2), and
-- what became of it (3).
-- name: inference
WITH asked AS (SELECT coalesce($2, (SELECT subject FROM tasks WHERE id = $1 AND kind = 0)) AS id)
SELECT 1 AS part, 0 AS place, i.id, i.user_id, t.error, NULL::double precision, NULL::double precision, i.created,
       i.task_id, i.domain_version, t.state, t.attempt,
       r.model_id, p.name, p.parameters, p.deterministic, r.seed, r.catalog_version, r.domain_version, r.packed
FROM asked
JOIN inferences i ON i.id = asked.id
LEFT JOIN tasks t ON t.id = i.task_id
LEFT JOIN rankings r ON r.inference_id = i.id
LEFT JOIN policies p ON p.id = r.policy
UNION ALL
SELECT 2, e.first_rank, e.first_rank, e.count, s.name, NULL, NULL, e.at,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM asked JOIN exposures e ON e.inference_id = asked.id JOIN sources s ON s.id = e.source
UNION ALL
SELECT 3, f.n, f.item, f.rank, f.kind, f.value, f.weight, f.at,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM asked JOIN feedback f ON f.inference_id = asked.id
ORDER BY part, place;

-- name: user
SELECT id, created, user_key, payload, domain_version FROM users WHERE id = $1;

-- name: users
SELECT id, created, user_key, payload, domain_version FROM users WHERE id > $1 ORDER BY id LIMIT $2;
