-- Lines of statements: each posting of a customer's account knows its number on that account, the
-- day under which statements show it (the entry's business date, never before the line above), and
-- the balance after it. Postings of the institution's own accounts are no lines of anything.
ALTER TABLE postings ADD COLUMN booked_on DATE;
ALTER TABLE postings ADD COLUMN line_no BIGINT CHECK (line_no > 0);
ALTER TABLE postings ADD COLUMN balance_after BIGINT;
-- Nobody else gets to the table before this transaction ends.
ALTER TABLE postings DISABLE TRIGGER postings_append_only;
UPDATE postings SET
    booked_on = made.booked_on, line_no = made.line_no, balance_after = made.balance_after
FROM (
    SELECT
        postings.id,
        CASE accounts.purpose WHEN 'customer'
            THEN MAX(ledger_entries.business_date) OVER lines
            ELSE ledger_entries.business_date END AS booked_on,
        CASE accounts.purpose WHEN 'customer' THEN ROW_NUMBER() OVER lines END AS line_no,
        CASE accounts.purpose WHEN 'customer'
            THEN CAST(SUM(postings.amount) OVER lines AS BIGINT) END AS balance_after
    FROM postings
    JOIN ledger_entries ON ledger_entries.id = postings.entry_id
    JOIN accounts ON accounts.id = postings.account_id
    WINDOW lines AS (PARTITION BY postings.account_id ORDER BY postings.id)
) AS made
WHERE made.id = postings.id;
ALTER TABLE postings ENABLE TRIGGER postings_append_only;
ALTER TABLE postings ALTER COLUMN booked_on SET NOT NULL;
ALTER TABLE postings ADD CHECK ((line_no IS NULL) = (balance_after IS NULL));
ALTER TABLE postings ADD UNIQUE (account_id, line_no);
DROP INDEX postings_account;
CREATE INDEX postings_booked ON postings (account_id, booked_on, line_no);

-- How many lines there are, and the day of the last: moved on together with the balance.
ALTER TABLE accounts ADD COLUMN line_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN booked_on DATE NOT NULL DEFAULT '2000-01-01';
UPDATE accounts SET
    line_count = (SELECT COUNT(*) FROM postings WHERE account_id = accounts.id),
    booked_on = (SELECT MAX(booked_on) FROM postings WHERE account_id = accounts.id)
WHERE purpose = 'customer'
    AND EXISTS (SELECT 1 FROM postings WHERE account_id = accounts.id);
