-- Times are UTC with microseconds, money is whole yen, states are text with a CHECK.
-- Every look-up of a customer's data carries the contract; every table of a portal carries its slug.

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY CHECK (length(name) <= 64),
    value TEXT NOT NULL
);

CREATE TABLE contracts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    number TEXT NOT NULL CHECK (length(number) <= 32),
    name TEXT NOT NULL CHECK (length(name) <= 200),
    created_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,
    UNIQUE (portal, number)
);

CREATE TABLE tokens (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    serial TEXT NOT NULL CHECK (length(serial) BETWEEN 1 AND 32),
    kind TEXT NOT NULL CHECK (kind IN ('hardware', 'app', 'desktop', 'vendor_app')),
    state TEXT NOT NULL CHECK (state IN ('stock', 'shipped', 'in_use', 'retired')),
    contract_id BIGINT REFERENCES contracts (id),
    algorithm TEXT NOT NULL CHECK (algorithm IN ('sha1', 'sha256', 'sha512')),
    digits INTEGER NOT NULL CHECK (digits IN (6, 8)),
    period_seconds INTEGER NOT NULL CHECK (period_seconds IN (30, 60)),
    secret_sealed BLOB NOT NULL,
    sealing_key_id TEXT NOT NULL CHECK (length(sealing_key_id) <= 32),
    drift_steps INTEGER NOT NULL DEFAULT 0,
    drift_base_steps INTEGER NOT NULL DEFAULT 0,
    last_accepted_step BIGINT,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    last_failure_at TIMESTAMP,
    last_code_digest TEXT,
    last_code_at TIMESTAMP,
    suspended_at TIMESTAMP,
    expires_at TIMESTAMP,
    imported_at TIMESTAMP NOT NULL,
    shipped_at TIMESTAMP,
    retired_at TIMESTAMP,
    UNIQUE (portal, serial)
);
CREATE INDEX tokens_contract ON tokens (contract_id);
CREATE INDEX tokens_state ON tokens (portal, state);

CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    login_id TEXT NOT NULL CHECK (length(login_id) BETWEEN 1 AND 64),
    role TEXT NOT NULL CHECK (role IN ('customer', 'master', 'administrator', 'general')),
    name TEXT NOT NULL CHECK (length(name) <= 200),
    mail_address TEXT CHECK (length(mail_address) <= 254),
    login_secret_hash TEXT NOT NULL,
    confirm_secret_hash TEXT NOT NULL,
    setup_state TEXT NOT NULL CHECK (setup_state IN ('initial', 'mail_pending', 'done')),
    login_failures INTEGER NOT NULL DEFAULT 0 CHECK (login_failures >= 0),
    login_locked_at TIMESTAMP,
    confirm_failures INTEGER NOT NULL DEFAULT 0 CHECK (confirm_failures >= 0),
    confirm_locked_at TIMESTAMP,
    token_id BIGINT REFERENCES tokens (id),
    token_status TEXT NOT NULL
        CHECK (token_status IN ('unregistered', 'issued', 'in_use', 'revoked')),
    token_since TIMESTAMP,
    revoked_at TIMESTAMP,
    login_otp_chosen BOOLEAN NOT NULL,
    hold_until TIMESTAMP,
    last_login_at TIMESTAMP,
    last_login_channel TEXT CHECK (last_login_channel IN ('web', 'mobile')),
    failures_since_login INTEGER NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (portal, login_id),
    CHECK (token_status <> 'in_use' OR token_id IS NOT NULL)
);
CREATE INDEX users_contract ON users (contract_id);
CREATE INDEX users_token ON users (token_id);

-- Wrong one-time passwords of the last 30 days: a success does not clear them.
CREATE TABLE otp_failures (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    token_id BIGINT NOT NULL REFERENCES tokens (id),
    failed_at TIMESTAMP NOT NULL
);
CREATE INDEX otp_failures_token ON otp_failures (token_id, failed_at);

-- Failures of ids nobody has: a fixed number of rows, so that guessing fills no disk.
CREATE TABLE unknown_login_buckets (
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    bucket INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    PRIMARY KEY (portal, bucket)
);

CREATE TABLE picture_cards (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL UNIQUE REFERENCES users (id),
    cells_sealed BLOB NOT NULL,
    sealing_key_id TEXT NOT NULL CHECK (length(sealing_key_id) <= 32),
    challenge TEXT NOT NULL CHECK (length(challenge) <= 16),
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_at TIMESTAMP,
    issued_at TIMESTAMP NOT NULL
);

