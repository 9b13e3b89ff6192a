-- Items with their history. A state of an item counts from its version on.

-- name: put_item
INSERT OR REPLACE INTO items (item_id, version, deleted, payload) VALUES (?1, ?2, ?3, ?4);

-- name: drop_items_after
DELETE FROM items WHERE version > ?1;

-- name: item
SELECT item_id, version, deleted, payload FROM items
WHERE item_id = ?1 AND version <= ?2
ORDER BY version DESC
LIMIT 1;

-- name: item_states
SELECT item_id, version, deleted, payload FROM items WHERE version <= ?1 ORDER BY item_id, version;

-- name: states_of_item
SELECT item_id, version, deleted, payload FROM items WHERE item_id = ?1 AND version <= ?2 ORDER BY version;

-- name: changed_items
SELECT items.item_id, items.version, items.deleted, items.payload
FROM (SELECT item_id AS id, max(version) AS newest FROM items WHERE version > ?1 AND version <= ?2
      GROUP BY item_id)
JOIN items ON items.item_id = id AND items.version = newest
ORDER BY items.item_id;
