-- Tasks that other programs sent: who waits for a task's result, and until when it may begin.

-- reply_to: a queue of the broker, or ''. A row goes when its task's result was sent.
CREATE TABLE replies (
  task_id        BLOB PRIMARY KEY CHECK (length(task_id) = 16),
  reply_to       TEXT NOT NULL,
  correlation_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE tasks ADD COLUMN expires INTEGER;
