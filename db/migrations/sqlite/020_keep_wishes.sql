-- What a request wishes of its list, as src/domain/wish_json.h reads it; NULL: nothing.
ALTER TABLE inferences ADD COLUMN wishes TEXT;
