-- Models and their history, and the domain's versions. Numbers without gaps are given by one writer after another.

-- name: add_artefact
INSERT INTO artefacts (hash, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: artefact
SELECT length(bytes) AS size, CASE WHEN length(bytes) <= $2 THEN bytes END AS bytes FROM artefacts WHERE hash = $1;

-- name: demote_all
UPDATE models SET champion = 0, share = 0, ranges = '' WHERE champion = 1 OR share > 0;

-- name: add_model
INSERT INTO models (id, family, feature_fingerprint, artefact_hash, metrics, lineage, domain_version, created, champion,
                    share, shadow, verdict, detail)
SELECT 1 + coalesce(max(given.id), 0), $1, $2, $3, $4, $5, $6, $7, CAST($8 AS bigint), CAST($8 AS bigint), $9,
       $10, $11
FROM (SELECT max(id) AS id FROM models UNION ALL SELECT max(model_id) FROM model_history) AS given
RETURNING id;

-- name: add_model_history
INSERT INTO model_history (id, at, what, model_id, actor, reason, detail, remark)
SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, $6, $7 FROM model_history;

-- name: models
SELECT id, family, feature_fingerprint, artefact_hash, metrics, lineage, domain_version, created, champion, share,
       ranges, shadow, verdict, detail
FROM models ORDER BY id;

-- name: model
SELECT id, family, feature_fingerprint, artefact_hash, metrics, lineage, domain_version, created, champion, share,
       ranges, shadow, verdict, detail
FROM models WHERE id = $1;

-- name: make_champion
UPDATE models SET champion = 1, share = 1, shadow = 0, ranges = '' WHERE id = $1;

-- name: other_challengers
SELECT id FROM models WHERE champion = 0 AND share > 0 AND id <> $1 ORDER BY id;

-- name: share_of_challengers
SELECT coalesce(sum(share), 0.0) AS share, (SELECT count(*) FROM models WHERE champion = 1) AS champions
FROM models WHERE champion = 0 AND id <> $1;

-- name: set_share
UPDATE models SET share = $2, ranges = $3 WHERE id = $1;

-- name: set_share_of_champion
UPDATE models SET share = $1 WHERE champion = 1;

-- name: set_shadow
UPDATE models SET shadow = $2 WHERE id = $1;

-- name: tenures
SELECT what = 'rolled_back' AS rolled_back, model_id,
       EXISTS (SELECT 1 FROM models WHERE models.id = model_history.model_id) AS is_there
FROM model_history WHERE what IN ('promoted', 'rolled_back') ORDER BY id;

-- name: model_history
SELECT id, at, what, model_id, actor, reason, detail, remark FROM model_history
WHERE CAST($1 AS bigint) IS NULL OR id < $1
ORDER BY id DESC
LIMIT $2;

-- name: remove_model
DELETE FROM models WHERE id = $1;

-- name: forget_artefact
DELETE FROM artefacts WHERE hash = $1 AND NOT EXISTS (SELECT 1 FROM models WHERE artefact_hash = $1);

-- name: forget_orphans
DELETE FROM artefacts WHERE hash NOT IN (SELECT artefact_hash FROM models);

-- name: domain
SELECT version, name, fingerprint, source FROM domain_versions ORDER BY version DESC LIMIT 1;

-- name: add_domain
INSERT INTO domain_versions (version, name, fingerprint, source, adopted)
SELECT coalesce(max(version), 0) + 1, $1, $2, $3, $4 FROM domain_versions
RETURNING version;
