-- The wider CHECKs stay: rows that they would refuse are gone.
DELETE FROM flows WHERE operation = 'user_manage';
DROP TABLE initial_passwords;
DROP TABLE user_limits;
DROP TABLE user_accounts;
DROP TABLE user_rights;
DROP TABLE unverified_addresses;
ALTER TABLE users DROP COLUMN version;
