-- Limits of ファイル伝送: of the contract, of its users, and what counts for them on a day.
ALTER TABLE limits ADD COLUMN files_per_transaction_yen BIGINT
    CHECK (files_per_transaction_yen >= 0);
ALTER TABLE limits ADD COLUMN files_daily_yen BIGINT
    CHECK (files_daily_yen >= files_per_transaction_yen);
ALTER TABLE limits ADD COLUMN files_applied_yen BIGINT CHECK (files_applied_yen >= 0);
ALTER TABLE limits ADD COLUMN rise_files_per_transaction_yen BIGINT
    CHECK (rise_files_per_transaction_yen >= 0);
ALTER TABLE limits ADD COLUMN rise_files_daily_yen BIGINT
    CHECK (rise_files_daily_yen >= rise_files_per_transaction_yen);

ALTER TABLE user_limits DROP CONSTRAINT user_limits_service_check;
ALTER TABLE user_limits ADD CONSTRAINT user_limits_service_check
    CHECK (service IN ('transfer', 'pay_easy', 'files'));
ALTER TABLE payment_totals DROP CONSTRAINT payment_totals_service_check;
ALTER TABLE payment_totals ADD CONSTRAINT payment_totals_service_check
    CHECK (service IN ('transfer', 'pay_easy', 'files', 'all'));
