DELETE FROM leases WHERE name = 'issue_expiry';
ALTER TABLE mail_codes DROP COLUMN purpose;
