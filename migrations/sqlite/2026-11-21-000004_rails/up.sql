-- Emergency stop: since when nothing is to happen in a user's name; only staff end it.
ALTER TABLE users ADD COLUMN stopped_at TIMESTAMP;

-- The codes that notices carry. Kept as keyed digests; good once, for thirty days.
CREATE TABLE stop_codes (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (id),
    code_digest TEXT NOT NULL CHECK (length(code_digest) = 43),
    made_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    result_id TEXT UNIQUE CHECK (length(result_id) = 22),
    receipt_id BIGINT REFERENCES receipts (id)
);
CREATE INDEX stop_codes_user ON stop_codes (user_id, code_digest);
CREATE INDEX stop_codes_expiry ON stop_codes (expires_at);

-- The last five tries of each id, known (by user) or not (by bucket), newest first.
CREATE TABLE stop_tries (
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    slot TEXT NOT NULL CHECK (length(slot) <= 40),
    first_at TIMESTAMP,
    second_at TIMESTAMP,
    third_at TIMESTAMP,
    fourth_at TIMESTAMP,
    fifth_at TIMESTAMP,
    PRIMARY KEY (portal, slot)
);
