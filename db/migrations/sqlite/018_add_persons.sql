-- What is stored of people, by their own keys: fields of a request, as the domain file's [person] names them.
CREATE TABLE persons (
  user_key       TEXT PRIMARY KEY,
  payload        TEXT NOT NULL,
  domain_version INTEGER NOT NULL,
  changed        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Erasures under way, by their tasks, and what they have done so far. user_key: NULL once nothing of the person is left.
-- last_request, last_event: where the work ends, NULL until it begins. What comes later is another person's.
CREATE TABLE erasures (
  task_id      BLOB PRIMARY KEY CHECK (length(task_id) = 16),
  user_key     TEXT,
  asked_by     TEXT NOT NULL,
  last_request INTEGER,
  last_event   INTEGER,
  persons      INTEGER NOT NULL,
  events       INTEGER NOT NULL,
  requests     INTEGER NOT NULL,
  feedback     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
