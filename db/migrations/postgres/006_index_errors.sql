-- What failed or was revoked is looked for among millions that succeeded. Every end but success has a reason, and what
-- happens to a task again and again leaves the reason alone.
CREATE INDEX tasks_with_error ON tasks (id) WHERE error IS NOT NULL;
