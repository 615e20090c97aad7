DELETE FROM one_time_keys WHERE state = 'refused';
ALTER TABLE one_time_keys DROP CONSTRAINT one_time_keys_state_check;
ALTER TABLE one_time_keys ADD CONSTRAINT one_time_keys_state_check
    CHECK (state IN ('pending', 'done'));
