-- Feedback of many kinds. How many people, how much it counts and whether it is evidence were one number.
ALTER TABLE feedback ADD COLUMN people double precision NOT NULL DEFAULT 1;
ALTER TABLE feedback ADD COLUMN evidence smallint NOT NULL DEFAULT 1 CHECK (evidence IN (0, 1));
ALTER TABLE feedback ADD COLUMN event_id text;
UPDATE feedback
SET people = CASE WHEN weight > 0 THEN weight ELSE 1 END, evidence = CASE WHEN weight > 0 THEN 1 ELSE 0 END, weight = 1
WHERE weight <> 1;
CREATE UNIQUE INDEX feedback_by_event ON feedback (event_id) WHERE event_id IS NOT NULL;

-- What people did elsewhere, in the order in which it was told. at: when it happened.
CREATE TABLE person_events (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_key text NOT NULL,
  item     bigint NOT NULL,
  kind     text NOT NULL,
  value    double precision NOT NULL,
  at       bigint NOT NULL,
  received bigint NOT NULL,
  event_id text
);
CREATE INDEX person_events_by_key ON person_events (user_key);
CREATE UNIQUE INDEX person_events_by_event ON person_events (event_id) WHERE event_id IS NOT NULL;
