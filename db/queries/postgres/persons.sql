-- What is stored of a person, as it is changed: whoever comes second waits for the first.

-- name: person_to_change
SELECT payload FROM persons WHERE user_key = $1 FOR UPDATE;
