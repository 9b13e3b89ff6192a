-- Takes back what 018_add_persons.sql of the migrations did. What was stored of people is lost; an erasure that has not ended
-- has to be asked for again.
BEGIN;
CREATE INDEX users_by_key ON users (user_key) WHERE user_key IS NOT NULL;
DROP INDEX users_by_person;
CREATE INDEX person_events_by_key ON person_events (user_key);
DROP INDEX person_events_by_person;
DROP TABLE erasures;
DROP TABLE persons;
DELETE FROM schema_migrations WHERE version = 18;
COMMIT;
