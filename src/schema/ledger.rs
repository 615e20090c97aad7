//! Accounts, entries, postings.

diesel::table! {
    accounts (id) {
        id -> BigInt,
        portal -> Text,
        contract_id -> Nullable<BigInt>,
        purpose -> Text,
        branch_code -> Text,
        branch_name -> Text,
        account_type -> Text,
        number -> Text,
        holder_kana -> Text,
        floor -> BigInt,
        balance -> BigInt,
        opened_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        line_count -> BigInt,
        booked_on -> Date,
    }
}

diesel::table! {
    ledger_entries (id) {
        id -> BigInt,
        portal -> Text,
        kind -> Text,
        business_date -> Date,
        posted_at -> Timestamp,
        idempotency_key -> Text,
        description -> Text,
        reverses_id -> Nullable<BigInt>,
        credit_description -> Nullable<Text>,
    }
}

diesel::table! {
    postings (id) {
        id -> BigInt,
        entry_id -> BigInt,
        account_id -> BigInt,
        amount -> BigInt,
        booked_on -> Date,
        line_no -> Nullable<BigInt>,
        balance_after -> Nullable<BigInt>,
    }
}
