-- What customers change themselves: their telephone number, and since when each secret holds
-- (nothing where it was set before this column was there).
ALTER TABLE users ADD COLUMN telephone TEXT CHECK (length(telephone) <= 20);
ALTER TABLE users ADD COLUMN login_secret_changed_at TIMESTAMP;
ALTER TABLE users ADD COLUMN confirm_secret_changed_at TIMESTAMP;

-- A purpose of its own for the code that proves a new mail address.
ALTER TABLE mail_codes DROP CONSTRAINT mail_codes_purpose_check;
ALTER TABLE mail_codes ADD CONSTRAINT mail_codes_purpose_check
    CHECK (purpose IN ('first_setup', 'token_issue', 'mail_address'));

-- The flows of a change of secrets.
ALTER TABLE flows DROP CONSTRAINT flows_operation_check;
ALTER TABLE flows ADD CONSTRAINT flows_operation_check
    CHECK (operation IN
        ('token_issue', 'token_start', 'token_exchange', 'token_stop', 'limit_change',
         'customer_info_change', 'secret_change'));
