-- The task ledger. Every transition is one guarded UPDATE; no row means that someone else was first.

-- No row: of its kind there is one at a time, and another is waiting or running.
-- name: add_job
INSERT INTO tasks (id, kind, one_at_a_time, state, attempt, fence, created, arguments, run_at, expires, trace)
VALUES ($1, $2, $3, CASE WHEN CAST($6 AS bigint) IS NULL THEN 1 ELSE 0 END, 0, 0, $4, $5, $6, $7, $8)
ON CONFLICT DO NOTHING;

-- name: add_ended_task
INSERT INTO tasks (id, kind, state, attempt, fence, created, finished, error, trace)
VALUES ($1, $2, $3, 0, 0, $4, $4, $5, $6)
ON CONFLICT DO NOTHING;

-- name: revive_task
UPDATE tasks
SET state = 1, attempt = 0, fence = fence + 1, run_at = NULL, started = NULL, finished = NULL, error = NULL,
    expires = NULL
WHERE id = $1 AND state > 3 AND (subject IS NOT NULL OR arguments IS NOT NULL);

-- name: add_reply
INSERT INTO replies (task_id, reply_to, correlation_id) VALUES ($1, $2, $3);

-- name: keep_verdict
INSERT INTO training_verdicts (task_id, verdict, detail) VALUES ($1, $2, $3);

-- name: kept_verdict
SELECT verdict, detail FROM training_verdicts WHERE task_id = $1;
