-- The ids that other systems gave to their requests: the same request imported again is there already. content: SHA-256
-- of what the request says, so that another one under the same id is noticed.
CREATE TABLE imported_requests (
  key          TEXT PRIMARY KEY,
  content      BLOB NOT NULL CHECK (length(content) = 32),
  inference_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
