-- Removes everything.
BEGIN;
DROP VIEW events;
DROP TABLE event_counts, answers, model_history, models, artefacts, items, feedback, exposures, tasks, rankings,
           inferences, users, policies, sources, domain_versions, batches, counters, schema_migrations;
DROP FUNCTION refuse_change_of_history();
DROP FUNCTION store_now();
COMMIT;
