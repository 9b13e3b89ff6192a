-- Counts of what models showed, and of events.

-- name: count_requests
INSERT INTO model_counts (model_id, shown, picked, none, value) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (model_id) DO UPDATE
SET shown = shown + excluded.shown, picked = picked + excluded.picked, none = none + excluded.none,
    value = value + excluded.value;

-- name: count_event
INSERT INTO event_counts (kind, minute, count) VALUES ($1, $2, $3)
ON CONFLICT (kind, minute) DO UPDATE SET count = count + excluded.count;
