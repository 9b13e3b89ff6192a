-- What is stored of people, by their own keys: fields of a request, as the domain file's [person] names them.
CREATE TABLE persons (
  user_key       text PRIMARY KEY,
  payload        text NOT NULL,
  domain_version integer NOT NULL,
  changed        bigint NOT NULL
);

-- Erasures under way, by their tasks, and what they have done so far. user_key: NULL once nothing of the person is left.
-- last_request, last_event: where the work ends, NULL until it begins. What comes later is another person's.
CREATE TABLE erasures (
  task_id      uuid PRIMARY KEY,
  user_key     text,
  asked_by     text NOT NULL,
  last_request bigint,
  last_event   bigint,
  persons      bigint NOT NULL,
  events       bigint NOT NULL,
  requests     bigint NOT NULL,
  feedback     bigint NOT NULL
);

-- What a person did is read in order, some at a time: without the id in the index that is a walk through all rows.
CREATE INDEX users_by_person ON users (user_key, id) WHERE user_key IS NOT NULL;
DROP INDEX users_by_key;
CREATE INDEX person_events_by_person ON person_events (user_key, id);
DROP INDEX person_events_by_key;
