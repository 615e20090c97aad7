DELETE FROM leases WHERE name = 'certificate_expiry';
DROP TABLE certificate_warnings;
DROP TABLE certificate_permits;
DROP TABLE certificates;
DROP TABLE certificate_authorities;
ALTER TABLE logins DROP COLUMN certificate_fingerprint;
ALTER TABLE contracts DROP COLUMN certificate_required;
