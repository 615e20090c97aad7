-- What customers change themselves: their telephone number, and since when each secret holds
-- (nothing where it was set before this column was there).
ALTER TABLE users ADD COLUMN telephone TEXT CHECK (length(telephone) <= 20);
ALTER TABLE users ADD COLUMN login_secret_changed_at TIMESTAMP;
ALTER TABLE users ADD COLUMN confirm_secret_changed_at TIMESTAMP;

-- A purpose of its own for the code that proves a new mail address. SQLite changes no CHECK, so the
-- table is made again; its rows stay, because sendings are counted over a day.
CREATE TABLE mail_codes_new (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (id),
    address TEXT NOT NULL CHECK (length(address) <= 254),
    code_digest TEXT NOT NULL CHECK (length(code_digest) = 43),
    tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    sendings INTEGER NOT NULL DEFAULT 1,
    sent_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,
    purpose TEXT NOT NULL DEFAULT 'first_setup'
        CHECK (purpose IN ('first_setup', 'token_issue', 'mail_address'))
);
INSERT INTO mail_codes_new
    (id, user_id, address, code_digest, tries, sendings, sent_at, expires_at, closed_at, purpose)
SELECT id, user_id, address, code_digest, tries, sendings, sent_at, expires_at, closed_at, purpose
FROM mail_codes;
DROP TABLE mail_codes;
ALTER TABLE mail_codes_new RENAME TO mail_codes;
CREATE INDEX mail_codes_user ON mail_codes (user_id);

-- The flows of a change of secrets. Flows live for minutes, so those under way at the upgrade are
-- begun again.
DROP TABLE flows;
CREATE TABLE flows (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 22),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    user_id BIGINT NOT NULL REFERENCES users (id),
    login_id TEXT NOT NULL REFERENCES logins (id),
    operation TEXT NOT NULL CHECK (operation IN
        ('token_issue', 'token_start', 'token_exchange', 'token_stop', 'limit_change',
         'customer_info_change', 'secret_change')),
    step TEXT NOT NULL CHECK (step IN ('input', 'confirm', 'new_token', 'done', 'ended')),
    draft TEXT NOT NULL DEFAULT '' CHECK (length(draft) <= 4000),
    token_id BIGINT REFERENCES tokens (id),
    proven_at TIMESTAMP,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    receipt_id BIGINT,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX flows_user ON flows (user_id);
