-- Forms that were refused before their key was claimed. SQLite changes no CHECK, so the table is
-- made again.
CREATE TABLE one_time_keys_new (
    request_key TEXT NOT NULL PRIMARY KEY CHECK (length(request_key) = 43),
    user_id BIGINT NOT NULL REFERENCES users (id),
    operation TEXT NOT NULL CHECK (length(operation) <= 40),
    payload_digest TEXT NOT NULL CHECK (length(payload_digest) = 43),
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'refused')),
    result TEXT,
    created_at TIMESTAMP NOT NULL
);
INSERT INTO one_time_keys_new
SELECT request_key, user_id, operation, payload_digest, state, result, created_at
FROM one_time_keys;
DROP TABLE one_time_keys;
ALTER TABLE one_time_keys_new RENAME TO one_time_keys;
CREATE INDEX one_time_keys_created ON one_time_keys (created_at);
