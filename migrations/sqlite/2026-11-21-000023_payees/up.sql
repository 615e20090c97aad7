-- Payees (振込先) of a contract. Names of bank and branch are those of the registration's day. An
-- account stands there once for a contract; what is deleted stays for the record.
CREATE TABLE payees (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    -- Who registered it, or changed it last.
    user_id BIGINT NOT NULL REFERENCES users (id),
    bank_code TEXT NOT NULL CHECK (length(bank_code) = 4),
    bank_name TEXT NOT NULL CHECK (length(bank_name) <= 60),
    branch_code TEXT NOT NULL CHECK (length(branch_code) = 3),
    branch_name TEXT NOT NULL CHECK (length(branch_name) <= 60),
    account_type TEXT NOT NULL CHECK (account_type IN ('ordinary', 'checking', 'savings', 'other')),
    number TEXT NOT NULL CHECK (length(number) = 7),
    holder_kana TEXT NOT NULL CHECK (length(holder_kana) BETWEEN 1 AND 30),
    nickname TEXT NOT NULL DEFAULT '' CHECK (length(nickname) <= 30),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'registered')),
    registered_at TIMESTAMP NOT NULL,
    -- The last payment to this account; nothing: it is new, and a hold lets nothing go there.
    last_paid_at TIMESTAMP,
    version BIGINT NOT NULL DEFAULT 0 CHECK (version >= 0),
    deleted_at TIMESTAMP
);
CREATE UNIQUE INDEX payees_account
    ON payees (contract_id, bank_code, branch_code, account_type, number)
    WHERE deleted_at IS NULL;
CREATE INDEX payees_contract ON payees (contract_id, last_paid_at);
CREATE INDEX payees_waiting ON payees (portal, id) WHERE state = 'waiting';

-- The flows of BTR021 and BTR022. SQLite changes no CHECK, so the table is made again; flows live
-- for minutes, so those under way at the upgrade are begun again.
DROP TABLE flows;
CREATE TABLE flows (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 22),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    user_id BIGINT NOT NULL REFERENCES users (id),
    login_id TEXT NOT NULL REFERENCES logins (id),
    operation TEXT NOT NULL CHECK (operation IN
        ('token_issue', 'token_start', 'token_exchange', 'token_stop', 'limit_change',
         'customer_info_change', 'secret_change', 'user_manage', 'payee_change')),
    step TEXT NOT NULL CHECK (step IN
        ('input', 'rights', 'confirm', 'new_token', 'done', 'ended')),
    draft TEXT NOT NULL DEFAULT '' CHECK (length(draft) <= 4000),
    token_id BIGINT REFERENCES tokens (id),
    proven_at TIMESTAMP,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    receipt_id BIGINT,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX flows_user ON flows (user_id);
