-- What is stored of people, what they asked and did, and its erasure.

-- name: stored_person
SELECT payload FROM persons WHERE user_key = $1;

-- name: add_person
INSERT INTO persons (user_key, payload, domain_version, changed) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;

-- name: change_person
UPDATE persons SET payload = $2, domain_version = $3, changed = $4 WHERE user_key = $1;

-- name: remove_person
DELETE FROM persons WHERE user_key = $1;

-- One row, of anybody. Nothing but zeros and NULL: nothing is known.
-- name: person
SELECT (SELECT payload FROM persons WHERE user_key = $1) AS payload,
       (SELECT changed FROM persons WHERE user_key = $1) AS changed,
       (SELECT count(*) FROM users WHERE user_key = $1) AS requests,
       (SELECT min(created) FROM users WHERE user_key = $1) AS first_request,
       (SELECT max(created) FROM users WHERE user_key = $1) AS last_request,
       (SELECT count(*) FROM person_events WHERE user_key = $1) AS events,
       (SELECT min(at) FROM person_events WHERE user_key = $1) AS first_event,
       (SELECT max(at) FROM person_events WHERE user_key = $1) AS last_event;

-- name: requests_of_person
SELECT id, created, user_key, payload, domain_version FROM users WHERE user_key = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: newest_requests_of_person
SELECT id, created, user_key, payload, domain_version FROM users WHERE user_key = $1 ORDER BY id DESC LIMIT $2;

-- name: events_of_person
SELECT id, item, kind, value, at, received, event_id FROM person_events
WHERE user_key = $1 AND id > $2
ORDER BY id
LIMIT $3;

-- No row: nothing is known of the person. What is stored goes at once, so that no later request takes it.
-- name: add_erasure
INSERT INTO erasures (task_id, user_key, asked_by, persons, events, requests, feedback)
SELECT $1, $2, $3, (SELECT count(*) FROM persons WHERE user_key = $2), 0, 0, 0
WHERE EXISTS (SELECT 1 FROM persons WHERE user_key = $2) OR EXISTS (SELECT 1 FROM users WHERE user_key = $2)
   OR EXISTS (SELECT 1 FROM person_events WHERE user_key = $2);

-- name: erasure
SELECT user_key, asked_by, last_request, last_event, persons, events, unlinked_events, requests, feedback
FROM erasures WHERE task_id = $1;

-- name: begin_erasure
UPDATE erasures
SET last_request = (SELECT coalesce(max(id), 0) FROM users), last_event = (SELECT coalesce(max(id), 0) FROM person_events)
WHERE task_id = $1 AND last_request IS NULL;

-- name: erase_events
DELETE FROM person_events
WHERE id IN (SELECT id FROM person_events WHERE user_key = $1 AND id <= $2 AND position IS NULL ORDER BY id LIMIT $3);

-- What has a place in the order of what happened is counted by histories of its item, and stays so.
-- name: unlink_events
UPDATE person_events SET user_key = '', event_id = NULL
WHERE id IN (SELECT id FROM person_events WHERE user_key = $1 AND id <= $2 AND position IS NOT NULL ORDER BY id LIMIT $3);

-- name: requests_to_unlink
SELECT id, payload, (SELECT count(*) FROM feedback WHERE inference_id = users.id) AS feedback
FROM users
WHERE user_key = $1 AND id <= $2
ORDER BY id
LIMIT $3;

-- name: unlink_request
UPDATE users SET user_key = NULL, payload = $2 WHERE id = $1;

-- What it knew of the person cannot be computed again. A request and its inference have one number.
-- name: forget_known
UPDATE rankings SET known = NULL, known_hash = NULL WHERE inference_id = $1;

-- Once the events are gone, their numbers may be given again.
-- name: keep_erasure
UPDATE erasures
SET user_key = $2, events = $3, requests = $4, feedback = $5, unlinked_events = $6,
    last_event = CASE WHEN EXISTS (SELECT 1 FROM person_events p WHERE p.user_key = $2 AND p.id <= erasures.last_event)
                 THEN last_event ELSE 0 END
WHERE task_id = $1;

-- Of tasks that have ended, however they did.
-- name: forget_erasures
DELETE FROM erasures WHERE (SELECT finished FROM tasks WHERE tasks.id = erasures.task_id) <= $1;
