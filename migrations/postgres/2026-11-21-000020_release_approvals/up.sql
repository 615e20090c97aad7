-- The first of two approvals of the release of a suspended administrator.
CREATE TABLE release_approvals (
    token_id BIGINT NOT NULL PRIMARY KEY REFERENCES tokens (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    approver_token_id BIGINT NOT NULL REFERENCES tokens (id),
    approved_at TIMESTAMP NOT NULL
);
