-- Client certificates (利用者電子証明書): each portal's own authority, what it issued, and which
-- contracts let nobody in without one. Private keys of users are nowhere.
ALTER TABLE contracts ADD COLUMN certificate_required BOOLEAN NOT NULL DEFAULT FALSE;

-- The certificate that a login came with: none of its pages opens without it.
ALTER TABLE logins ADD COLUMN certificate_fingerprint TEXT
    CHECK (length(certificate_fingerprint) = 64);

CREATE TABLE certificate_authorities (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    name TEXT NOT NULL CHECK (length(name) <= 64),
    certificate BLOB NOT NULL,
    key_sealed BLOB NOT NULL,
    sealing_key_id TEXT NOT NULL CHECK (length(sealing_key_id) <= 32),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    -- Issues nothing any more since; what it issued stays good until its end.
    retired_at TIMESTAMP,
    UNIQUE (portal, name)
);
CREATE UNIQUE INDEX certificate_authorities_issuing ON certificate_authorities (portal)
    WHERE retired_at IS NULL;

CREATE TABLE certificates (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    authority_id BIGINT NOT NULL REFERENCES certificate_authorities (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    serial TEXT NOT NULL CHECK (length(serial) = 32),
    -- SHA-256 of the whole certificate, in hexadecimal.
    fingerprint TEXT NOT NULL UNIQUE CHECK (length(fingerprint) = 64),
    certificate BLOB NOT NULL,
    -- Keyed digest of the form that drew it: the same form sent twice gets the same file.
    form_digest TEXT UNIQUE CHECK (length(form_digest) = 43),
    issued_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    first_used_at TIMESTAMP,
    revoked_at TIMESTAMP,
    revoke_reason TEXT CHECK (revoke_reason IN
        ('replaced', 'administrator', 'staff', 'command', 'deleted')),
    UNIQUE (authority_id, serial),
    CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
);
CREATE INDEX certificates_user ON certificates (user_id, id);
CREATE INDEX certificates_expiry ON certificates (portal, expires_at);

-- The proof of BCE002 was right: for ten minutes a certificate may be drawn.
CREATE TABLE certificate_permits (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 22),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    user_id BIGINT NOT NULL REFERENCES users (id),
    login_id TEXT NOT NULL CHECK (length(login_id) = 43),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX certificate_permits_expiry ON certificate_permits (expires_at);

-- Reminders that were given.
CREATE TABLE certificate_warnings (
    certificate_id BIGINT NOT NULL REFERENCES certificates (id),
    days_before INTEGER NOT NULL,
    warned_at TIMESTAMP NOT NULL,
    PRIMARY KEY (certificate_id, days_before)
);

INSERT INTO leases (name, holder, held_until) VALUES ('certificate_expiry', '', '2000-01-01 00:00:00');
