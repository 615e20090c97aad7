-- Where records were taken away from the middle of a file: chunk and how many it has less than a full
-- one, as `3:1 17:2`. So a record taken away changes its own chunk and not all behind it.
ALTER TABLE bulk_files ADD COLUMN gaps TEXT NOT NULL DEFAULT '' CHECK (length(gaps) <= 8000);
-- The digests of a file's chunks, without the bytes that lie before them in their rows.
CREATE INDEX bulk_chunks_digest ON bulk_chunks (file_id, no, sha256);
