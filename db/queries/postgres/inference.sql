-- What is written of users, inferences, rankings, exposures and feedback. What is written often is one statement over
-- arrays for the writes of a whole batch. Each row it answers has the place of its write as `n`, is ordered by it, and
-- says what was found: a refusal is no error, so it stops nobody else's write. They look for a row by a scalar subquery
-- and never by EXISTS, for which the planner may read a whole index into a hash table.

-- After "lock_numbers".
-- name: start_inferences
WITH asked AS (
  SELECT request.*, n + greatest((SELECT max(id) FROM inferences), (SELECT max(id) FROM users), 0) AS id
  FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bytea[], $8::text[],
              $9::text[], $10::text[], $11::text[])
    WITH ORDINALITY AS request (task_id, created, domain_version, user_key, payload, source, candidates,
                                candidate_fields, unknown_candidates, wishes, trace, n)),
person AS (
  INSERT INTO users (id, created, domain_version, user_key, payload)
  SELECT id, created, domain_version, user_key, payload FROM asked),
request AS (
  INSERT INTO inferences (id, task_id, user_id, created, domain_version, source, candidates, candidate_fields,
                          unknown_candidates, wishes)
  SELECT id, task_id, id, created, domain_version, source, candidates, candidate_fields, unknown_candidates, wishes
  FROM asked),
task AS (
  INSERT INTO tasks (id, kind, state, attempt, fence, subject, created, trace)
  SELECT task_id, 0, 1, 0, 0, id, created, trace FROM asked)
SELECT n, id FROM asked ORDER BY n;

-- name: start_foreign_inference
WITH task AS (
  INSERT INTO tasks (id, kind, state, attempt, fence, subject, created, run_at, expires, trace)
  VALUES ($2, 0, CASE WHEN $12::bigint IS NULL THEN 1 ELSE 0 END, 0, 0, $1, $3, $12, $13, $14)
  ON CONFLICT DO NOTHING
  RETURNING id),
person AS (
  INSERT INTO users (id, created, domain_version, user_key, payload)
  SELECT $1, $3, $4, $5, $6 FROM task)
INSERT INTO inferences (id, task_id, user_id, created, domain_version, source, candidates, candidate_fields,
                        unknown_candidates, wishes)
SELECT $1, id, $1, $3, $4, $7, $8, $9, $10, $11 FROM task;

-- name: finish_inferences
WITH made AS (
  SELECT *
  FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
              $8::bigint[], $9::bigint[], $10::bytea[], $11::bigint[], $12::bytea[], $13::bigint[], $14::bigint[])
    WITH ORDINALITY AS ranking (task_id, fence, at, model_id, policy, seed, catalog_version, domain_version,
                                item_count, packed, arm, placed, known, known_hash, n)),
ended AS (
  UPDATE tasks SET state = 3, finished = made.at, error = NULL, lease_until = NULL, progress = NULL
  FROM made
  WHERE tasks.id = made.task_id AND tasks.fence = made.fence AND tasks.kind = 0 AND tasks.state = 2
  RETURNING tasks.subject, made.*),
ranked AS (
  INSERT INTO rankings (inference_id, model_id, policy, seed, catalog_version, domain_version, item_count, packed, arm,
                        placed, known, known_hash)
  SELECT subject, model_id, policy, seed, catalog_version, domain_version, item_count, packed, arm, placed, known,
         known_hash
  FROM ended)
SELECT n, subject, (SELECT user_id FROM inferences WHERE inferences.id = subject) AS user_id FROM ended ORDER BY n;

-- name: finish_inference_with_shadows
WITH ended AS (
  UPDATE tasks SET state = 3, finished = $3, error = NULL, lease_until = NULL, progress = NULL
  WHERE id = $1 AND fence = $2 AND kind = 0 AND state = 2
  RETURNING subject),
ranked AS (
  INSERT INTO rankings (inference_id, model_id, policy, seed, catalog_version, domain_version, item_count, packed, arm,
                        placed, known, known_hash)
  SELECT subject, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 FROM ended),
