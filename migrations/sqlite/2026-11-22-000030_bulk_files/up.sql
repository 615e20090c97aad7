-- Bulk files (ファイル伝送): what companies send of payments, from the draft to its result.

-- What the institution agreed with a contract for one kind of file.
CREATE TABLE bulk_services (
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    kind TEXT NOT NULL
        CHECK (kind IN ('general_transfer', 'salary', 'bonus', 'direct_debit')),
    -- 委託者コード, ten digits, and 委託者名 in half-width kana, as they must stand in the header.
    originator_code TEXT NOT NULL CHECK (length(originator_code) = 10),
    originator_kana TEXT NOT NULL CHECK (length(originator_kana) BETWEEN 1 AND 40),
    -- 種別コード that the header may have: '11' or '71', '12' or '72'.
    business_type TEXT NOT NULL CHECK (business_type IN ('21', '11', '71', '12', '72', '91')),
    -- From which total on a second person must approve; nothing: one is always enough.
    second_approval_from_yen BIGINT CHECK (second_approval_from_yen >= 0),
    -- Whether whoever made a file may approve it too.
    maker_may_approve BOOLEAN NOT NULL DEFAULT FALSE,
    -- Most for one file.
    file_limit_yen BIGINT NOT NULL CHECK (file_limit_yen > 0),
    -- Most for one record.
    record_limit_yen BIGINT NOT NULL CHECK (record_limit_yen > 0),
    PRIMARY KEY (contract_id, kind)
);

CREATE TABLE bulk_files (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    kind TEXT NOT NULL
        CHECK (kind IN ('general_transfer', 'salary', 'bonus', 'direct_debit')),
    -- 種別コード of its header.
    business_type TEXT NOT NULL CHECK (length(business_type) = 2),
    state TEXT NOT NULL CHECK (state IN
        ('uploading', 'draft', 'waiting', 'returned', 'withdrawn', 'approved', 'sent', 'accepted',
         'done', 'partly_failed', 'rejected', 'expired', 'deleted')),
    origin TEXT NOT NULL CHECK (origin IN ('screen', 'upload', 'copy', 'external')),
    -- As its user knows it.
    name TEXT NOT NULL CHECK (length(name) <= 100),
    -- Who began it. Whoever changed its content too stands in its history.
    maker_id BIGINT NOT NULL REFERENCES users (id),
    -- 出金口座; for direct debits the account that is credited.
    account_id BIGINT REFERENCES accounts (id),
    -- 指定日.
    value_date DATE,
    -- Data records, and the sum of their amounts.
    item_count BIGINT NOT NULL DEFAULT 0 CHECK (item_count >= 0),
    total_yen BIGINT NOT NULL DEFAULT 0 CHECK (total_yen >= 0),
    -- Bytes from one record to the next in its chunks: 120, or 121 or 122 with a line end.
    stride INTEGER NOT NULL CHECK (stride BETWEEN 120 AND 122),
    -- SHA-256 in hex of the bytes as they were uploaded; nothing for what was made on the screen.
    original_sha256 TEXT CHECK (length(original_sha256) = 64),
    -- SHA-256 in hex over the digests of its chunks: what approvals are bound to.
    content_sha256 TEXT NOT NULL DEFAULT '' CHECK (length(content_sha256) IN (0, 64)),
    -- Counts changes of the content.
    version BIGINT NOT NULL DEFAULT 1,
    -- Counts the times that it was handed in for approval; approvals belong to one of them.
    submission INTEGER NOT NULL DEFAULT 0,
    approvals_needed INTEGER NOT NULL DEFAULT 0 CHECK (approvals_needed BETWEEN 0 AND 2),
    approvals_given INTEGER NOT NULL DEFAULT 0
        CHECK (approvals_given BETWEEN 0 AND approvals_needed),
    -- Until when it must be sent.
    deadline_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    -- Who sent it.
    sender_id BIGINT REFERENCES users (id),
    -- 受付番号.
    receipt_number INTEGER,
    receipt_id BIGINT UNIQUE REFERENCES receipts (id),
    -- Why it was rejected.
    reason TEXT CHECK (length(reason) <= 40),
    CHECK ((state = 'rejected') = (reason IS NOT NULL)),
    CHECK ((receipt_id IS NULL) = (sent_at IS NULL)),
    CHECK (state NOT IN ('sent', 'accepted', 'done', 'partly_failed') OR sent_at IS NOT NULL),
    CHECK (state IN ('uploading', 'deleted') OR (account_id IS NOT NULL AND value_date IS NOT NULL))
);
CREATE INDEX bulk_files_contract ON bulk_files (contract_id, id);
CREATE INDEX bulk_files_state ON bulk_files (state, value_date, id);
-- What was sent before with the same content.
CREATE INDEX bulk_files_content ON bulk_files (contract_id, original_sha256);

