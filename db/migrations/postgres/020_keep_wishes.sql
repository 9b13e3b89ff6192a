-- What a request wishes of its list, as src/domain/wish_json.h reads it; NULL: nothing.
ALTER TABLE inferences ADD COLUMN wishes text;

-- The parameters of a policy keep what was wished of its lists, which may be more than a row of an index holds.
ALTER TABLE policies DROP CONSTRAINT policies_name_parameters_deterministic_key;
CREATE UNIQUE INDEX policies_by_text ON policies (name, md5(parameters), deterministic);
