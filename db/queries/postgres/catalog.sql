-- Items, many at once.

-- An item that was there before stays as old as it was; $4: now.
-- name: put_items
INSERT INTO items (item_id, version, deleted, payload, since)
SELECT DISTINCT ON (item) item, $1, (asked.payload IS NULL)::int, coalesce(asked.payload, ''),
       CASE WHEN asked.payload IS NULL THEN 0 ELSE coalesce(before.since, $4) END
FROM unnest($2::bigint[], $3::text[]) WITH ORDINALITY AS asked (item, payload, position)
LEFT JOIN LATERAL (
  SELECT CASE deleted WHEN 0 THEN since END AS since FROM items
  WHERE item_id = asked.item AND version < $1
  ORDER BY version DESC
  LIMIT 1) AS before ON true
ORDER BY item, position DESC
ON CONFLICT (item_id, version)
DO UPDATE SET deleted = excluded.deleted, payload = excluded.payload, since = excluded.since;

-- name: put_item_keys
INSERT INTO item_keys (item_id, version, key) SELECT id, $1, key FROM unnest($2::bigint[], $3::text[]) AS given (id, key);

-- name: items
SELECT item_id, version, deleted, payload, since
FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (id, position)
CROSS JOIN LATERAL (
  SELECT item_id, version, deleted, payload, since FROM items
  WHERE item_id = asked.id AND version <= $2
    AND version <= (SELECT value FROM counters WHERE name = 'catalog_version')
  ORDER BY version DESC
  LIMIT 1) AS found
ORDER BY position;

-- name: states_of_items
SELECT item_id, version, deleted, payload, since FROM items WHERE item_id = ANY ($1::bigint[]) AND version <= $2
ORDER BY item_id, version;
