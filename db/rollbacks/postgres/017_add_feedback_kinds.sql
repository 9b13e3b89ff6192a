-- Takes back what 017_add_feedback_kinds.sql of the migrations did. What people did elsewhere is lost, and feedback of other
-- kinds than 'pick' and 'none'.
BEGIN;
DROP TABLE person_events;
DELETE FROM feedback WHERE kind NOT IN ('pick', 'none');
UPDATE feedback SET weight = CASE WHEN evidence = 1 THEN people ELSE 0 END;
ALTER TABLE feedback DROP COLUMN people;
ALTER TABLE feedback DROP COLUMN evidence;
ALTER TABLE feedback DROP COLUMN event_id;
DELETE FROM schema_migrations WHERE version = 17;
COMMIT;
