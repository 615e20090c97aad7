-- SQLite changes no CHECK, so the tables are made again.
CREATE TABLE user_limits_new (
    user_id BIGINT NOT NULL REFERENCES users (id),
    service TEXT NOT NULL CHECK (service IN ('transfer', 'pay_easy')),
    per_transaction_yen BIGINT NOT NULL CHECK (per_transaction_yen >= 0),
    daily_yen BIGINT NOT NULL CHECK (daily_yen >= per_transaction_yen),
    PRIMARY KEY (user_id, service)
);
INSERT INTO user_limits_new SELECT user_id, service, per_transaction_yen, daily_yen
FROM user_limits WHERE service <> 'files';
DROP TABLE user_limits;
ALTER TABLE user_limits_new RENAME TO user_limits;

CREATE TABLE payment_totals_new (
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
INSERT INTO payment_totals_new
SELECT contract_id, on_day, user_id, service, counted_yen, executed_yen FROM payment_totals
WHERE service <> 'files';
DROP TABLE payment_totals;
ALTER TABLE payment_totals_new RENAME TO payment_totals;

ALTER TABLE limits DROP COLUMN rise_files_daily_yen;
ALTER TABLE limits DROP COLUMN rise_files_per_transaction_yen;
ALTER TABLE limits DROP COLUMN files_applied_yen;
ALTER TABLE limits DROP COLUMN files_daily_yen;
ALTER TABLE limits DROP COLUMN files_per_transaction_yen;
