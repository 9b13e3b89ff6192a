-- The one order of what happened, where the domain asks for one: what was shown, and what was told of rankings and of
-- people. NULL: it has no place there.
ALTER TABLE exposures ADD COLUMN position INTEGER;
ALTER TABLE feedback ADD COLUMN position INTEGER;
ALTER TABLE person_events ADD COLUMN position INTEGER;
CREATE INDEX exposures_by_position ON exposures (position) WHERE position IS NOT NULL;
CREATE INDEX feedback_by_position ON feedback (position) WHERE position IS NOT NULL;
CREATE INDEX person_events_by_position ON person_events (position) WHERE position IS NOT NULL;

-- When it was told.
ALTER TABLE person_events ADD COLUMN catalog_version INTEGER NOT NULL DEFAULT 0;

-- Up to which position the ranking knew what had happened, and a hash of what it knew; NULL: it asked for none of it.
ALTER TABLE rankings ADD COLUMN known INTEGER;
ALTER TABLE rankings ADD COLUMN known_hash INTEGER;
