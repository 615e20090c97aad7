ALTER TABLE accounts DROP COLUMN booked_on;
ALTER TABLE accounts DROP COLUMN line_count;
DROP INDEX postings_booked;
ALTER TABLE postings DROP COLUMN balance_after;
ALTER TABLE postings DROP COLUMN line_no;
ALTER TABLE postings DROP COLUMN booked_on;
CREATE INDEX postings_account ON postings (account_id, id);
