-- The candidates of a request that named nothing, a text a line as src/domain/ranking.h has them; NULL: none did.
ALTER TABLE inferences ADD COLUMN unknown_candidates TEXT;
