-- The institution's staff: who they are, their logins, and their requests. Nobody of them is a
-- customer, so nothing here stands in the customers' tables.
CREATE TABLE staff_members (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    staff_id TEXT NOT NULL CHECK (length(staff_id) BETWEEN 1 AND 32),
    name TEXT NOT NULL CHECK (length(name) <= 200),
    role TEXT NOT NULL CHECK (role IN ('clerk', 'checker', 'auditor')),
    password_hash TEXT NOT NULL,
    -- Wrong passwords and wrong codes in a row; either run locks.
    password_failures INTEGER NOT NULL DEFAULT 0 CHECK (password_failures >= 0),
    otp_failures INTEGER NOT NULL DEFAULT 0 CHECK (otp_failures >= 0),
    locked_at TIMESTAMP,
    -- The secret of the own authenticator; it holds once `enrolled_at` is set.
    token_serial TEXT CHECK (length(token_serial) <= 32),
    secret_sealed BLOB,
    sealing_key_id TEXT CHECK (length(sealing_key_id) <= 32),
    last_accepted_step BIGINT,
    last_failure_at TIMESTAMP,
    last_code_digest TEXT,
    last_code_at TIMESTAMP,
    enrolled_at TIMESTAMP,
    last_login_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (portal, staff_id),
    CHECK ((secret_sealed IS NULL) = (sealing_key_id IS NULL)),
    CHECK (enrolled_at IS NULL OR secret_sealed IS NOT NULL)
);

CREATE TABLE staff_logins (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 43),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    member_id BIGINT NOT NULL REFERENCES staff_members (id),
    stage TEXT NOT NULL CHECK (stage IN ('otp_pending', 'enrolment', 'complete')),
    csrf_secret TEXT NOT NULL CHECK (length(csrf_secret) = 43),
    created_at TIMESTAMP NOT NULL,
    last_use_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    end_reason TEXT CHECK (end_reason IN
        ('logout', 'idle', 'absolute', 'replaced', 'suspended', 'staff', 'reset'))
);
CREATE INDEX staff_logins_member ON staff_logins (member_id, ended_at);
CREATE INDEX staff_logins_last_use ON staff_logins (last_use_at);

CREATE TABLE staff_sessions (
    key_hash TEXT NOT NULL PRIMARY KEY CHECK (length(key_hash) = 43),
    login_id TEXT NOT NULL REFERENCES staff_logins (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX staff_sessions_login ON staff_sessions (login_id);

-- What staff did or asked for. A starred act waits until a second person decides; any other stands
-- here as done. The row is the receipt, and its key lets a form act once.
CREATE TABLE staff_requests (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    kind TEXT NOT NULL CHECK (length(kind) <= 40),
    user_id BIGINT REFERENCES users (id),
    token_id BIGINT REFERENCES tokens (id),
    -- Form number or reason, and what else the act needs.
    note TEXT NOT NULL CHECK (length(note) <= 200),
    payload TEXT NOT NULL CHECK (length(payload) <= 1000),
    request_key TEXT NOT NULL UNIQUE CHECK (length(request_key) = 43),
    payload_digest TEXT NOT NULL CHECK (length(payload_digest) = 43),
    maker_id BIGINT NOT NULL REFERENCES staff_members (id),
    made_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn', 'done')),
    decider_id BIGINT REFERENCES staff_members (id),
    decided_at TIMESTAMP,
    result TEXT NOT NULL DEFAULT '' CHECK (length(result) <= 500),
    CHECK ((state IN ('waiting', 'done')) = (decider_id IS NULL)),
    CHECK (state <> 'approved' OR decider_id <> maker_id)
);
CREATE INDEX staff_requests_state ON staff_requests (portal, state, id);
CREATE INDEX staff_requests_user ON staff_requests (user_id);
-- Nobody asks twice for the same.
CREATE UNIQUE INDEX staff_requests_one_waiting ON staff_requests (kind, user_id)
    WHERE state = 'waiting';

-- The initial password of a reset, until its letter is printed, once.
CREATE TABLE staff_letters (
    request_id BIGINT NOT NULL PRIMARY KEY REFERENCES staff_requests (id),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    user_id BIGINT NOT NULL REFERENCES users (id),
    secret_sealed BLOB,
    sealing_key_id TEXT NOT NULL CHECK (length(sealing_key_id) <= 32),
    made_at TIMESTAMP NOT NULL,
    printed_at TIMESTAMP,
    printed_by BIGINT REFERENCES staff_members (id),
    CHECK ((printed_at IS NULL) = (secret_sealed IS NOT NULL))
);

-- What the worker did: a row for each run that did something or failed, and now and then one that
-- had nothing to do. Real time.
CREATE TABLE job_runs (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL CHECK (length(name) <= 40),
    holder TEXT NOT NULL CHECK (length(holder) <= 64),
    started_at TIMESTAMP NOT NULL,
    took_us BIGINT NOT NULL CHECK (took_us >= 0),
    result TEXT NOT NULL CHECK (result IN ('done', 'idle', 'failed')),
    did TEXT NOT NULL CHECK (length(did) <= 500)
);
CREATE INDEX job_runs_name ON job_runs (name, id);
CREATE INDEX job_runs_result ON job_runs (result, id);
CREATE INDEX job_runs_started ON job_runs (started_at);

-- A job that staff want run now; the next worker that looks takes it.
CREATE TABLE job_wishes (
    name TEXT NOT NULL PRIMARY KEY CHECK (length(name) <= 40),
    asked_at TIMESTAMP NOT NULL
);

-- A key file between its preview and its import: every secret sealed as it will be in `tokens`.
CREATE TABLE token_uploads (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 22),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    member_id BIGINT NOT NULL REFERENCES staff_members (id),
    kind TEXT NOT NULL CHECK (kind IN ('hardware', 'app', 'desktop', 'vendor_app')),
    file_name TEXT NOT NULL CHECK (length(file_name) <= 200),
    rows_total INTEGER NOT NULL,
    rows_good INTEGER NOT NULL,
    uploaded_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'imported', 'dropped'))
);
CREATE TABLE token_upload_rows (
    upload_id TEXT NOT NULL REFERENCES token_uploads (id),
    place INTEGER NOT NULL,
    serial TEXT NOT NULL CHECK (length(serial) <= 100),
    problem TEXT CHECK (length(problem) <= 300),
    algorithm TEXT,
    digits INTEGER,
    period_seconds INTEGER,
    drift_steps INTEGER,
    valid_from TIMESTAMP,
    expires_at TIMESTAMP,
    secret_sealed BLOB,
    sealing_key_id TEXT CHECK (length(sealing_key_id) <= 32),
    PRIMARY KEY (upload_id, place),
    CHECK ((problem IS NULL) = (secret_sealed IS NOT NULL))
);

-- The console's lists: customers by name, the log by time, actor and operation.
CREATE INDEX users_name ON users (portal, name);
CREATE INDEX audit_lines_portal ON audit_lines (portal, id);
CREATE INDEX audit_lines_object ON audit_lines (object, id);
CREATE INDEX mails_portal ON mails (portal, state, id);
