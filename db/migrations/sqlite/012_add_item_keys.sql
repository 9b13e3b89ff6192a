-- The texts by which the catalog's owner names items, where the domain's ids are texts: item_id stands for one in every
-- other table. Counted from 1; a key stays when its item is deleted. version: of the catalog, that brought it.
CREATE TABLE item_keys (
  item_id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  key     TEXT NOT NULL UNIQUE
) STRICT;
