-- What learning needs: the verdict on a model, models that rank in the shadow, and counts by model.

-- verdict: '' (none), 'promote', 'reject' or 'insufficient_evidence'; detail: the gate's outcome as JSON, or ''.
ALTER TABLE models ADD COLUMN shadow smallint NOT NULL DEFAULT 0 CHECK (shadow IN (0, 1));
ALTER TABLE models ADD COLUMN verdict text NOT NULL DEFAULT '';
ALTER TABLE models ADD COLUMN detail text NOT NULL DEFAULT '';
ALTER TABLE model_history ADD COLUMN detail text NOT NULL DEFAULT '';

-- What other models would have answered; columns as in `rankings`.
CREATE TABLE shadow_rankings (
  inference_id    bigint NOT NULL,
  model_id        bigint NOT NULL,
  policy          bigint NOT NULL,
  seed            bigint NOT NULL,
  catalog_version bigint NOT NULL,
  domain_version  integer NOT NULL,
  packed          bytea NOT NULL,
  UNIQUE (inference_id, model_id)
);
ALTER TABLE shadow_rankings ALTER COLUMN packed SET STORAGE EXTERNAL;

-- Requests by what became of them; `value` sums the values of what was picked.
CREATE TABLE model_counts (
  model_id bigint PRIMARY KEY,
  shown    bigint NOT NULL,
  picked   bigint NOT NULL,
  none     bigint NOT NULL,
  value    double precision NOT NULL
) WITH (fillfactor = 50);
