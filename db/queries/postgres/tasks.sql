-- The task ledger. Every transition is one guarded UPDATE; no row means that someone else was first. Leases and
-- retries run by the clock of the database.

-- name: oldest_open
SELECT id FROM tasks WHERE finished IS NULL AND id >= $1 ORDER BY id LIMIT 1;

-- name: waiting_tasks
SELECT count(*) AS count FROM (SELECT 1 FROM tasks WHERE finished IS NULL AND state < 2 AND id >= $1 LIMIT $2) AS waiting;

-- name: claim_named
WITH claimed AS (
  UPDATE tasks
  SET state = 2, attempt = attempt + 1, fence = fence + 1, started = store_now(),
      lease_until = store_now() + $4::bigint, progress = NULL
  WHERE state = 1 AND id = ANY (ARRAY(
    SELECT id FROM tasks WHERE id = ANY ($2::uuid[]) AND kind = $1 AND state = 1
    ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED))
  RETURNING id, kind, attempt, fence, arguments, subject, trace)
SELECT c.id, c.kind, c.attempt, c.fence, c.arguments, i.created, i.domain_version, i.candidates,
       i.candidate_fields, i.unknown_candidates, i.wishes, s.name AS source, u.user_key, u.payload, c.trace
FROM claimed c
LEFT JOIN inferences i ON i.id = c.subject AND c.kind = 0
LEFT JOIN users u ON u.id = i.user_id
LEFT JOIN sources s ON s.id = i.source
ORDER BY c.id;

-- name: claim_oldest
WITH claimed AS (
  UPDATE tasks
  SET state = 2, attempt = attempt + 1, fence = fence + 1, started = store_now(),
      lease_until = store_now() + $3::bigint, progress = NULL
  WHERE state = 1 AND id = ANY (ARRAY(
    SELECT id FROM tasks WHERE finished IS NULL AND kind = $1 AND state = 1 AND id >= $4
    ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED))
  RETURNING id, kind, attempt, fence, arguments, subject, trace)
SELECT c.id, c.kind, c.attempt, c.fence, c.arguments, i.created, i.domain_version, i.candidates,
       i.candidate_fields, i.unknown_candidates, i.wishes, s.name AS source, u.user_key, u.payload, c.trace
FROM claimed c
LEFT JOIN inferences i ON i.id = c.subject AND c.kind = 0
LEFT JOIN users u ON u.id = i.user_id
LEFT JOIN sources s ON s.id = i.source
ORDER BY c.id;

-- name: prolong_lease
UPDATE tasks SET lease_until = store_now() + $3::bigint, progress = coalesce($4::text, progress)
WHERE id = $1 AND fence = $2 AND state = 2;

-- name: release_task
UPDATE tasks
SET state = CASE WHEN $3::bigint > 0 THEN 0 ELSE 1 END,
    run_at = CASE WHEN $3::bigint > 0 THEN store_now() + $3::bigint END,
    attempt = attempt - 1, lease_until = NULL, progress = NULL
WHERE id = $1 AND fence = $2 AND state = 2
RETURNING kind, state;

-- name: wake_tasks
UPDATE tasks SET state = 1, run_at = NULL
WHERE state = 0 AND id = ANY (ARRAY(
  SELECT id FROM tasks WHERE finished IS NULL AND state = 0 AND id >= $1 AND run_at <= (SELECT store_now())
  ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED))
RETURNING id, kind;

-- name: expire_tasks
UPDATE tasks SET state = 6, finished = store_now(), error = $1, run_at = NULL
WHERE state < 2 AND id = ANY (ARRAY(
  SELECT id FROM tasks
  WHERE finished IS NULL AND state < 2 AND id >= $2 AND attempt = 0 AND expires <= (SELECT store_now())
  ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED))
RETURNING id;

-- name: take_back_tasks
UPDATE tasks
SET state = CASE WHEN attempt >= $1 THEN 4 ELSE 1 END,
    finished = CASE WHEN attempt >= $1 THEN store_now() END,
    error = CASE WHEN attempt >= $1 THEN 'lease_lost' ELSE error END,
    fence = fence + 1, lease_until = NULL, progress = NULL
