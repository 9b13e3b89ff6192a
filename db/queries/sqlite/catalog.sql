-- Items one by one.

-- name: put_item
INSERT OR REPLACE INTO items (item_id, version, deleted, payload) VALUES ($1, $2, $3, $4);

-- name: put_item_key
INSERT INTO item_keys (item_id, version, key) VALUES ($1, $2, $3);

-- name: item
SELECT item_id, version, deleted, payload FROM items
WHERE item_id = $1 AND version <= $2
ORDER BY version DESC
LIMIT 1;

-- name: states_of_item
SELECT item_id, version, deleted, payload FROM items WHERE item_id = $1 AND version <= $2 ORDER BY version;
