DROP TABLE token_issues;
DROP TABLE flows;
CREATE TABLE flows (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 22),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    user_id BIGINT NOT NULL REFERENCES users (id),
    login_id TEXT NOT NULL REFERENCES logins (id),
    operation TEXT NOT NULL CHECK (operation IN ('token_start', 'token_exchange', 'token_stop')),
    step TEXT NOT NULL CHECK (step IN ('input', 'new_token', 'done', 'ended')),
    token_id BIGINT REFERENCES tokens (id),
    proven_at TIMESTAMP,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    receipt_id BIGINT,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX flows_user ON flows (user_id);
