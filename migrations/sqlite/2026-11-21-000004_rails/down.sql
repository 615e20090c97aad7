DROP TABLE stop_tries;
DROP TABLE stop_codes;
ALTER TABLE users DROP COLUMN stopped_at;
