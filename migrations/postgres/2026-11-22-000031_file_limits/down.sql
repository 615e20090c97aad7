DELETE FROM payment_totals WHERE service = 'files';
ALTER TABLE payment_totals DROP CONSTRAINT payment_totals_service_check;
ALTER TABLE payment_totals ADD CONSTRAINT payment_totals_service_check
    CHECK (service IN ('transfer', 'pay_easy', 'all'));
DELETE FROM user_limits WHERE service = 'files';
ALTER TABLE user_limits DROP CONSTRAINT user_limits_service_check;
ALTER TABLE user_limits ADD CONSTRAINT user_limits_service_check
    CHECK (service IN ('transfer', 'pay_easy'));

ALTER TABLE limits DROP COLUMN rise_files_daily_yen;
ALTER TABLE limits DROP COLUMN rise_files_per_transaction_yen;
ALTER TABLE limits DROP COLUMN files_applied_yen;
ALTER TABLE limits DROP COLUMN files_daily_yen;
ALTER TABLE limits DROP COLUMN files_per_transaction_yen;
