-- A maker's first day of use: before it a token cannot be registered.
ALTER TABLE tokens ADD COLUMN valid_from TIMESTAMP;
