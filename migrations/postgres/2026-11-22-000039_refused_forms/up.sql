-- Forms that were refused before their key was claimed.
ALTER TABLE one_time_keys DROP CONSTRAINT one_time_keys_state_check;
ALTER TABLE one_time_keys ADD CONSTRAINT one_time_keys_state_check
    CHECK (state IN ('pending', 'done', 'refused'));