shadowed AS (
  INSERT INTO shadow_rankings (inference_id, model_id, policy, seed, catalog_version, domain_version, packed)
  SELECT subject, shadow.*
  FROM ended, unnest($15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bytea[])
    AS shadow)
SELECT 1 AS n, subject, (SELECT user_id FROM inferences WHERE inferences.id = subject) AS user_id FROM ended;

-- A list that two models made counts for neither. ordered: 1 where what happens has its position.
-- name: record_exposures
WITH asked AS (
  SELECT *
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[])
    WITH ORDINALITY AS exposure (inference_id, up_to, at, source, source_name, ordered, n)),
ranked AS (
  SELECT asked.n, CASE WHEN r.placed IS NULL THEN r.model_id ELSE -1 END AS model_id, least(asked.up_to, r.item_count) AS last
  FROM asked JOIN rankings r ON r.inference_id = asked.inference_id),
seen AS (
  SELECT asked.n, e.first_rank, e.count, e.at, s.name
  FROM asked JOIN exposures e ON e.inference_id = asked.inference_id JOIN sources s ON s.id = e.source),
following AS (
  SELECT ranked.n, ranked.model_id, ranked.last, coalesce(max(seen.first_rank + seen.count), 1) AS first
  FROM ranked LEFT JOIN seen ON seen.n = ranked.n
  GROUP BY ranked.n, ranked.model_id, ranked.last),
added AS (
  INSERT INTO exposures (inference_id, first_rank, count, at, source, position)
  SELECT asked.inference_id, f.first, f.last + 1 - f.first, asked.at, asked.source,
         CASE WHEN asked.ordered = 1 THEN nextval('history_positions') END
  FROM asked JOIN following f ON f.n = asked.n
  WHERE f.last >= f.first
  ORDER BY asked.n
  RETURNING inference_id, first_rank, count, at)
SELECT asked.n, (SELECT id FROM inferences WHERE id = asked.inference_id) IS NOT NULL AS known, f.model_id,
       added.inference_id IS NOT NULL AS added, shown.first_rank, shown.count, shown.at, shown.name AS source
FROM asked
LEFT JOIN following f ON f.n = asked.n
LEFT JOIN added ON added.inference_id = asked.inference_id
LEFT JOIN (SELECT n, first_rank, count, at, name FROM seen
           UNION ALL
           SELECT asked.n, added.first_rank, added.count, added.at, asked.source_name
           FROM asked JOIN added ON added.inference_id = asked.inference_id) AS shown ON shown.n = asked.n
ORDER BY asked.n, shown.first_rank;

-- name: record_feedbacks
WITH asked AS (
  SELECT *
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::double precision[], $6::double precision[],
              $7::double precision[], $8::bigint[], $9::text[], $10::bigint[])
    WITH ORDINALITY AS feedback (inference_id, item, rank, kind, value, people, weight, at, event_id, ordered, n)),
shown AS (
  SELECT asked.n, e.first_rank, e.count, e.at, s.name
  FROM asked
  JOIN exposures e ON e.inference_id = asked.inference_id AND e.first_rank <= asked.rank
    AND asked.rank < e.first_rank + e.count
  JOIN sources s ON s.id = e.source),
before AS (
  SELECT asked.n, coalesce(max(f.n), 0) AS last,
         count(*) FILTER (WHERE f.evidence = 1 AND f.kind = 'pick') AS picks,
         count(*) FILTER (WHERE f.evidence = 1 AND f.kind = 'none') AS nones,
         count(*) FILTER (WHERE f.evidence = 1 AND f.kind = 'pick' AND f.item = asked.item) AS picks_of_item
  FROM asked LEFT JOIN feedback f ON f.inference_id = asked.inference_id
  GROUP BY asked.n),
