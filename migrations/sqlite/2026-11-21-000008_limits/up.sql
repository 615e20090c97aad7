-- What a customer may send in one transaction and in a day. Where nothing stands, the profile's own
-- amounts hold. `version` counts the changes, so that none is made on what somebody else has changed.
CREATE TABLE limits (
    contract_id BIGINT NOT NULL PRIMARY KEY REFERENCES contracts (id),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    version BIGINT NOT NULL DEFAULT 0,
    transfer_per_transaction_yen BIGINT CHECK (transfer_per_transaction_yen >= 0),
    transfer_daily_yen BIGINT CHECK (transfer_daily_yen >= transfer_per_transaction_yen),
    pay_easy_per_transaction_yen BIGINT CHECK (pay_easy_per_transaction_yen >= 0),
    pay_easy_daily_yen BIGINT CHECK (pay_easy_daily_yen >= pay_easy_per_transaction_yen),
    -- The most a day by the customer's application, kept by staff.
    transfer_applied_yen BIGINT CHECK (transfer_applied_yen >= 0),
    pay_easy_applied_yen BIGINT CHECK (pay_easy_applied_yen >= 0),
    -- The one rise that waits: what holds from rise_at on.
    rise_transfer_per_transaction_yen BIGINT CHECK (rise_transfer_per_transaction_yen >= 0),
    rise_transfer_daily_yen BIGINT
        CHECK (rise_transfer_daily_yen >= rise_transfer_per_transaction_yen),
    rise_pay_easy_per_transaction_yen BIGINT CHECK (rise_pay_easy_per_transaction_yen >= 0),
    rise_pay_easy_daily_yen BIGINT
        CHECK (rise_pay_easy_daily_yen >= rise_pay_easy_per_transaction_yen),
    rise_requested_at TIMESTAMP,
    rise_at TIMESTAMP,
    CHECK ((rise_at IS NULL) = (rise_requested_at IS NULL))
);
CREATE INDEX limits_rise ON limits (portal, rise_at);

-- The job with which rises take effect.
INSERT INTO leases (name, holder, held_until) VALUES ('limit_settler', '', '2000-01-01 00:00:00');
