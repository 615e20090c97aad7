ALTER TABLE tokens DROP COLUMN valid_from;
