-- Events of an erased person that histories of items count: they stay, as nobody's.
ALTER TABLE erasures ADD COLUMN unlinked_events INTEGER NOT NULL DEFAULT 0;
