-- Since when the item has been in the catalog without being deleted, in milliseconds since 1970. 0: it is deleted, or came before
-- this was kept.
ALTER TABLE items ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