-- The records of a file, in pieces of whole records: the first one is the header. What was
-- uploaded stands there byte for byte.
CREATE TABLE bulk_chunks (
    file_id BIGINT NOT NULL REFERENCES bulk_files (id),
    -- From 0; each but the last has the same number of records.
    no BIGINT NOT NULL CHECK (no >= 0),
    bytes BLOB NOT NULL,
    -- SHA-256 in hex of the bytes.
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    PRIMARY KEY (file_id, no)
);

-- Who approved what was handed in: each person once a time.
CREATE TABLE bulk_approvals (
    file_id BIGINT NOT NULL REFERENCES bulk_files (id),
    submission INTEGER NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    content_sha256 TEXT NOT NULL CHECK (length(content_sha256) = 64),
    approved_at TIMESTAMP NOT NULL,
    PRIMARY KEY (file_id, submission, user_id)
);

-- The history of a file.
CREATE TABLE bulk_events (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    file_id BIGINT NOT NULL REFERENCES bulk_files (id),
    happened_at TIMESTAMP NOT NULL,
    -- Who, and the name as it was; nobody for what the institution did.
    user_id BIGINT REFERENCES users (id),
    actor_name TEXT NOT NULL CHECK (length(actor_name) <= 200),
    act TEXT NOT NULL CHECK (length(act) <= 20),
    -- How it stood afterwards.
    state TEXT NOT NULL CHECK (length(state) <= 20),
    -- The proof that was given.
    proof TEXT NOT NULL CHECK (length(proof) <= 20),
    comment TEXT NOT NULL CHECK (length(comment) <= 400),
    content_sha256 TEXT NOT NULL CHECK (length(content_sha256) IN (0, 64))
);
CREATE INDEX bulk_events_file ON bulk_events (file_id, id);

-- What its day brought.
CREATE TABLE bulk_results (
    file_id BIGINT NOT NULL PRIMARY KEY REFERENCES bulk_files (id),
    executed_at TIMESTAMP NOT NULL,
    -- The debit of what went out, or the credit of what came in; nothing where nothing came in.
    entry_id BIGINT UNIQUE REFERENCES ledger_entries (id),
    -- Of its records, those that could not be done.
    failed_count BIGINT NOT NULL CHECK (failed_count >= 0),
    failed_yen BIGINT NOT NULL CHECK (failed_yen >= 0),
    -- Fee without tax, and its tax.
    net_yen BIGINT NOT NULL CHECK (net_yen >= 0),
    tax_yen BIGINT NOT NULL CHECK (tax_yen >= 0)
);

-- Records that could not be done: 組戻, 不能, or the code of a debit.
CREATE TABLE bulk_failures (
    file_id BIGINT NOT NULL REFERENCES bulk_files (id),
    -- From 1, the header is 1.
    record_no BIGINT NOT NULL CHECK (record_no > 1),
    reason TEXT NOT NULL CHECK (length(reason) <= 40),
    amount_yen BIGINT NOT NULL CHECK (amount_yen > 0),
    PRIMARY KEY (file_id, record_no)
);

-- What was found wrong in an upload: nothing else is kept of such a file.
CREATE TABLE bulk_reports (
    -- Unguessable part of the report's address.
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 22),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL CHECK (length(name) <= 100),
    report TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX bulk_reports_age ON bulk_reports (created_at);

-- The job that accepts what was sent, executes it on its day and lets the others expire.
INSERT INTO leases (name, holder, held_until) VALUES ('bulk_files', '', '2000-01-01 00:00:00');

-- Rights by kind of file: whoever had one had it for every kind.
INSERT INTO user_rights (user_id, user_right)
SELECT user_id, user_right || '_' || kinds.name
FROM user_rights
CROSS JOIN (
    SELECT 'transfer' AS name UNION ALL SELECT 'payroll' UNION ALL SELECT 'debit'
) AS kinds
WHERE user_right IN ('bulk_make', 'bulk_approve', 'bulk_send');
DELETE FROM user_rights WHERE user_right IN ('bulk_make', 'bulk_approve', 'bulk_send');
