-- What the gate said at the end of a training. detail: its outcome as JSON, of a training that kept no model; otherwise
-- the model has it.
CREATE TABLE training_verdicts (
  task_id BLOB PRIMARY KEY CHECK (length(task_id) = 16),
  verdict TEXT NOT NULL,
  detail  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
