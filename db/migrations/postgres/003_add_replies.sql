-- Tasks that other programs sent: who waits for a task's result, and until when it may begin.

-- reply_to: a queue of the broker, or ''. A row goes when its task's result was sent.
CREATE TABLE replies (
  task_id        uuid PRIMARY KEY,
  reply_to       text NOT NULL,
  correlation_id text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02);

ALTER TABLE tasks ADD COLUMN expires bigint;
