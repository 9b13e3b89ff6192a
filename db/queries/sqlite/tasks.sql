-- The task ledger. Every transition is one guarded UPDATE; no row means that someone else was first.

-- Of an inference.
-- name: add_task
INSERT INTO tasks (id, kind, state, attempt, fence, subject, created, run_at, expires, trace)
VALUES ($1, 0, iif($4 IS NULL, 1, 0), 0, 0, $2, $3, $4, $5, $6);

-- name: add_imported_task
INSERT INTO tasks (id, kind, state, attempt, fence, subject, created, finished) VALUES ($1, 0, 3, 0, 0, $2, $3, $3);

-- name: end_task
UPDATE tasks SET state = $3, attempt = $4, fence = $2, run_at = NULL, started = $5, finished = $6, error = $7
WHERE id = $1 AND state < 3 AND fence <= $2;

-- name: name_model
UPDATE tasks SET subject = $2 WHERE id = $1 AND kind > 0;

-- name: keep_result
UPDATE tasks SET result = $2 WHERE id = $1 AND kind > 0;

-- name: end_inference
UPDATE tasks SET state = 3, attempt = $3, fence = $2, run_at = NULL, started = $4, finished = $5, error = NULL
WHERE id = $1 AND kind = 0 AND state < 3 AND fence <= $2
RETURNING subject, (SELECT user_id FROM inferences WHERE inferences.id = subject) AS user_id;

-- name: schedule_task
UPDATE tasks SET state = 0, attempt = $3, fence = $2, run_at = $4, started = $5, error = $6
WHERE id = $1 AND state < 3 AND fence <= $2;

-- name: cancel_task
UPDATE tasks
SET state = 5, attempt = max(attempt, $3), fence = max(fence, $2), run_at = NULL, started = coalesce($4, started),
    finished = $5, error = $6
WHERE id = $1 AND state < 3;

-- name: task
SELECT id, kind, state, attempt, created, run_at, started, finished, error, subject, arguments, NULL AS progress, trace,
       result
FROM tasks
WHERE id = $1;

-- name: tasks
SELECT id, kind, state, attempt, created, run_at, started, finished, error, subject, arguments, NULL AS progress, trace
FROM tasks
WHERE id < $1 AND ($2 IS NULL OR kind = $2) AND ($3 IS NULL OR state = $3)
ORDER BY id DESC
LIMIT $4;

-- By an index of their own, whose condition has to stand in the text: a walk through all tasks would take longer with
-- every ranking.
-- name: jobs
SELECT id, kind, state, attempt, created, run_at, started, finished, error, subject, arguments, NULL AS progress, trace
FROM tasks INDEXED BY tasks_jobs
WHERE kind > 0 AND kind = $1 AND id < $2 AND ($3 IS NULL OR state = $3)
ORDER BY id DESC
LIMIT $4;

-- Of an end other than success.
-- name: tasks_with_error
SELECT id, kind, state, attempt, created, run_at, started, finished, error, subject, arguments, NULL AS progress, trace
FROM tasks INDEXED BY tasks_with_error
WHERE error IS NOT NULL AND id < $1 AND ($2 IS NULL OR kind = $2) AND state = $3
ORDER BY id DESC
LIMIT $4;

-- name: open_tasks
SELECT t.id, t.kind, t.attempt, t.fence, t.arguments, i.created, i.domain_version, i.candidates,
       i.candidate_fields, i.unknown_candidates, i.wishes, s.name AS source, u.user_key, u.payload, t.expires, t.run_at, t.trace
FROM tasks t
LEFT JOIN inferences i ON i.id = t.subject AND t.kind = 0
LEFT JOIN users u ON u.id = i.user_id
LEFT JOIN sources s ON s.id = i.source
WHERE t.state < 3
ORDER BY t.id;

-- name: open_task
SELECT t.id, t.kind, t.attempt, t.fence, t.arguments, i.created, i.domain_version, i.candidates,
       i.candidate_fields, i.unknown_candidates, i.wishes, s.name AS source, u.user_key, u.payload, t.expires, t.run_at, t.trace
FROM tasks t
LEFT JOIN inferences i ON i.id = t.subject AND t.kind = 0
LEFT JOIN users u ON u.id = i.user_id
LEFT JOIN sources s ON s.id = i.source
WHERE t.id = $1;

-- name: due_replies
SELECT t.id, t.kind, t.state, t.attempt, t.created, t.run_at, t.started, t.finished, t.error, t.subject, t.arguments,
       NULL AS progress, t.trace, r.reply_to, r.correlation_id
FROM replies r JOIN tasks t ON t.id = r.task_id
WHERE t.finished <= $1
ORDER BY t.finished, t.id
LIMIT $2;

-- name: forget_reply
DELETE FROM replies WHERE task_id = $1;
