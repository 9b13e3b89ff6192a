-- What is stored of a person, as it is changed.

-- name: person_to_change
SELECT payload FROM persons WHERE user_key = $1;
