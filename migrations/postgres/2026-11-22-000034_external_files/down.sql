DELETE FROM leases WHERE name = 'external_files';
DROP TABLE external_notices;
DROP TABLE external_fetches;
DROP TABLE external_chunks;
DROP TABLE external_files;
DROP TABLE external_days;
DROP TABLE external_accounts;
ALTER TABLE bulk_services DROP COLUMN external_send;
