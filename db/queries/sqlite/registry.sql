-- Models, domain versions, event counts and kept answers.

-- name: add_artefact
INSERT OR IGNORE INTO artefacts (hash, bytes) VALUES (?1, ?2);

-- name: artefact
SELECT bytes FROM artefacts WHERE hash = ?1;

-- name: demote_all
UPDATE models SET champion = 0, share = 0 WHERE champion = 1 OR share > 0;

-- name: add_model
INSERT INTO models (family, feature_fingerprint, artefact_hash, metrics, lineage, domain_version, created, champion,
                    share)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8);

-- name: add_model_history
INSERT INTO model_history (at, what, model_id, actor, reason) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: models
SELECT id, family, feature_fingerprint, artefact_hash, metrics, lineage, domain_version, created, champion, share
FROM models ORDER BY id;

-- name: domain
SELECT version, name, fingerprint, source FROM domain_versions ORDER BY version DESC LIMIT 1;

-- name: add_domain
INSERT INTO domain_versions (name, fingerprint, source, adopted) VALUES (?1, ?2, ?3, ?4);

-- name: count_event
INSERT INTO event_counts (kind, minute, count) VALUES (?1, ?2, ?3)
ON CONFLICT (kind, minute) DO UPDATE SET count = count + excluded.count;

-- name: keep_answer
INSERT INTO answers (key, fingerprint, status, body, task_id, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: kept_answer
SELECT fingerprint, status, body, task_id FROM answers WHERE key = ?1;

-- name: forget_answers
DELETE FROM answers WHERE at < ?1;
