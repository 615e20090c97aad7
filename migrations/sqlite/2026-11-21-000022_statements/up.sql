-- Lines of statements: each posting of a customer's account knows its number on that account, the
-- day under which statements show it (the entry's business date, never before the line above), and
-- the balance after it. Postings of the institution's own accounts are no lines of anything.
CREATE TABLE postings_with_lines (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    entry_id BIGINT NOT NULL REFERENCES ledger_entries (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    amount BIGINT NOT NULL CHECK (amount <> 0),
    booked_on DATE NOT NULL,
    line_no BIGINT CHECK (line_no > 0),
    balance_after BIGINT,
    CHECK ((line_no IS NULL) = (balance_after IS NULL)),
    UNIQUE (account_id, line_no)
);
INSERT INTO postings_with_lines
    (id, entry_id, account_id, amount, booked_on, line_no, balance_after)
SELECT
    postings.id, postings.entry_id, postings.account_id, postings.amount,
    CASE accounts.purpose WHEN 'customer'
        THEN MAX(ledger_entries.business_date) OVER lines ELSE ledger_entries.business_date END,
    CASE accounts.purpose WHEN 'customer' THEN ROW_NUMBER() OVER lines END,
    CASE accounts.purpose WHEN 'customer' THEN SUM(postings.amount) OVER lines END
FROM postings
JOIN ledger_entries ON ledger_entries.id = postings.entry_id
JOIN accounts ON accounts.id = postings.account_id
WINDOW lines AS (PARTITION BY postings.account_id ORDER BY postings.id)
ORDER BY postings.id;
-- Its triggers go with it and are made again: nothing in between changes a posting.
DROP TABLE postings;
ALTER TABLE postings_with_lines RENAME TO postings;
CREATE INDEX postings_entry ON postings (entry_id);
CREATE INDEX postings_booked ON postings (account_id, booked_on, line_no);
CREATE TRIGGER postings_no_update BEFORE UPDATE ON postings
BEGIN
    SELECT RAISE(ABORT, 'postings is append-only');
END;
CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings
BEGIN
    SELECT RAISE(ABORT, 'postings is append-only');
END;

-- How many lines there are, and the day of the last: moved on together with the balance.
ALTER TABLE accounts ADD COLUMN line_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN booked_on DATE NOT NULL DEFAULT '2000-01-01';
UPDATE accounts SET
    line_count = (SELECT COUNT(*) FROM postings WHERE account_id = accounts.id),
    booked_on = (SELECT MAX(booked_on) FROM postings WHERE account_id = accounts.id)
WHERE purpose = 'customer'
    AND EXISTS (SELECT 1 FROM postings WHERE account_id = accounts.id);
