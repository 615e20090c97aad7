DROP INDEX bulk_chunks_digest;
ALTER TABLE bulk_files DROP COLUMN gaps;
