-- Answers kept under an Idempotency-Key.

-- name: keep_answer
INSERT INTO answers (key, fingerprint, status, body, task_id, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING;

-- name: kept_answer
SELECT fingerprint, status, body, task_id FROM answers WHERE key = $1;

-- name: forget_answers
DELETE FROM answers WHERE key IN (SELECT key FROM answers WHERE at < $1 LIMIT $2);
