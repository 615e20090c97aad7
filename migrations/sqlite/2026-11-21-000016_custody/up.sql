-- Who of those who share a token used it last, and when.
ALTER TABLE tokens ADD COLUMN last_used_at TIMESTAMP;
ALTER TABLE tokens ADD COLUMN last_used_by BIGINT;
