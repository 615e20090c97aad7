-- When a hold began: reservations made shortly before do not run under it, however long it is made.
ALTER TABLE users ADD COLUMN hold_from TIMESTAMP;
