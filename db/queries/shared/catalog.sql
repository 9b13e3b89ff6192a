-- Items with their history. A state of an item counts from its version on.

-- name: drop_items_after
DELETE FROM items WHERE version > $1;

-- name: item_states
SELECT item_id, version, deleted, payload, since FROM items WHERE version <= $1 ORDER BY item_id, version;

-- name: changed_items
SELECT items.item_id, items.version, items.deleted, items.payload, items.since
FROM (SELECT item_id AS id, max(version) AS newest FROM items WHERE version > $1 AND version <= $2
      GROUP BY item_id) AS changed
JOIN items ON items.item_id = changed.id AND items.version = changed.newest
ORDER BY items.item_id;

-- A key belongs to the version that brought its item, and ids are counted as versions go.
-- name: drop_item_keys_after
DELETE FROM item_keys
WHERE item_id > coalesce((SELECT item_id FROM item_keys WHERE version <= $1 ORDER BY item_id DESC LIMIT 1), 0);

-- name: item_keys
SELECT item_id, version, key FROM item_keys WHERE item_id > $1 ORDER BY item_id;
