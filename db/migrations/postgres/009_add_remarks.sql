-- Whom a change of the registry named by itself; who made it is told by the role that was shown.
ALTER TABLE model_history ADD COLUMN remark text NOT NULL DEFAULT '';
