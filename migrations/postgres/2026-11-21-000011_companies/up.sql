-- Companies: when a contract applied for one-time passwords and from when its users must register
-- a token (nothing: the profile's day), and users whom their administrators paused or deleted.
ALTER TABLE contracts ADD COLUMN otp_applied_on DATE;
ALTER TABLE contracts ADD COLUMN otp_starts_on DATE;
ALTER TABLE users ADD COLUMN paused_at TIMESTAMP;
ALTER TABLE users ADD COLUMN deleted_at TIMESTAMP;

-- Lists of a contract's users go by login id; that of a contract alone is its beginning.
CREATE INDEX users_contract_login_id ON users (contract_id, login_id);
DROP INDEX users_contract;
