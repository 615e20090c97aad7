-- What an application for a contract says beside names, users and accounts.
CREATE TABLE applications (
    contract_id BIGINT NOT NULL PRIMARY KEY REFERENCES contracts (id),
    name_kana TEXT NOT NULL CHECK (length(name_kana) <= 60),
    form_number TEXT NOT NULL CHECK (length(form_number) <= 100),
    opened_by BIGINT NOT NULL REFERENCES staff_members (id)
);

-- The number that a customer whose token was revoked needs for the next one, as a keyed digest. A
-- new one takes the place of the one before.
CREATE TABLE registration_numbers (
    user_id BIGINT NOT NULL PRIMARY KEY REFERENCES users (id),
    number_digest TEXT NOT NULL CHECK (length(number_digest) = 43),
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    made_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

-- A key file between its preview and its import: the parsed tokens, sealed as a whole. It is
-- deleted with the import, and forgotten after a while.
CREATE TABLE key_imports (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 22),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    member_id BIGINT NOT NULL REFERENCES staff_members (id),
    kind TEXT NOT NULL CHECK (kind IN ('hardware', 'app', 'desktop', 'vendor_app')),
    file_name TEXT NOT NULL CHECK (length(file_name) <= 100),
    rows_sealed BLOB NOT NULL,
    sealing_key_id TEXT NOT NULL CHECK (length(sealing_key_id) <= 32),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX key_imports_expires ON key_imports (expires_at);
