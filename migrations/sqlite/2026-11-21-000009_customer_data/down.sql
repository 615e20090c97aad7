-- The wider CHECKs stay: rows that they would refuse are gone.
DELETE FROM flows WHERE operation = 'secret_change';
DELETE FROM mail_codes WHERE purpose = 'mail_address';
ALTER TABLE users DROP COLUMN confirm_secret_changed_at;
ALTER TABLE users DROP COLUMN login_secret_changed_at;
ALTER TABLE users DROP COLUMN telephone;
