ALTER TABLE tokens DROP COLUMN last_used_by;
ALTER TABLE tokens DROP COLUMN last_used_at;
