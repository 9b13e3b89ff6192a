-- Feedback of many kinds. How many people, how much it counts and whether it is evidence were one number.
ALTER TABLE feedback ADD COLUMN people REAL NOT NULL DEFAULT 1;
ALTER TABLE feedback ADD COLUMN evidence INTEGER NOT NULL DEFAULT 1 CHECK (evidence IN (0, 1));
ALTER TABLE feedback ADD COLUMN event_id TEXT;
UPDATE feedback SET people = iif(weight > 0, weight, 1), evidence = weight > 0, weight = 1 WHERE weight <> 1;
CREATE UNIQUE INDEX feedback_by_event ON feedback (event_id) WHERE event_id IS NOT NULL;

-- What people did elsewhere, in the order in which it was told. at: when it happened.
CREATE TABLE person_events (
  id       INTEGER PRIMARY KEY,
  user_key TEXT NOT NULL,
  item     INTEGER NOT NULL,
  kind     TEXT NOT NULL,
  value    REAL NOT NULL,
  at       INTEGER NOT NULL,
  received INTEGER NOT NULL,
  event_id TEXT
) STRICT;
CREATE INDEX person_events_by_key ON person_events (user_key);
CREATE UNIQUE INDEX person_events_by_event ON person_events (event_id) WHERE event_id IS NOT NULL;
