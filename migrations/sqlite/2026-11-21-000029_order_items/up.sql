-- Customer cards are ordered like tokens: what is ordered is a column, a kind of token or a card. Of
-- a card there is always one, in place of one that is lost or worn out. SQLite changes no CHECK, so
-- the table is made again with its rows.
CREATE TABLE token_orders_with_items (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    -- Who ordered, or for whom the form came in.
    user_id BIGINT NOT NULL REFERENCES users (id),
    channel TEXT NOT NULL CHECK (channel IN ('portal', 'paper')),
    item TEXT NOT NULL CHECK (item IN ('hardware', 'app', 'desktop', 'vendor_app', 'card')),
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
        OR state IN ('requested', 'accepted', 'withdrawn')),
    CONSTRAINT token_orders_card_check
        CHECK (item <> 'card' OR (quantity = 1 AND reason IN ('faulty', 'lost')))
);
INSERT INTO token_orders_with_items
    (id, portal, contract_id, user_id, channel, item, reason, quantity, net_yen, tax_yen,
     account_id, form_number, receipt_number, state, entry_id, requested_at, accepted_at,
     debited_at, shipped_at, received_at, withdrawn_at)
SELECT
    id, portal, contract_id, user_id, channel, token_kind, reason, quantity, net_yen, tax_yen,
    account_id, form_number, receipt_number, state, entry_id, requested_at, accepted_at,
    debited_at, shipped_at, received_at, withdrawn_at
FROM token_orders ORDER BY id;
DROP TABLE token_orders;
ALTER TABLE token_orders_with_items RENAME TO token_orders;
CREATE INDEX token_orders_state ON token_orders (portal, state, id);
CREATE INDEX token_orders_contract ON token_orders (contract_id, id);
