-- What a mailed code is for: one sent for the first setup opens no issue of a token, and the other
-- way round. Codes that are open at the upgrade belong to first setups.
ALTER TABLE mail_codes ADD COLUMN purpose TEXT NOT NULL DEFAULT 'first_setup'
    CHECK (purpose IN ('first_setup', 'token_issue'));

-- The job that ends issues which were not set up in time.
INSERT INTO leases (name, holder, held_until) VALUES ('issue_expiry', '', '2000-01-01 00:00:00');
