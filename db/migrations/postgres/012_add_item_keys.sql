-- The texts by which the catalog's owner names items, where the domain's ids are texts: item_id stands for one in every
-- other table. Counted from 1; a key stays when its item is deleted. version: of the catalog, that brought it.
CREATE TABLE item_keys (
  item_id bigint PRIMARY KEY,
  version bigint NOT NULL,
  key     text NOT NULL UNIQUE
);
