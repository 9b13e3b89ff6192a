-- Experiments: arms that share a slice of the traffic, and which of them a request was answered by. Ranges of hashes
-- are written as src/domain/hash_circle.h says.

-- slice: what of the layer of all traffic it has while it runs. exposure: how much of their planned shares the arms
-- have. design: what it measures and when it ends, as JSON. after_request: the last request before it started.
-- conclusion, winner: '' until it is concluded; winner names an arm.
CREATE TABLE experiments (
  id            bigint PRIMARY KEY,
  name          text NOT NULL,
  unit          text NOT NULL,
  state         text NOT NULL,
  design        text NOT NULL,
  slice         text NOT NULL,
  exposure      double precision NOT NULL CHECK (exposure BETWEEN 0 AND 1),
  after_request bigint NOT NULL,
  created       bigint NOT NULL,
  started       bigint,
  ramped        bigint,
  ended         bigint,
  conclusion    text NOT NULL,
  winner        text NOT NULL
);

-- id: counted over all experiments. model_id: 0 for whoever is the champion. The first arm is the control.
CREATE TABLE experiment_arms (
  id            bigint PRIMARY KEY,
  experiment_id bigint NOT NULL,
  name          text NOT NULL,
  model_id      bigint NOT NULL,
  share         double precision NOT NULL CHECK (share > 0 AND share <= 1),
  UNIQUE (experiment_id, name)
);

CREATE TABLE experiment_history (
  id            bigint PRIMARY KEY,
  at            bigint NOT NULL,
  what          text NOT NULL,
  experiment_id bigint NOT NULL,
  actor         text NOT NULL,
  reason        text NOT NULL,
  detail        text NOT NULL,
  remark        text NOT NULL
);
CREATE INDEX experiment_history_of_one ON experiment_history (experiment_id, id);
CREATE FUNCTION refuse_change_of_experiments() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the history of experiments is never changed'; END $$;
CREATE TRIGGER experiment_history_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON experiment_history
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_experiments();

-- The arm that a request belongs to; NULL: of no experiment. The index holds those of experiments alone.
ALTER TABLE rankings ADD COLUMN arm bigint;
CREATE INDEX rankings_by_arm ON rankings (arm, inference_id) WHERE arm IS NOT NULL;

-- Which hashes a challenger's share stands for; those that there are follow each other.
ALTER TABLE models ADD COLUMN ranges text NOT NULL DEFAULT '';
UPDATE models SET ranges =
  (SELECT round(1000000 * coalesce(sum(other.share), 0.0))::bigint FROM models AS other
   WHERE other.champion = 0 AND other.id < models.id) || '-' ||
  (SELECT least(1000000, round(1000000 * sum(other.share))::bigint) FROM models AS other
   WHERE other.champion = 0 AND other.id <= models.id)
WHERE champion = 0 AND share > 0.000001;
