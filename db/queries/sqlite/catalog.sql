-- Items one by one.

-- An item that was there before stays as old as it was; $5: now.
-- name: put_item
INSERT OR REPLACE INTO items (item_id, version, deleted, payload, since)
VALUES ($1, $2, $3, $4,
        CASE WHEN $3 = 1 THEN 0
             ELSE coalesce((SELECT CASE deleted WHEN 0 THEN since END FROM items WHERE item_id = $1 AND version < $2
                            ORDER BY version DESC LIMIT 1), $5) END);

-- name: put_item_key
INSERT INTO item_keys (item_id, version, key) VALUES ($1, $2, $3);

-- name: item
SELECT item_id, version, deleted, payload, since FROM items
WHERE item_id = $1 AND version <= $2
ORDER BY version DESC
LIMIT 1;

-- name: states_of_item
SELECT item_id, version, deleted, payload, since FROM items WHERE item_id = $1 AND version <= $2 ORDER BY version;
