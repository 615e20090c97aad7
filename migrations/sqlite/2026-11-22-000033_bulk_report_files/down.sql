DROP INDEX bulk_reports_file;
ALTER TABLE bulk_reports DROP COLUMN file_id;
