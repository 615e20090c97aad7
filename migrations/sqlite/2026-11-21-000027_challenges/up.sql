-- Challenges: what the token app was asked to sign, each for one act and once. Flows are forgotten
-- before challenges with an alarm are, so there is no reference to them.
CREATE TABLE challenges (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    flow_id TEXT NOT NULL CHECK (length(flow_id) = 22),
    user_id BIGINT NOT NULL REFERENCES users (id),
    token_id BIGINT NOT NULL REFERENCES tokens (id),
    -- All lines of the text but the last one, which is the nonce.
    body TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 2000),
    nonce TEXT NOT NULL UNIQUE CHECK (length(nonce) = 22),
    shown_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    -- Another one took its place.
    closed_at TIMESTAMP,
    -- Its code was taken.
    used_at TIMESTAMP,
    -- Its code came with something else than was signed.
    alarmed_at TIMESTAMP
);
CREATE INDEX challenges_flow ON challenges (flow_id, id);
CREATE INDEX challenges_token ON challenges (token_id, shown_at);
CREATE INDEX challenges_user ON challenges (user_id, shown_at);
CREATE INDEX challenges_expiry ON challenges (expires_at);
CREATE INDEX challenges_alarmed ON challenges (portal, alarmed_at) WHERE alarmed_at IS NOT NULL;
