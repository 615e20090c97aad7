CREATE INDEX users_contract ON users (contract_id);
DROP INDEX users_contract_login_id;
ALTER TABLE users DROP COLUMN deleted_at;
ALTER TABLE users DROP COLUMN paused_at;
ALTER TABLE contracts DROP COLUMN otp_starts_on;
ALTER TABLE contracts DROP COLUMN otp_applied_on;
