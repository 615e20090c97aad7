DROP TABLE token_order_tokens;
DROP TABLE token_orders;
