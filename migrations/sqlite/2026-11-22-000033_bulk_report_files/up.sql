-- The file with which a report is shown: the warnings with which an upload became a draft.
ALTER TABLE bulk_reports ADD COLUMN file_id BIGINT;
CREATE INDEX bulk_reports_file ON bulk_reports (file_id);
