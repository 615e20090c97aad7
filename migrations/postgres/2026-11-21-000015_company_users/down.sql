DELETE FROM flows WHERE operation = 'user_manage';
ALTER TABLE flows DROP CONSTRAINT flows_step_check;
ALTER TABLE flows ADD CONSTRAINT flows_step_check
    CHECK (step IN ('input', 'confirm', 'new_token', 'done', 'ended'));
ALTER TABLE flows DROP CONSTRAINT flows_operation_check;
ALTER TABLE flows ADD CONSTRAINT flows_operation_check
    CHECK (operation IN
        ('token_issue', 'token_start', 'token_exchange', 'token_stop', 'limit_change',
         'customer_info_change', 'secret_change'));
DROP TABLE initial_passwords;
DROP TABLE user_limits;
DROP TABLE user_accounts;
DROP TABLE user_rights;
DROP TABLE unverified_addresses;
ALTER TABLE users DROP COLUMN version;
