-- Payments: what users of the portal send out of their accounts, at once or on a later day. The
-- payee stands in each row as it was confirmed, whatever becomes of a registered payee later.
CREATE TABLE payments (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    -- Who confirmed it.
    user_id BIGINT NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL CHECK (kind IN ('own_transfer', 'transfer', 'pay_easy')),
    state TEXT NOT NULL CHECK (state IN ('reserved', 'done', 'cancelled', 'failed')),
    -- Why it failed.
    reason TEXT CHECK (length(reason) <= 40),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    -- The payee's account, where it is at this institution.
    to_account_id BIGINT REFERENCES accounts (id),
    bank_code TEXT NOT NULL CHECK (length(bank_code) <= 5),
    bank_name TEXT NOT NULL CHECK (length(bank_name) <= 60),
    branch_code TEXT NOT NULL CHECK (length(branch_code) <= 3),
    branch_name TEXT NOT NULL CHECK (length(branch_name) <= 60),
    account_type TEXT CHECK (account_type IN ('ordinary', 'checking', 'savings', 'other')),
    number TEXT NOT NULL CHECK (length(number) <= 20),
    holder_kana TEXT NOT NULL CHECK (length(holder_kana) <= 60),
    sender_kana TEXT NOT NULL CHECK (length(sender_kana) <= 60),
    amount_yen BIGINT NOT NULL CHECK (amount_yen > 0),
    net_yen BIGINT NOT NULL CHECK (net_yen >= 0),
    tax_yen BIGINT NOT NULL CHECK (tax_yen >= 0),
    -- The day of Japan on which it counts for the limits and, reserved, is run.
    execute_on DATE NOT NULL,
    -- 受付番号, and what its result page shows.
    receipt_number INTEGER NOT NULL,
    receipt_id BIGINT NOT NULL UNIQUE REFERENCES receipts (id),
    -- The entry of the amount; the fee has one of its own.
    entry_id BIGINT UNIQUE REFERENCES ledger_entries (id),
    requested_at TIMESTAMP NOT NULL,
    -- Done, cancelled or failed.
    ended_at TIMESTAMP,
    CHECK ((state = 'done') = (entry_id IS NOT NULL)),
    CHECK ((state = 'reserved') = (ended_at IS NULL)),
    CHECK ((state = 'failed') = (reason IS NOT NULL))
);
CREATE INDEX payments_contract ON payments (contract_id, id);
CREATE INDEX payments_due ON payments (state, execute_on, id);
-- Whether a payee was paid before, and whom was paid last.
CREATE INDEX payments_payee
    ON payments (contract_id, bank_code, branch_code, number, account_type, state);

-- How much a contract and each of its users sends on a day of Japan: counted with a guard, so that
-- two payments at once cannot both take the last of a limit.
CREATE TABLE payment_totals (
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    on_day DATE NOT NULL,
    -- 0: all users of the contract together.
    user_id BIGINT NOT NULL,
    -- 'all': every service together.
    service TEXT NOT NULL CHECK (service IN ('transfer', 'pay_easy', 'all')),
    -- Done and reserved.
    counted_yen BIGINT NOT NULL DEFAULT 0 CHECK (counted_yen >= 0),
    -- Done.
    executed_yen BIGINT NOT NULL DEFAULT 0 CHECK (executed_yen BETWEEN 0 AND counted_yen),
    PRIMARY KEY (contract_id, on_day, user_id, service)
);

-- The job with which reservations run.
INSERT INTO leases (name, holder, held_until) VALUES ('reservations', '', '2000-01-01 00:00:00');

-- What whoever gains reads instead of the description: who sent it, where the others read to whom.
ALTER TABLE ledger_entries ADD COLUMN credit_description TEXT
    CHECK (length(credit_description) <= 200);

-- Flows of payments. SQLite changes no CHECK, so the table is made again; flows live for minutes,
-- so those under way at the upgrade are begun again.
DROP TABLE flows;
CREATE TABLE flows (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 22),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    user_id BIGINT NOT NULL REFERENCES users (id),
    login_id TEXT NOT NULL REFERENCES logins (id),
    operation TEXT NOT NULL CHECK (operation IN
        ('token_issue', 'token_start', 'token_exchange', 'token_stop', 'limit_change',
         'customer_info_change', 'secret_change', 'user_manage', 'payee_change', 'transfer',
         'cancel_reservation', 'pay_easy')),
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
