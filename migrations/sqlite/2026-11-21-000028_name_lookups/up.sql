-- How often a user asked for the holder of an account on the last day on which one was asked for:
-- names are worth asking for, so there is a most for a day.
CREATE TABLE name_lookups (
    user_id BIGINT NOT NULL PRIMARY KEY REFERENCES users (id),
    on_day DATE NOT NULL,
    asked INTEGER NOT NULL CHECK (asked >= 1)
);
