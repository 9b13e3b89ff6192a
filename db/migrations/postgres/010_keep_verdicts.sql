-- What the gate said at the end of a training. detail: its outcome as JSON, of a training that kept no model; otherwise
-- the model has it.
CREATE TABLE training_verdicts (
  task_id uuid PRIMARY KEY,
  verdict text NOT NULL,
  detail  text NOT NULL
);
