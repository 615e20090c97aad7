-- Pay-easy (税金・各種料金払込み). A bill stands with its biller. What the portal asks the biller to
-- hold for it is written down here before it is asked, so that whatever a killed server leaves
-- behind is either settled or released.
CREATE TABLE bill_claims (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- What the biller knows the claim by.
    claim_key TEXT NOT NULL UNIQUE CHECK (length(claim_key) = 22),
    portal TEXT NOT NULL CHECK (length(portal) <= 32),
    user_id BIGINT NOT NULL REFERENCES users (id),
    -- 収納機関番号, and the biller's own name of the bill.
    agency TEXT NOT NULL CHECK (length(agency) = 5),
    reference TEXT NOT NULL CHECK (length(reference) <= 40),
    -- 納付区分; empty where there is none.
    category TEXT NOT NULL CHECK (length(category) <= 4),
    -- What of the amount is a late charge.
    late_yen BIGINT NOT NULL CHECK (late_yen >= 0),
    state TEXT NOT NULL CHECK (state IN ('asked', 'paid', 'settled', 'releasing', 'released')),
    -- The payment, once money has moved.
    payment_id BIGINT UNIQUE REFERENCES payments (id),
    -- Real time, as everything about trying again.
    asked_at TIMESTAMP NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_try_at TIMESTAMP NOT NULL,
    CHECK ((state IN ('paid', 'settled')) = (payment_id IS NOT NULL))
);
CREATE INDEX bill_claims_open ON bill_claims (next_try_at)
    WHERE state IN ('asked', 'paid', 'releasing');
-- Nobody pays a bill twice here, whatever its biller says.
CREATE UNIQUE INDEX bill_claims_once ON bill_claims (agency, reference)
    WHERE state IN ('paid', 'settled');

-- Wrong numbers of bills on a day of Japan, by user and by number, counted with a guard.
CREATE TABLE bill_tries (
    slot TEXT NOT NULL CHECK (length(slot) <= 60),
    on_day DATE NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    PRIMARY KEY (slot, on_day)
);

-- The billers of the demo, with their bills. They belong to no portal: a bill can be paid anywhere.
CREATE TABLE simulated_billers (
    agency TEXT NOT NULL PRIMARY KEY CHECK (length(agency) = 5),
    name TEXT NOT NULL CHECK (length(name) <= 60),
    name_kana TEXT NOT NULL CHECK (length(name_kana) <= 60),
    kind TEXT NOT NULL CHECK (kind IN ('tax', 'charge')),
    -- What goes wrong with it.
    trouble TEXT CHECK (trouble IN ('closed', 'look_up', 'claim', 'settle'))
);
CREATE TABLE simulated_bills (
    reference TEXT NOT NULL PRIMARY KEY CHECK (length(reference) <= 40),
    agency TEXT NOT NULL REFERENCES simulated_billers (agency),
    payer_number TEXT NOT NULL CHECK (length(payer_number) <= 20),
    confirmation TEXT NOT NULL CHECK (length(confirmation) <= 6),
    category TEXT NOT NULL CHECK (length(category) <= 4),
    content TEXT NOT NULL CHECK (length(content) <= 60),
    payer_kana TEXT NOT NULL CHECK (length(payer_kana) <= 60),
    amount_yen BIGINT NOT NULL CHECK (amount_yen > 0),
    -- Added after the due day.
    late_yen BIGINT NOT NULL CHECK (late_yen >= 0),
    due_on DATE NOT NULL,
    -- The last day on which the biller takes it.
    payable_until DATE NOT NULL,
    -- What it is good for, as the QA console tells.
    note TEXT NOT NULL CHECK (length(note) <= 100),
    claimed_by TEXT CHECK (length(claimed_by) <= 22),
    paid_at TIMESTAMP,
    UNIQUE (agency, payer_number, category),
    CHECK (paid_at IS NULL OR claimed_by IS NOT NULL)
);

-- The job that tells billers what was paid, and lets go of what was not.
INSERT INTO leases (name, holder, held_until) VALUES ('bill_settler', '', '2000-01-01 00:00:00');
