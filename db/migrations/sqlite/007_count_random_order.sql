-- What was shown in a random order, before the first model, is counted as model 0. Imported history was never shown here.
INSERT INTO model_counts (model_id, shown, picked, none, value)
SELECT 0, count(*), coalesce(sum(outcome.picks > 0), 0), coalesce(sum(outcome.picks = 0), 0),
       coalesce(sum(outcome.value), 0.0)
FROM exposures
JOIN rankings ON rankings.inference_id = exposures.inference_id
LEFT JOIN (SELECT inference_id, count(*) FILTER (WHERE kind = 'pick') AS picks,
                  coalesce(sum(value) FILTER (WHERE kind = 'pick'), 0.0) AS value
           FROM (SELECT inference_id, item, kind, value, min(n) FROM feedback
                 WHERE kind IN ('pick', 'none') AND weight > 0
                 GROUP BY inference_id, kind, item)
           GROUP BY inference_id) AS outcome ON outcome.inference_id = exposures.inference_id
WHERE exposures.first_rank = 1 AND rankings.model_id = 0
  AND exposures.source NOT IN (SELECT id FROM sources WHERE name = 'import')
HAVING count(*) > 0;
