ALTER TABLE accounts DROP COLUMN booked_on;
ALTER TABLE accounts DROP COLUMN line_count;
CREATE TABLE postings_without_lines (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    entry_id BIGINT NOT NULL REFERENCES ledger_entries (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    amount BIGINT NOT NULL CHECK (amount <> 0)
);
INSERT INTO postings_without_lines (id, entry_id, account_id, amount)
SELECT id, entry_id, account_id, amount FROM postings ORDER BY id;
DROP TABLE postings;
ALTER TABLE postings_without_lines RENAME TO postings;
CREATE INDEX postings_entry ON postings (entry_id);
CREATE INDEX postings_account ON postings (account_id, id);
CREATE TRIGGER postings_no_update BEFORE UPDATE ON postings
BEGIN
    SELECT RAISE(ABORT, 'postings is append-only');
END;
CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings
BEGIN
    SELECT RAISE(ABORT, 'postings is append-only');
END;