WHERE state = 2 AND id = ANY (ARRAY(
  SELECT id FROM tasks WHERE finished IS NULL AND state = 2 AND id >= $2 AND lease_until <= (SELECT store_now())
  ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED))
RETURNING id, kind, state;

-- name: ready_tasks
SELECT id, kind FROM tasks WHERE finished IS NULL AND state = 1 ORDER BY id LIMIT 10000;

-- name: end_job
UPDATE tasks
SET state = 3, finished = $3, error = NULL, lease_until = NULL, progress = NULL, subject = nullif($4::bigint, 0),
    result = $5
WHERE id = $1 AND fence = $2 AND kind > 0 AND state = 2;

-- A row: another of the task's kind, of which there is one at a time, has not ended.
-- name: open_beside
SELECT other.id
FROM tasks t JOIN tasks other ON other.kind = t.kind AND other.finished IS NULL AND other.id <> t.id
WHERE t.id = $1 AND (t.kind = 1 OR t.one_at_a_time = 1) AND (other.kind = 1 OR other.one_at_a_time = 1);

-- name: fail_task
UPDATE tasks
SET state = CASE WHEN attempt < $5 AND $4::bigint IS NOT NULL THEN 0 ELSE 4 END,
    run_at = CASE WHEN attempt < $5 THEN store_now() + $4::bigint END,
    finished = CASE WHEN attempt < $5 AND $4::bigint IS NOT NULL THEN NULL ELSE store_now() END,
    error = $3, lease_until = NULL, progress = NULL
WHERE id = $1 AND fence = $2 AND state = 2
RETURNING state;

-- name: cancel_task
UPDATE tasks
SET state = 5, finished = store_now(), error = $2, run_at = NULL, lease_until = NULL, progress = NULL
WHERE id = $1 AND finished IS NULL;

-- name: task
SELECT id, kind, state, attempt, created, run_at, started, finished, error, subject, arguments, progress, trace, result
FROM tasks WHERE id = $1;

-- name: tasks
SELECT id, kind, state, attempt, created, run_at, started, finished, error, subject, arguments, progress, trace
FROM tasks
WHERE id < $1 AND ($2::bigint IS NULL OR kind = $2) AND ($3::bigint IS NULL OR state = $3)
ORDER BY id DESC
LIMIT $4;

-- name: unfinished_tasks
SELECT id, kind, state, attempt, created, run_at, started, finished, error, subject, arguments, progress, trace
FROM tasks
WHERE finished IS NULL AND id < $1 AND ($2::bigint IS NULL OR kind = $2) AND state = $3
ORDER BY id DESC
LIMIT $4;

-- By an index of their own, whose condition has to stand in the text: a walk through all tasks would take longer with
-- every ranking.
-- name: jobs
SELECT id, kind, state, attempt, created, run_at, started, finished, error, subject, arguments, progress, trace
FROM tasks
WHERE kind > 0 AND kind = $1 AND id < $2 AND ($3::bigint IS NULL OR state = $3)
ORDER BY id DESC
LIMIT $4;

-- Of an end other than success.
-- name: tasks_with_error
SELECT id, kind, state, attempt, created, run_at, started, finished, error, subject, arguments, progress, trace
FROM tasks
WHERE error IS NOT NULL AND id < $1 AND ($2::bigint IS NULL OR kind = $2) AND state = $3
ORDER BY id DESC
LIMIT $4;

-- name: open_tasks
SELECT state, count(*) AS count, min(created) AS oldest FROM tasks WHERE finished IS NULL AND kind = $1 AND id >= $2
GROUP BY state ORDER BY state;

-- name: due_replies
SELECT t.id, t.kind, t.state, t.attempt, t.created, t.run_at, t.started, t.finished, t.error, t.subject, t.arguments,
       t.progress, t.trace, r.reply_to, r.correlation_id
FROM replies r JOIN tasks t ON t.id = r.task_id
WHERE t.finished <= $1
ORDER BY t.finished, t.id
LIMIT $2;

-- name: forget_replies
DELETE FROM replies WHERE task_id = ANY ($1::uuid[]);
