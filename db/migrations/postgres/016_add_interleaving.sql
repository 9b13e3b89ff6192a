-- Experiments whose arms answer together, with one list merged from both rankings.

-- How the rankings are merged; '': each arm answers by itself.
ALTER TABLE experiments ADD COLUMN interleaving text NOT NULL DEFAULT '';

-- Which of two models placed what, as src/storage/packed_placements.h says; NULL: one model's list.
ALTER TABLE rankings ADD COLUMN placed bytea;