evidence AS (
  SELECT asked.*, before.last, before.picks, before.nones, before.picks_of_item,
         (SELECT id FROM inferences WHERE id = asked.inference_id) IS NOT NULL AS known,
         (SELECT first_rank FROM exposures e WHERE e.inference_id = asked.inference_id AND e.first_rank = 1) IS NOT NULL
           AS seen,
         (SELECT CASE WHEN r.placed IS NULL THEN r.model_id ELSE -1 END FROM rankings r
          WHERE r.inference_id = asked.inference_id) AS model_id,
         EXISTS (SELECT 1 FROM feedback f WHERE f.event_id = asked.event_id)
           OR EXISTS (SELECT 1 FROM person_events p WHERE p.event_id = asked.event_id) AS repeated
  FROM asked JOIN before ON before.n = asked.n),
added AS (
  INSERT INTO feedback (inference_id, n, item, rank, kind, value, people, weight, evidence, at, event_id, position)
  SELECT inference_id, last + 1, item, rank, kind, value, people, weight, CASE WHEN seen THEN 1 ELSE 0 END, at, event_id,
         CASE WHEN ordered = 1 THEN nextval('history_positions') END
  FROM evidence
  WHERE NOT repeated AND CASE WHEN item IS NULL THEN known ELSE (SELECT count(*) FROM shown WHERE shown.n = evidence.n) > 0 END
  ORDER BY n
  RETURNING inference_id)
SELECT e.n, e.known, (SELECT count(*) FROM added WHERE added.inference_id = e.inference_id) > 0 AS added, e.seen,
       e.repeated, e.model_id, e.picks, e.nones, e.picks_of_item, shown.first_rank, shown.count, shown.at, shown.name AS source
FROM evidence e LEFT JOIN shown ON shown.n = e.n
ORDER BY e.n;

-- name: import_requests
WITH asked AS (
  SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[],
                       $8::bytea[], $9::text[], $10::bigint[])
    AS request (id, task_id, created, domain_version, user_key, payload, shown, packed, candidate_fields, position)),
person AS (
  INSERT INTO users (id, created, domain_version, user_key, payload)
  SELECT id, created, domain_version, user_key, payload FROM asked),
request AS (
  INSERT INTO inferences (id, task_id, user_id, created, domain_version, source, candidate_fields)
  SELECT id, task_id, id, created, domain_version, $11, candidate_fields FROM asked),
task AS (
  INSERT INTO tasks (id, kind, state, attempt, fence, subject, created, finished)
  SELECT task_id, 0, 3, 0, 0, id, created, created FROM asked),
ranked AS (
  INSERT INTO rankings (inference_id, model_id, policy, seed, catalog_version, domain_version, item_count, packed)
  SELECT id, 0, $12, 0, $13, domain_version, shown, packed FROM asked)
INSERT INTO exposures (inference_id, first_rank, count, at, source, position)
SELECT id, 1, shown, created, $11, position FROM asked WHERE shown > 0;

-- name: imported_contents
SELECT key, content FROM imported_requests WHERE key = ANY ($1::text[]);

-- name: import_keys
INSERT INTO imported_requests (key, content, inference_id)
SELECT * FROM unnest($1::text[], $2::bytea[], $3::bigint[]);

-- name: import_feedback
INSERT INTO feedback (inference_id, n, item, rank, kind, value, people, weight, evidence, at, position)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::double precision[],
                     $7::double precision[], $8::double precision[], $9::bigint[], $10::bigint[], $11::bigint[]);

-- name: record_person_events
WITH asked AS (
  SELECT *
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::double precision[], $5::bigint[], $6::bigint[], $7::text[],
              $8::bigint[])
    WITH ORDINALITY AS event (user_key, item, kind, value, at, received, event_id, ordered, n)),
told AS (
  SELECT asked.*,
         EXISTS (SELECT 1 FROM feedback f WHERE f.event_id = asked.event_id)
           OR EXISTS (SELECT 1 FROM person_events p WHERE p.event_id = asked.event_id) AS repeated
  FROM asked),
added AS (
  INSERT INTO person_events (user_key, item, kind, value, at, received, event_id, position, catalog_version)
  SELECT user_key, item, kind, value, at, received, event_id,
         CASE WHEN ordered = 1 THEN nextval('history_positions') END,
         (SELECT value FROM counters WHERE name = 'catalog_version')
  FROM told WHERE NOT repeated ORDER BY n)
SELECT n, repeated FROM told ORDER BY n;
