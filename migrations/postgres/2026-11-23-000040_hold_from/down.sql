ALTER TABLE users DROP COLUMN hold_from;
