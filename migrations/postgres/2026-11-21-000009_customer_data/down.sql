DELETE FROM flows WHERE operation = 'secret_change';
DELETE FROM mail_codes WHERE purpose = 'mail_address';
ALTER TABLE flows DROP CONSTRAINT flows_operation_check;
ALTER TABLE flows ADD CONSTRAINT flows_operation_check
    CHECK (operation IN
        ('token_issue', 'token_start', 'token_exchange', 'token_stop', 'limit_change',
         'customer_info_change'));
ALTER TABLE mail_codes DROP CONSTRAINT mail_codes_purpose_check;
ALTER TABLE mail_codes ADD CONSTRAINT mail_codes_purpose_check
    CHECK (purpose IN ('first_setup', 'token_issue'));
ALTER TABLE users DROP COLUMN confirm_secret_changed_at;
ALTER TABLE users DROP COLUMN login_secret_changed_at;
ALTER TABLE users DROP COLUMN telephone;
