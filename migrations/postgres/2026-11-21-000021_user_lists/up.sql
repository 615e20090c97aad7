-- Lists of a company's users take as long with thousands of users as with fifty: how each user
-- stands is a column, the number of users is kept, and every list has an index in its order.

-- As `Member::state` has it.
ALTER TABLE users ADD COLUMN standing TEXT NOT NULL GENERATED ALWAYS AS (
    CASE
        WHEN paused_at IS NOT NULL THEN 'paused'
        WHEN login_locked_at IS NOT NULL OR confirm_locked_at IS NOT NULL THEN 'locked'
        WHEN setup_state = 'initial' THEN 'initial'
        ELSE 'active'
    END
) STORED;

-- Users who are not deleted, kept by the triggers below.
ALTER TABLE contracts ADD COLUMN user_count BIGINT NOT NULL DEFAULT 0;
UPDATE contracts SET user_count =
    (SELECT COUNT(*) FROM users WHERE contract_id = contracts.id AND deleted_at IS NULL);

CREATE FUNCTION count_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.deleted_at IS NULL THEN
        UPDATE contracts SET user_count = user_count - 1 WHERE id = OLD.contract_id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.deleted_at IS NULL THEN
        UPDATE contracts SET user_count = user_count + 1 WHERE id = NEW.contract_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER users_counted_insert AFTER INSERT ON users
    FOR EACH ROW WHEN (NEW.deleted_at IS NULL) EXECUTE FUNCTION count_user();
CREATE TRIGGER users_counted_delete AFTER DELETE ON users
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL) EXECUTE FUNCTION count_user();
CREATE TRIGGER users_counted_update AFTER UPDATE OF contract_id, deleted_at ON users
    FOR EACH ROW
    WHEN (OLD.contract_id <> NEW.contract_id
        OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL))
    EXECUTE FUNCTION count_user();

-- Who of a company shares which token.
CREATE INDEX users_contract_token ON users (contract_id, token_id);

-- One for each order, alone and below each filter.
CREATE INDEX users_list ON users (contract_id, login_id, name) WHERE deleted_at IS NULL;
CREATE INDEX users_list_name ON users (contract_id, name, login_id) WHERE deleted_at IS NULL;
CREATE INDEX users_list_standing ON users (contract_id, standing, login_id, name)
    WHERE deleted_at IS NULL;
CREATE INDEX users_list_standing_name ON users (contract_id, standing, name, login_id)
    WHERE deleted_at IS NULL;
CREATE INDEX users_list_role ON users (contract_id, role, login_id, name, standing)
    WHERE deleted_at IS NULL;
CREATE INDEX users_list_role_name ON users (contract_id, role, name, login_id, standing)
    WHERE deleted_at IS NULL;
