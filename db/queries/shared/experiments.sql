-- Experiments, their arms and their history, and the requests that they answered.

-- name: add_experiment
INSERT INTO experiments (id, name, unit, state, design, slice, exposure, after_request, created, conclusion, winner,
                         interleaving)
SELECT coalesce(max(id), 0) + 1, $1, $2, 'draft', $3, '', 0.0, 0, $4, '', '', $5 FROM experiments
RETURNING id;

-- name: add_experiment_arm
INSERT INTO experiment_arms (id, experiment_id, name, model_id, share)
SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4 FROM experiment_arms;

-- name: add_experiment_history
INSERT INTO experiment_history (id, at, what, experiment_id, actor, reason, detail, remark)
SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, $6, $7 FROM experiment_history;

-- An experiment comes once for each of its arms.
-- name: experiments
SELECT e.id, e.name, e.unit, e.state, e.design, e.slice, e.exposure, e.after_request, e.created, e.started, e.ramped,
       e.ended, e.conclusion, e.winner, e.interleaving, a.id AS arm, a.name AS arm_name, a.model_id, a.share
FROM experiments e JOIN experiment_arms a ON a.experiment_id = e.id
ORDER BY e.id, a.id;

-- name: experiment
SELECT e.id, e.name, e.unit, e.state, e.design, e.slice, e.exposure, e.after_request, e.created, e.started, e.ramped,
       e.ended, e.conclusion, e.winner, e.interleaving, a.id AS arm, a.name AS arm_name, a.model_id, a.share
FROM experiments e JOIN experiment_arms a ON a.experiment_id = e.id
WHERE e.id = $1
ORDER BY a.id;

-- name: experiment_history
SELECT id, at, what, experiment_id, actor, reason, detail, remark FROM experiment_history
WHERE experiment_id = $1 AND (CAST($2 AS bigint) IS NULL OR id < $2)
ORDER BY id DESC
LIMIT $3;

-- name: start_experiment
UPDATE experiments SET state = 'running', slice = $2, exposure = $3, started = $4, ramped = $4,
  after_request = (SELECT coalesce(max(id), 0) FROM inferences)
WHERE id = $1;

-- name: ramp_experiment
UPDATE experiments SET exposure = $2, ramped = $3 WHERE id = $1;

-- name: stop_experiment
UPDATE experiments SET state = 'stopped', slice = '', ended = $2 WHERE id = $1;

-- name: conclude_experiment
UPDATE experiments SET state = 'concluded', slice = '', conclusion = $2, winner = $3, ended = coalesce(ended, $4)
WHERE id = $1;

-- name: experiments_with_model
SELECT DISTINCT e.id FROM experiments e JOIN experiment_arms a ON a.experiment_id = e.id
WHERE a.model_id = $1 AND e.state IN ('draft', 'running')
ORDER BY e.id;

-- What an experiment answered and somebody saw, in order of the requests; a request comes once for each of its
-- feedbacks, or once without any. payload: NULL unless it is asked for. placed, policy: of an interleaved list; of
-- a split, placed is not looked for, since it stands behind the packed list.
-- name: experiment_requests
SELECT r.inference_id, r.arm, r.model_id, i.task_id, i.created, u.user_key, CASE WHEN $3 = 1 THEN u.payload END AS payload,
       CASE WHEN (SELECT interleaving FROM experiments WHERE id = $1) <> '' THEN r.placed END AS placed,
       p.name AS policy, p.parameters, f.n, f.item, f.rank, f.kind, f.value, f.people, f.weight, f.evidence, f.at
FROM rankings r
CROSS JOIN exposures e
CROSS JOIN inferences i
CROSS JOIN users u
LEFT JOIN policies p ON p.id = r.policy AND p.name = 'interleaved'
LEFT JOIN feedback f ON f.inference_id = r.inference_id AND f.evidence = 1
WHERE r.arm IN (SELECT id FROM experiment_arms WHERE experiment_id = $1) AND r.inference_id > $2
  AND e.inference_id = r.inference_id AND e.first_rank = 1 AND i.id = r.inference_id AND u.id = i.user_id
ORDER BY r.inference_id, f.n;

-- The same of requests from before an experiment, of people who told their keys: those after $1, up to $2.
-- name: earlier_requests
SELECT e.inference_id, u.user_key, i.created,
       f.n, f.item, f.rank, f.kind, f.value, f.people, f.weight, f.evidence, f.at
FROM exposures e
CROSS JOIN inferences i
CROSS JOIN users u
LEFT JOIN feedback f ON f.inference_id = e.inference_id AND f.evidence = 1
WHERE e.inference_id > $1 AND e.inference_id <= $2 AND e.first_rank = 1 AND i.id = e.inference_id AND u.id = i.user_id
  AND u.user_key IS NOT NULL
ORDER BY e.inference_id, f.n;
