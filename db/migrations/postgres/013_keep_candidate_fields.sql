-- What a request says of its candidates, as src/domain/candidate_fields.h writes it; NULL: nothing.
ALTER TABLE inferences ADD COLUMN candidate_fields text;
