-- 利用形態: whether a contract's users each have a token of their own (or share one in groups), or all
-- use the same one; nothing until the administrator has chosen.
ALTER TABLE contracts ADD COLUMN token_mode TEXT CHECK (token_mode IN ('each', 'all'));
