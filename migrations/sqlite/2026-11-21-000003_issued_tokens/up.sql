-- A software token issued to a customer (minori): who may set it up, until when, and what the
-- customer's state was before, to which a failed or expired issue returns.
CREATE TABLE token_issues (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    user_id BIGINT NOT NULL REFERENCES users (id),
    token_id BIGINT NOT NULL REFERENCES tokens (id),
    user_number TEXT NOT NULL CHECK (length(user_number) BETWEEN 1 AND 20),
    mail_address TEXT NOT NULL CHECK (length(mail_address) <= 254),
    activation_hash TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    previous_status TEXT NOT NULL
        CHECK (previous_status IN ('unregistered', 'issued', 'in_use', 'revoked')),
    previous_token_id BIGINT REFERENCES tokens (id),
    issued_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    set_up_at TIMESTAMP,
    set_up_key_digest TEXT CHECK (length(set_up_key_digest) = 43),
    ended_at TIMESTAMP,
    end_reason TEXT CHECK (end_reason IN ('replaced', 'attempts', 'expired', 'started', 'revoked')),
    UNIQUE (portal, user_number)
);
CREATE INDEX token_issues_user ON token_issues (user_id, ended_at);
CREATE INDEX token_issues_open ON token_issues (ended_at, expires_at);

-- Flows begun in the menu, after login, with a check page and a draft of what was typed (never a
-- secret in clear). Flows live for minutes, so those under way at the upgrade are begun again.
DROP TABLE flows;
CREATE TABLE flows (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 22),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    user_id BIGINT NOT NULL REFERENCES users (id),
    login_id TEXT NOT NULL REFERENCES logins (id),
    operation TEXT NOT NULL CHECK (operation IN
        ('token_issue', 'token_start', 'token_exchange', 'token_stop', 'limit_change',
         'customer_info_change')),
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