-- What a browser session is, beside the cookie library's own state: the authority on who is in.
CREATE TABLE logins (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 43),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    user_id BIGINT NOT NULL REFERENCES users (id),
    stage TEXT NOT NULL CHECK (stage IN ('otp_pending', 'setup', 'complete', 'token_flow')),
    token_id BIGINT REFERENCES tokens (id),
    csrf_secret TEXT NOT NULL CHECK (length(csrf_secret) = 43),
    channel TEXT NOT NULL CHECK (channel IN ('web', 'mobile')),
    otp_tries INTEGER NOT NULL DEFAULT 0,
    previous_login_at TIMESTAMP,
    previous_login_channel TEXT,
    previous_failures INTEGER NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL,
    last_use_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    end_reason TEXT CHECK (end_reason IN
        ('logout', 'idle', 'absolute', 'replaced', 'suspended', 'token_changed',
         'secret_changed', 'staff', 'completed', 'attempts', 'reset'))
);
CREATE INDEX logins_user ON logins (user_id, ended_at);
CREATE INDEX logins_last_use ON logins (last_use_at);

-- The cookie library's server-side store: which login a session key (kept as its hash) stands for.
CREATE TABLE web_sessions (
    key_hash TEXT NOT NULL PRIMARY KEY CHECK (length(key_hash) = 43),
    login_id TEXT NOT NULL REFERENCES logins (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX web_sessions_login ON web_sessions (login_id);

-- A multi-step form kept on the server, with an address of its own.
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

CREATE TABLE one_time_keys (
    request_key TEXT NOT NULL PRIMARY KEY CHECK (length(request_key) = 43),
    user_id BIGINT NOT NULL REFERENCES users (id),
    operation TEXT NOT NULL CHECK (length(operation) <= 40),
    payload_digest TEXT NOT NULL CHECK (length(payload_digest) = 43),
    state TEXT NOT NULL CHECK (state IN ('pending', 'done')),
    result TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX one_time_keys_created ON one_time_keys (created_at);

CREATE TABLE receipts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    day DATE NOT NULL,
    number INTEGER NOT NULL CHECK (number BETWEEN 0 AND 9999999),
    user_id BIGINT NOT NULL REFERENCES users (id),
    operation TEXT NOT NULL CHECK (length(operation) <= 40),
    accepted_at TIMESTAMP NOT NULL,
    details TEXT NOT NULL,
    UNIQUE (portal, day, number)
);
CREATE TABLE receipt_counters (
    portal TEXT NOT NULL PRIMARY KEY CHECK (length(portal) <= 32),
    next_number BIGINT NOT NULL
);

CREATE TABLE mail_codes (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (id),
    address TEXT NOT NULL CHECK (length(address) <= 254),
    code_digest TEXT NOT NULL CHECK (length(code_digest) = 43),
    tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    sendings INTEGER NOT NULL DEFAULT 1,
    sent_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP
);
CREATE INDEX mail_codes_user ON mail_codes (user_id);

-- The out-box: a mail is a row of the act's own transaction and is sent afterwards, at least once.
CREATE TABLE mails (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    user_id BIGINT REFERENCES users (id),
    kind TEXT NOT NULL CHECK (length(kind) <= 40),
    to_address TEXT NOT NULL CHECK (length(to_address) <= 254),
    from_address TEXT NOT NULL CHECK (length(from_address) <= 254),
    subject TEXT NOT NULL CHECK (length(subject) <= 200),
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL,
    next_attempt_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    last_error TEXT
);
CREATE INDEX mails_state ON mails (state, next_attempt_at);
CREATE INDEX mails_user ON mails (user_id, state);

CREATE TABLE audit_lines (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    happened_at TIMESTAMP NOT NULL,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('customer', 'staff', 'system', 'command')),
    actor TEXT NOT NULL CHECK (length(actor) <= 64),
    source TEXT NOT NULL CHECK (length(source) <= 64),
    operation TEXT NOT NULL CHECK (length(operation) <= 40),
    object TEXT NOT NULL CHECK (length(object) <= 100),
    result TEXT NOT NULL CHECK (length(result) <= 60),
    details TEXT NOT NULL CHECK (length(details) <= 1000),
    request_id TEXT NOT NULL CHECK (length(request_id) <= 32)
);
CREATE TABLE audit_seals (
    no INTEGER NOT NULL PRIMARY KEY,
    line_id BIGINT NOT NULL UNIQUE,
    prev_hash TEXT NOT NULL CHECK (length(prev_hash) = 64),
    hash TEXT NOT NULL CHECK (length(hash) = 64)
);
CREATE TABLE audit_heads (
    no INTEGER NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    line_count BIGINT NOT NULL,
    signed_at TIMESTAMP NOT NULL,
    signing_key_id TEXT NOT NULL CHECK (length(signing_key_id) <= 32),
    signature TEXT NOT NULL
);

CREATE TABLE accounts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    contract_id BIGINT REFERENCES contracts (id),
    purpose TEXT NOT NULL CHECK (purpose IN
        ('customer', 'outgoing_clearing', 'incoming_clearing', 'fee_income', 'consumption_tax',
         'collection', 'suspense')),
    branch_code TEXT NOT NULL CHECK (length(branch_code) = 3),
    branch_name TEXT NOT NULL CHECK (length(branch_name) <= 60),
    account_type TEXT NOT NULL CHECK (account_type IN ('ordinary', 'checking', 'savings', 'internal')),
    number TEXT NOT NULL CHECK (length(number) = 7),
    holder_kana TEXT NOT NULL CHECK (length(holder_kana) <= 60),
    floor BIGINT NOT NULL DEFAULT 0,
    balance BIGINT NOT NULL DEFAULT 0,
    opened_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,
    UNIQUE (portal, branch_code, account_type, number),
    CHECK (purpose <> 'customer' OR balance >= floor),
    CHECK ((purpose = 'customer') = (contract_id IS NOT NULL))
);
CREATE INDEX accounts_contract ON accounts (contract_id);

