-- The newest trainings are asked for again and again, and there are few among millions of rankings.
CREATE INDEX tasks_trainings ON tasks (id) WHERE kind = 1;
