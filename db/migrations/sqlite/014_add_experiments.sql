-- Experiments: arms that share a slice of the traffic, and which of them a request was answered by. Ranges of hashes
-- are written as src/domain/hash_circle.h says.

-- slice: what of the layer of all traffic it has while it runs. exposure: how much of their planned shares the arms
-- have. design: what it measures and when it ends, as JSON. after_request: the last request before it started.
-- conclusion, winner: '' until it is concluded; winner names an arm.
CREATE TABLE experiments (
  id            INTEGER PRIMARY KEY,
  name          TEXT NOT NULL,
  unit          TEXT NOT NULL,
  state         TEXT NOT NULL,
  design        TEXT NOT NULL,
  slice         TEXT NOT NULL,
  exposure      REAL NOT NULL CHECK (exposure BETWEEN 0 AND 1),
  after_request INTEGER NOT NULL,
  created       INTEGER NOT NULL,
  started       INTEGER,
  ramped        INTEGER,
  ended         INTEGER,
  conclusion    TEXT NOT NULL,
  winner        TEXT NOT NULL
) STRICT;

-- id: counted over all experiments. model_id: 0 for whoever is the champion. The first arm is the control.
CREATE TABLE experiment_arms (
  id            INTEGER PRIMARY KEY,
  experiment_id INTEGER NOT NULL,
  name          TEXT NOT NULL,
  model_id      INTEGER NOT NULL,
  share         REAL NOT NULL CHECK (share > 0 AND share <= 1),
  UNIQUE (experiment_id, name)
) STRICT;

CREATE TABLE experiment_history (
  id            INTEGER PRIMARY KEY,
  at            INTEGER NOT NULL,
  what          TEXT NOT NULL,
  experiment_id INTEGER NOT NULL,
  actor         TEXT NOT NULL,
  reason        TEXT NOT NULL,
  detail        TEXT NOT NULL,
  remark        TEXT NOT NULL
) STRICT;
CREATE INDEX experiment_history_of_one ON experiment_history (experiment_id, id);
CREATE TRIGGER experiment_history_is_not_updated BEFORE UPDATE ON experiment_history
BEGIN
  SELECT raise(ABORT, 'the history of experiments is never changed');
END;
CREATE TRIGGER experiment_history_is_not_deleted BEFORE DELETE ON experiment_history
BEGIN
  SELECT raise(ABORT, 'the history of experiments is never changed');
END;

-- The arm that a request belongs to; NULL: of no experiment. The index holds those of experiments alone.
ALTER TABLE rankings ADD COLUMN arm INTEGER;
CREATE INDEX rankings_by_arm ON rankings (arm, inference_id) WHERE arm IS NOT NULL;

-- Which hashes a challenger's share stands for; those that there are follow each other.
ALTER TABLE models ADD COLUMN ranges TEXT NOT NULL DEFAULT '';
UPDATE models SET ranges =
  CAST(round(1000000 * (SELECT coalesce(sum(other.share), 0.0) FROM models AS other
                        WHERE other.champion = 0 AND other.id < models.id)) AS INTEGER) || '-' ||
  CAST(min(1000000, round(1000000 * (SELECT sum(other.share) FROM models AS other
                                     WHERE other.champion = 0 AND other.id <= models.id))) AS INTEGER)
WHERE champion = 0 AND share > 0.000001;
