-- Counts of what models showed, and of events; which answers are kept; the lock under which numbers without gaps are
-- given.

-- name: lock_counter
SELECT value FROM counters WHERE name = $1 FOR UPDATE;

-- name: count_requests
INSERT INTO model_counts AS counts (model_id, shown, picked, none, value)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::double precision[])
ON CONFLICT (model_id) DO UPDATE
SET shown = counts.shown + excluded.shown, picked = counts.picked + excluded.picked,
    none = counts.none + excluded.none, value = counts.value + excluded.value;

-- name: count_events
INSERT INTO event_counts AS counts (kind, minute, count)
SELECT kind, minute, sum(count)::bigint FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS event (kind, minute, count)
GROUP BY kind, minute ORDER BY kind, minute
ON CONFLICT (kind, minute) DO UPDATE SET count = counts.count + excluded.count;

-- name: kept_keys
SELECT key FROM answers WHERE key = ANY ($1::text[]);
