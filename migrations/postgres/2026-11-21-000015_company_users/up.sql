-- Users of a company as their administrators keep them. `version` counts what administrators
-- changed, so that none acts on what another has changed meanwhile.
ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

-- An address that an administrator wrote down and its user has not proven yet.
CREATE TABLE unverified_addresses (
    user_id BIGINT NOT NULL PRIMARY KEY REFERENCES users (id),
    address TEXT NOT NULL CHECK (length(address) <= 254)
);

-- What a user may do: services, accounts of the contract, own limits (nothing: the contract's).
-- Master users may do everything and have no rows.
CREATE TABLE user_rights (
    user_id BIGINT NOT NULL REFERENCES users (id),
    user_right TEXT NOT NULL CHECK (length(user_right) <= 32),
    PRIMARY KEY (user_id, user_right)
);
CREATE TABLE user_accounts (
    user_id BIGINT NOT NULL REFERENCES users (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (user_id, account_id)
);
CREATE TABLE user_limits (
    user_id BIGINT NOT NULL REFERENCES users (id),
    service TEXT NOT NULL CHECK (service IN ('transfer', 'pay_easy')),
    per_transaction_yen BIGINT NOT NULL CHECK (per_transaction_yen >= 0),
    daily_yen BIGINT NOT NULL CHECK (daily_yen >= per_transaction_yen),
    PRIMARY KEY (user_id, service)
);

-- Users there were before keep what they could do: everything.
INSERT INTO user_rights (user_id, user_right)
SELECT users.id, granted.name
FROM users
CROSS JOIN (
    SELECT 'transfer' AS name UNION ALL SELECT 'pay_easy' UNION ALL SELECT 'bulk_make'
    UNION ALL SELECT 'bulk_approve' UNION ALL SELECT 'bulk_send' UNION ALL SELECT 'external_send'
    UNION ALL SELECT 'external_receive' UNION ALL SELECT 'balance' UNION ALL SELECT 'statement'
) AS granted
WHERE users.role IN ('administrator', 'general');
INSERT INTO user_accounts (user_id, account_id)
SELECT users.id, accounts.id
FROM users JOIN accounts ON accounts.contract_id = users.contract_id
WHERE users.role IN ('administrator', 'general');

-- Initial passwords until their one showing, sealed; housekeeping forgets what nobody looked at.
CREATE TABLE initial_passwords (
    receipt_id BIGINT NOT NULL REFERENCES receipts (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    password_sealed BYTEA NOT NULL,
    sealing_key_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (receipt_id, user_id)
);

-- The flows of 利用者情報の登録・変更・照会, and their step for rights.
ALTER TABLE flows DROP CONSTRAINT flows_operation_check;
ALTER TABLE flows ADD CONSTRAINT flows_operation_check
    CHECK (operation IN
        ('token_issue', 'token_start', 'token_exchange', 'token_stop', 'limit_change',
         'customer_info_change', 'secret_change', 'user_manage'));
ALTER TABLE flows DROP CONSTRAINT flows_step_check;
ALTER TABLE flows ADD CONSTRAINT flows_step_check
    CHECK (step IN ('input', 'rights', 'confirm', 'new_token', 'done', 'ended'));
