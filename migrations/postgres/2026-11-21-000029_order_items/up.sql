-- Customer cards are ordered like tokens: what is ordered is a column, a kind of token or a card. Of
-- a card there is always one, in place of one that is lost or worn out.
ALTER TABLE token_orders RENAME COLUMN token_kind TO item;
ALTER TABLE token_orders DROP CONSTRAINT token_orders_token_kind_check;
ALTER TABLE token_orders ADD CONSTRAINT token_orders_token_kind_check
    CHECK (item IN ('hardware', 'app', 'desktop', 'vendor_app', 'card'));
ALTER TABLE token_orders ADD CONSTRAINT token_orders_card_check
    CHECK (item <> 'card' OR (quantity = 1 AND reason IN ('faulty', 'lost')));
