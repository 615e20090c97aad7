ALTER TABLE contracts DROP COLUMN token_mode;
