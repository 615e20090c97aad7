-- External files (外部ファイル送信・受信): what the institution puts out for companies, and what
-- goes to other banks.

-- Whether files of the kind may be sent straight, without 承認 on the screen (外部ファイル送信).
ALTER TABLE bulk_services ADD COLUMN external_send BOOLEAN NOT NULL DEFAULT FALSE;

-- The accounts of which a contract gets daily files (入出金取引明細, 振込入金明細).
CREATE TABLE external_accounts (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL CHECK (kind IN ('statement', 'credit_notice')),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    -- The first day that a file covers.
    agreed_on DATE NOT NULL,
    PRIMARY KEY (account_id, kind)
);
CREATE INDEX external_accounts_contract ON external_accounts (contract_id, account_id);

-- The days for which the daily files of a portal were begun: each day belongs to one span.
CREATE TABLE external_days (
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    from_day DATE NOT NULL,
    to_day DATE NOT NULL CHECK (to_day >= from_day),
    planned_at TIMESTAMP NOT NULL,
    PRIMARY KEY (portal, from_day),
    UNIQUE (portal, to_day)
);

CREATE TABLE external_files (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    -- Whom it is for; nothing: the institution itself, of what goes to other banks.
    contract_id BIGINT REFERENCES contracts (id),
    kind TEXT NOT NULL CHECK (kind IN
        ('statement', 'credit_notice', 'debit_result', 'transfer_result', 'payroll_result',
         'outgoing')),
    -- What it is about; nothing: the whole contract.
    account_id BIGINT REFERENCES accounts (id),
    -- The bulk file whose result it is.
    bulk_file_id BIGINT UNIQUE REFERENCES bulk_files (id),
    from_day DATE NOT NULL,
    to_day DATE NOT NULL CHECK (to_day >= from_day),
    -- What it is made of: a second file of the same is refused.
    source TEXT NOT NULL UNIQUE CHECK (length(source) BETWEEN 1 AND 100),
    -- due: to be written, by whoever holds `attempt`. empty: there was nothing to write.
    -- expired: its content is gone.
    state TEXT NOT NULL CHECK (state IN ('due', 'ready', 'empty', 'expired')),
    attempt BIGINT NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- Bytes of a record without its CR LF; 0: no records of one length.
    record_length INTEGER NOT NULL CHECK (record_length IN (0, 120, 200)),
    item_count BIGINT NOT NULL DEFAULT 0 CHECK (item_count >= 0),
    total_yen BIGINT NOT NULL DEFAULT 0 CHECK (total_yen >= 0),
    byte_count BIGINT NOT NULL DEFAULT 0 CHECK (byte_count >= 0),
    -- SHA-256 in hex of the whole file, and of the same without line ends.
    sha256 TEXT NOT NULL DEFAULT '' CHECK (length(sha256) IN (0, 64)),
    plain_sha256 TEXT NOT NULL DEFAULT '' CHECK (length(plain_sha256) IN (0, 64)),
    -- Of what goes to other banks: what was posted to outgoing clearing for its records, and all
    -- else that was posted there on these days.
    posted_yen BIGINT,
    other_yen BIGINT,
    -- Who put it out by hand.
    staff_name TEXT CHECK (length(staff_name) <= 200),
    created_at TIMESTAMP NOT NULL,
    ready_at TIMESTAMP,
    CHECK ((kind = 'outgoing') = (contract_id IS NULL)),
    CHECK (state NOT IN ('ready', 'expired') OR (ready_at IS NOT NULL AND sha256 <> ''))
);
CREATE INDEX external_files_contract ON external_files (contract_id, id);
CREATE INDEX external_files_state ON external_files (portal, state, id);

-- The content, in pieces of whole records.
CREATE TABLE external_chunks (
    file_id BIGINT NOT NULL REFERENCES external_files (id),
    no BIGINT NOT NULL CHECK (no >= 0),
    bytes BLOB NOT NULL,
    PRIMARY KEY (file_id, no)
);

-- Who fetched what.
CREATE TABLE external_fetches (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    file_id BIGINT NOT NULL REFERENCES external_files (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    user_name TEXT NOT NULL CHECK (length(user_name) <= 200),
    fetched_at TIMESTAMP NOT NULL
);
CREATE INDEX external_fetches_file ON external_fetches (file_id, id);

-- Who was told by mail, on which day: once a day, however many files there are.
CREATE TABLE external_notices (
    user_id BIGINT NOT NULL REFERENCES users (id),
    on_day DATE NOT NULL,
    PRIMARY KEY (user_id, on_day)
);

-- The job that makes them.
INSERT INTO leases (name, holder, held_until)
VALUES ('external_files', '', '2000-01-01 00:00:00');
