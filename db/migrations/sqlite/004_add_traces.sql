-- The span that asked for a task, as W3C Trace Context writes it (traceparent); NULL: nobody traces it.
ALTER TABLE tasks ADD COLUMN trace TEXT;
