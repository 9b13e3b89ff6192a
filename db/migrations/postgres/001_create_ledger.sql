-- The whole ledger. Moments are milliseconds since the epoch. Numbers of kinds and states are those of
-- src/domain/task.h and never change their meaning.

-- The clock of leases and retries, which all processes on this database share.
CREATE FUNCTION store_now() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

CREATE TABLE schema_migrations (
  version integer PRIMARY KEY,
  name    text NOT NULL,
  applied bigint NOT NULL
);

-- catalog_writer: who writes the parts of the next catalog version. Rows of versions are also the locks of what they
-- count. Whatever moves with every request has no row here: while somebody holds an old snapshot, each change of a row
-- makes the next one slower.
CREATE TABLE counters (
  name  text PRIMARY KEY,
  value bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO counters VALUES ('catalog_version', 0), ('catalog_writer', 0), ('registry_version', 0),
                            ('heartbeat', 0);

-- The batches of writes committed in the last minutes, counted by each writer's connection. Asked when the answer to a
-- commit was lost: a transaction's number would not do, for after a crash the next transaction may get the number of one
-- that was lost.
CREATE TABLE batches (
  writer text NOT NULL,
  number bigint NOT NULL,
  at     bigint NOT NULL,
  PRIMARY KEY (writer, number)
);

CREATE TABLE domain_versions (
  version     integer PRIMARY KEY,
  name        text NOT NULL,
  fingerprint text NOT NULL,
  source      text NOT NULL,
  adopted     bigint NOT NULL
);

-- Distinct texts that rows name by number.
CREATE TABLE sources (
  id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE
);

CREATE TABLE policies (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL,
  parameters    text NOT NULL,
  deterministic smallint NOT NULL CHECK (deterministic IN (0, 1)),
  UNIQUE (name, parameters, deterministic)
);

CREATE TABLE users (
  id             bigint PRIMARY KEY,
  created        bigint NOT NULL,
  domain_version integer NOT NULL,
  user_key       text,
  payload        text NOT NULL
);
CREATE INDEX users_by_key ON users (user_key) WHERE user_key IS NOT NULL;

-- candidates: varints; NULL ranks the whole catalog.
CREATE TABLE inferences (
  id             bigint PRIMARY KEY,
  task_id        uuid NOT NULL,
  user_id        bigint NOT NULL,
  created        bigint NOT NULL,
  domain_version integer NOT NULL,
  source         bigint NOT NULL,
  candidates     bytea
);

-- Apart from inferences and only ever appended to, so that finishing never grows a row. The format of `packed`
-- is told in src/storage/packed_ranking.h; it does not compress any further.
CREATE TABLE rankings (
  inference_id    bigint PRIMARY KEY,
  model_id        bigint NOT NULL,
  policy          bigint NOT NULL,
  seed            bigint NOT NULL,
  catalog_version bigint NOT NULL,
  domain_version  integer NOT NULL,
  item_count      integer NOT NULL,
  packed          bytea NOT NULL
);
ALTER TABLE rankings ALTER COLUMN packed SET STORAGE EXTERNAL;

-- id: a UUIDv7, so that new rows stand at the right edge. subject: the inference's or model's number.
-- `finished` says whether a task is open, so that a claim and a heartbeat touch no index.
CREATE TABLE tasks (
  id          uuid PRIMARY KEY,
  kind        smallint NOT NULL CHECK (kind IN (0, 1)),
  state       smallint NOT NULL CHECK (state BETWEEN 0 AND 6),
  attempt     integer NOT NULL,
  fence       bigint NOT NULL,
  subject     bigint,
  created     bigint NOT NULL,
  run_at      bigint,
  lease_until bigint,
  started     bigint,
  finished    bigint,
  error       text,
  arguments   text,
  progress    text,
  CHECK ((run_at IS NOT NULL) = (state = 0)),
  CHECK ((lease_until IS NOT NULL) = (state = 2)),
  CHECK ((finished IS NULL) = (state < 3))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
-- Leads with id, or the planner would prefer it to the primary key.
CREATE INDEX tasks_open ON tasks (id) WHERE finished IS NULL;
CREATE UNIQUE INDEX tasks_one_training ON tasks (kind) WHERE kind = 1 AND finished IS NULL;

CREATE TABLE exposures (
  inference_id bigint NOT NULL,
  first_rank   integer NOT NULL CHECK (first_rank >= 1),
  count        integer NOT NULL CHECK (count >= 1),
  at           bigint NOT NULL,
  source       bigint NOT NULL,
  PRIMARY KEY (inference_id, first_rank)
);

CREATE TABLE feedback (
  inference_id bigint NOT NULL,
  n            integer NOT NULL,
  item         bigint,
  rank         integer NOT NULL,
  kind         text NOT NULL,
  value        double precision NOT NULL,
  weight       double precision NOT NULL,
  at           bigint NOT NULL,
  PRIMARY KEY (inference_id, n)
);

-- Every state an item ever had. Rows above counters.catalog_version belong to a change that is not complete.
CREATE TABLE items (
  item_id bigint NOT NULL,
  version bigint NOT NULL,
  deleted smallint NOT NULL CHECK (deleted IN (0, 1)),
  payload text NOT NULL,
  PRIMARY KEY (item_id, version)
);
CREATE INDEX items_by_version ON items (version);

CREATE TABLE artefacts (
  hash  text PRIMARY KEY,
  bytes bytea NOT NULL
);

CREATE TABLE models (
  id                  bigint PRIMARY KEY,
  family              text NOT NULL,
  feature_fingerprint text NOT NULL,
  artefact_hash       text NOT NULL,
  metrics             text NOT NULL,
  lineage             text NOT NULL,
  domain_version      integer NOT NULL,
  created             bigint NOT NULL,
  champion            smallint NOT NULL CHECK (champion IN (0, 1)),
  share               double precision NOT NULL CHECK (share BETWEEN 0 AND 1)
);
CREATE UNIQUE INDEX models_one_champion ON models (champion) WHERE champion = 1;

CREATE TABLE model_history (
  id       bigint PRIMARY KEY,
  at       bigint NOT NULL,
  what     text NOT NULL,
  model_id bigint NOT NULL,
  actor    text NOT NULL,
  reason   text NOT NULL
);
CREATE FUNCTION refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the history of models is never changed'; END $$;
CREATE TRIGGER model_history_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON model_history
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();

-- Answers kept under an Idempotency-Key.
CREATE TABLE answers (
  key         text PRIMARY KEY,
  fingerprint bytea NOT NULL,
  status      integer NOT NULL,
  body        bytea NOT NULL,
  task_id     uuid,
  at          bigint NOT NULL
);
CREATE INDEX answers_by_time ON answers (at);

CREATE TABLE event_counts (
  kind   text NOT NULL,
  minute bigint NOT NULL,
  count  bigint NOT NULL,
  PRIMARY KEY (kind, minute)
);

-- Nothing is written twice: an event is another look at the row that was written for its request.
CREATE VIEW events (kind, at, task_id) AS
SELECT 'inference_start', created, task_id FROM inferences
UNION ALL
SELECT 'selection', feedback.at, inferences.task_id
FROM feedback JOIN inferences ON inferences.id = feedback.inference_id
WHERE feedback.kind IN ('pick', 'none')
UNION ALL
SELECT CASE feedback.kind WHEN 'pick' THEN 'good_inference' ELSE 'bad_inference' END, feedback.at,
       inferences.task_id
FROM feedback JOIN inferences ON inferences.id = feedback.inference_id
WHERE feedback.kind IN ('pick', 'none')
UNION ALL
SELECT 'training', created, id FROM tasks WHERE kind = 1;