CREATE TABLE ledger_entries (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    kind TEXT NOT NULL CHECK (length(kind) <= 40),
    business_date DATE NOT NULL,
    posted_at TIMESTAMP NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE CHECK (length(idempotency_key) <= 80),
    description TEXT NOT NULL CHECK (length(description) <= 200),
    reverses_id BIGINT UNIQUE REFERENCES ledger_entries (id)
);
CREATE TABLE postings (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    entry_id BIGINT NOT NULL REFERENCES ledger_entries (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    amount BIGINT NOT NULL CHECK (amount <> 0)
);
CREATE INDEX postings_entry ON postings (entry_id);
CREATE INDEX postings_account ON postings (account_id, id);

-- One holder at a time for what must run once; a lease ends by itself when its holder dies.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY CHECK (length(name) <= 64),
    holder TEXT NOT NULL CHECK (length(holder) <= 64),
    held_until TIMESTAMP NOT NULL
);
INSERT INTO leases (name, holder, held_until) VALUES ('audit_sealer', '', '2000-01-01 00:00:00');
INSERT INTO leases (name, holder, held_until) VALUES ('mailer', '', '2000-01-01 00:00:00');
INSERT INTO leases (name, holder, held_until) VALUES ('housekeeping', '', '2000-01-01 00:00:00');
INSERT INTO leases (name, holder, held_until) VALUES ('token_expiry', '', '2000-01-01 00:00:00');

-- A warning before a token expires goes out once per token and distance.
CREATE TABLE expiry_warnings (
    token_id BIGINT NOT NULL REFERENCES tokens (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    days_before INTEGER NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    warned_at TIMESTAMP NOT NULL,
    PRIMARY KEY (token_id, user_id, days_before, expires_at)
);

-- What was written down stays: a correction is a new row that names the old one.
CREATE TRIGGER audit_lines_no_update BEFORE UPDATE ON audit_lines
BEGIN
    SELECT RAISE(ABORT, 'audit_lines is append-only');
END;
CREATE TRIGGER audit_lines_no_delete BEFORE DELETE ON audit_lines
BEGIN
    SELECT RAISE(ABORT, 'audit_lines is append-only');
END;
CREATE TRIGGER audit_seals_no_update BEFORE UPDATE ON audit_seals
BEGIN
    SELECT RAISE(ABORT, 'audit_seals is append-only');
END;
CREATE TRIGGER audit_seals_no_delete BEFORE DELETE ON audit_seals
BEGIN
    SELECT RAISE(ABORT, 'audit_seals is append-only');
END;
CREATE TRIGGER audit_heads_no_update BEFORE UPDATE ON audit_heads
BEGIN
    SELECT RAISE(ABORT, 'audit_heads is append-only');
END;
CREATE TRIGGER audit_heads_no_delete BEFORE DELETE ON audit_heads
BEGIN
    SELECT RAISE(ABORT, 'audit_heads is append-only');
END;
CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'ledger_entries is append-only');
END;
CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'ledger_entries is append-only');
END;
CREATE TRIGGER postings_no_update BEFORE UPDATE ON postings
BEGIN
    SELECT RAISE(ABORT, 'postings is append-only');
END;
CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings
BEGIN
    SELECT RAISE(ABORT, 'postings is append-only');
END;
