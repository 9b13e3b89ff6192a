-- What learning needs: the verdict on a model, models that rank in the shadow, and counts by model.

-- verdict: '' (none), 'promote', 'reject' or 'insufficient_evidence'; detail: the gate's outcome as JSON, or ''.
ALTER TABLE models ADD COLUMN shadow INTEGER NOT NULL DEFAULT 0 CHECK (shadow IN (0, 1));
ALTER TABLE models ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
ALTER TABLE models ADD COLUMN detail TEXT NOT NULL DEFAULT '';
ALTER TABLE model_history ADD COLUMN detail TEXT NOT NULL DEFAULT '';

-- What other models would have answered; columns as in `rankings`.
CREATE TABLE shadow_rankings (
  inference_id    INTEGER NOT NULL,
  model_id        INTEGER NOT NULL,
  policy          INTEGER NOT NULL,
  seed            INTEGER NOT NULL,
  catalog_version INTEGER NOT NULL,
  domain_version  INTEGER NOT NULL,
  packed          BLOB NOT NULL,
  UNIQUE (inference_id, model_id)
) STRICT;

-- Requests by what became of them; `value` sums the values of what was picked.
CREATE TABLE model_counts (
  model_id INTEGER PRIMARY KEY,
  shown    INTEGER NOT NULL,
  picked   INTEGER NOT NULL,
  none     INTEGER NOT NULL,
  value    REAL NOT NULL
) STRICT;

-- "None chosen" of what was never seen is recorded, but it is no evidence: it weighs nothing.
UPDATE feedback SET weight = 0
WHERE kind = 'none' AND NOT EXISTS (
  SELECT 1 FROM exposures
  WHERE exposures.inference_id = feedback.inference_id AND first_rank = 1 AND exposures.at <= feedback.at);

INSERT INTO model_counts (model_id, shown, picked, none, value)
SELECT rankings.model_id, count(*), coalesce(sum(outcome.picks > 0), 0), coalesce(sum(outcome.picks = 0), 0),
       coalesce(sum(outcome.value), 0.0)
FROM exposures
JOIN rankings ON rankings.inference_id = exposures.inference_id
LEFT JOIN (SELECT inference_id, count(*) FILTER (WHERE kind = 'pick') AS picks,
                  coalesce(sum(value) FILTER (WHERE kind = 'pick'), 0.0) AS value
           FROM (SELECT inference_id, item, kind, value, min(n) FROM feedback
                 WHERE kind IN ('pick', 'none') AND weight > 0
                 GROUP BY inference_id, kind, item)
           GROUP BY inference_id) AS outcome ON outcome.inference_id = exposures.inference_id
WHERE exposures.first_rank = 1 AND rankings.model_id > 0
GROUP BY rankings.model_id;
