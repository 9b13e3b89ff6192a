-- The whole ledger. Moments are milliseconds since the epoch. Numbers of kinds and states are those of
-- src/domain/task.h and never change their meaning.

CREATE TABLE schema_migrations (
  version INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,
  applied INTEGER NOT NULL
) STRICT;

CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- heartbeat: written to see whether the store can write.
INSERT INTO counters VALUES ('catalog_version', 0), ('registry_version', 0), ('heartbeat', 0);

CREATE TABLE domain_versions (
  version     INTEGER PRIMARY KEY,
  name        TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  source      TEXT NOT NULL,
  adopted     INTEGER NOT NULL
) STRICT;

-- Distinct texts that rows name by number.
CREATE TABLE sources (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE policies (
  id            INTEGER PRIMARY KEY,
  name          TEXT NOT NULL,
  parameters    TEXT NOT NULL,
  deterministic INTEGER NOT NULL CHECK (deterministic IN (0, 1)),
  UNIQUE (name, parameters, deterministic)
) STRICT;

CREATE TABLE users (
  id             INTEGER PRIMARY KEY,
  created        INTEGER NOT NULL,
  domain_version INTEGER NOT NULL,
  user_key       TEXT,
  payload        TEXT NOT NULL
) STRICT;
CREATE INDEX users_by_key ON users (user_key) WHERE user_key IS NOT NULL;

-- candidates: varints; NULL ranks the whole catalog.
CREATE TABLE inferences (
  id             INTEGER PRIMARY KEY,
  task_id        BLOB NOT NULL,
  user_id        INTEGER NOT NULL,
  created        INTEGER NOT NULL,
  domain_version INTEGER NOT NULL,
  source         INTEGER NOT NULL,
  candidates     BLOB
) STRICT;

-- Apart from inferences and only ever appended to, so that finishing never grows a row. The format of `packed`
-- is told in src/storage/packed_ranking.h.
CREATE TABLE rankings (
  inference_id    INTEGER PRIMARY KEY,
  model_id        INTEGER NOT NULL,
  policy          INTEGER NOT NULL,
  seed            INTEGER NOT NULL,
  catalog_version INTEGER NOT NULL,
  domain_version  INTEGER NOT NULL,
  item_count      INTEGER NOT NULL,
  packed          BLOB NOT NULL
) STRICT;

-- id: a UUIDv7, big-endian, so that new rows stand at the right edge. subject: the inference's number.
-- A claim is not written: `ready` here means not finished, and who works on it is known in memory.
CREATE TABLE tasks (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind      INTEGER NOT NULL CHECK (kind IN (0, 1)),
  state     INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
  attempt   INTEGER NOT NULL,
  fence     INTEGER NOT NULL,
  subject   INTEGER,
  created   INTEGER NOT NULL,
  run_at    INTEGER,
  started   INTEGER,
  finished  INTEGER,
  error     TEXT,
  arguments TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_open ON tasks (kind) WHERE state < 3;
CREATE UNIQUE INDEX tasks_one_training ON tasks (kind) WHERE kind = 1 AND state < 3;

CREATE TABLE exposures (
  inference_id INTEGER NOT NULL,
  first_rank   INTEGER NOT NULL CHECK (first_rank >= 1),
  count        INTEGER NOT NULL CHECK (count >= 1),
  at           INTEGER NOT NULL,
  source       INTEGER NOT NULL,
  PRIMARY KEY (inference_id, first_rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE feedback (
  inference_id INTEGER NOT NULL,
  n            INTEGER NOT NULL,
  item         INTEGER,
  rank         INTEGER NOT NULL,
  kind         TEXT NOT NULL,
  value        REAL NOT NULL,
  weight       REAL NOT NULL,
  at           INTEGER NOT NULL,
  PRIMARY KEY (inference_id, n)
) STRICT, WITHOUT ROWID;

-- Every state an item ever had. Rows above counters.catalog_version belong to a change that is not complete.
CREATE TABLE items (
  item_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  payload TEXT NOT NULL,
  PRIMARY KEY (item_id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX items_by_version ON items (version);

CREATE TABLE artefacts (
  hash  TEXT PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE models (
  id                  INTEGER PRIMARY KEY,
  family              TEXT NOT NULL,
  feature_fingerprint TEXT NOT NULL,
  artefact_hash       TEXT NOT NULL,
  metrics             TEXT NOT NULL,
  lineage             TEXT NOT NULL,
  domain_version      INTEGER NOT NULL,
  created             INTEGER NOT NULL,
  champion            INTEGER NOT NULL CHECK (champion IN (0, 1)),
  share               REAL NOT NULL CHECK (share BETWEEN 0 AND 1)
) STRICT;
CREATE UNIQUE INDEX models_one_champion ON models (champion) WHERE champion = 1;

CREATE TABLE model_history (
  id       INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  what     TEXT NOT NULL,
  model_id INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  reason   TEXT NOT NULL
) STRICT;
CREATE TRIGGER model_history_is_not_updated BEFORE UPDATE ON model_history
BEGIN
  SELECT raise(ABORT, 'the history of models is never changed');
END;
CREATE TRIGGER model_history_is_not_deleted BEFORE DELETE ON model_history
BEGIN
  SELECT raise(ABORT, 'the history of models is never changed');
END;

-- Answers kept under an Idempotency-Key.
CREATE TABLE answers (
  key         TEXT PRIMARY KEY,
  fingerprint BLOB NOT NULL,
  status      INTEGER NOT NULL,
  body        BLOB NOT NULL,
  task_id     BLOB,
  at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_by_time ON answers (at);

CREATE TABLE event_counts (
  kind   TEXT NOT NULL,
  minute INTEGER NOT NULL,
  count  INTEGER NOT NULL,
  PRIMARY KEY (kind, minute)
) STRICT, WITHOUT ROWID;

-- Nothing is written twice: an event is another look at the row that was written for its request.
CREATE VIEW events (kind, at, task_id) AS
SELECT 'inference_start', created, task_id FROM inferences
UNION ALL
SELECT 'selection', feedback.at, inferences.task_id
FROM feedback JOIN inferences ON inferences.id = feedback.inference_id
WHERE feedback.kind IN ('pick', 'none')
UNION ALL
SELECT iif(feedback.kind = 'pick', 'good_inference', 'bad_inference'), feedback.at, inferences.task_id
FROM feedback JOIN inferences ON inferences.id = feedback.inference_id
WHERE feedback.kind IN ('pick', 'none')
UNION ALL
SELECT 'training', created, id FROM tasks WHERE kind = 1;
