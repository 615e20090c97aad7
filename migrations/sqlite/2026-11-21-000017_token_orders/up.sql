-- Orders of further tokens, by an administrator's screen or on paper at the counter: what was
-- agreed (number, fee, account), how they stand, and which tokens went out for them.
CREATE TABLE token_orders (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    -- Who ordered, or for whom the form came in.
    user_id BIGINT NOT NULL REFERENCES users (id),
    channel TEXT NOT NULL CHECK (channel IN ('portal', 'paper')),
    token_kind TEXT NOT NULL CHECK (token_kind IN ('hardware', 'app', 'desktop', 'vendor_app')),
    reason TEXT NOT NULL CHECK (reason IN ('further', 'faulty', 'lost', 'expired')),
    quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 20),
    net_yen BIGINT NOT NULL CHECK (net_yen >= 0),
    tax_yen BIGINT NOT NULL CHECK (tax_yen >= 0),
    account_id BIGINT REFERENCES accounts (id),
    form_number TEXT NOT NULL DEFAULT '' CHECK (length(form_number) <= 100),
    receipt_number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('requested', 'accepted', 'debited', 'shipped', 'received', 'withdrawn')),
    -- The entry that debited the fee; once for an order.
    entry_id BIGINT UNIQUE REFERENCES ledger_entries (id),
    requested_at TIMESTAMP NOT NULL,
    accepted_at TIMESTAMP,
    debited_at TIMESTAMP,
    shipped_at TIMESTAMP,
    received_at TIMESTAMP,
    withdrawn_at TIMESTAMP,
    CHECK (net_yen + tax_yen = 0 OR account_id IS NOT NULL),
    CHECK (entry_id IS NULL OR state IN ('debited', 'shipped', 'received')),
    CHECK (net_yen + tax_yen = 0 OR entry_id IS NOT NULL
        OR state IN ('requested', 'accepted', 'withdrawn'))
);
CREATE INDEX token_orders_state ON token_orders (portal, state, id);
CREATE INDEX token_orders_contract ON token_orders (contract_id, id);

CREATE TABLE token_order_tokens (
    order_id BIGINT NOT NULL REFERENCES token_orders (id),
    token_id BIGINT NOT NULL UNIQUE REFERENCES tokens (id),
    PRIMARY KEY (order_id, token_id)
);
