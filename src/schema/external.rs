//! External files: what is put out for companies, and what goes to other banks.

diesel::table! {
    external_accounts (account_id, kind) {
        account_id -> BigInt,
        kind -> Text,
        contract_id -> BigInt,
        agreed_on -> Date,
    }
}

diesel::table! {
    external_days (portal, from_day) {
        portal -> Text,
        from_day -> Date,
        to_day -> Date,
        planned_at -> Timestamp,
    }
}

diesel::table! {
    external_files (id) {
        id -> BigInt,
        portal -> Text,
        contract_id -> Nullable<BigInt>,
        kind -> Text,
        account_id -> Nullable<BigInt>,
        bulk_file_id -> Nullable<BigInt>,
        from_day -> Date,
        to_day -> Date,
        source -> Text,
        state -> Text,
        attempt -> BigInt,
        name -> Text,
        record_length -> Integer,
        item_count -> BigInt,
        total_yen -> BigInt,
        byte_count -> BigInt,
        sha256 -> Text,
        plain_sha256 -> Text,
        posted_yen -> Nullable<BigInt>,
        other_yen -> Nullable<BigInt>,
        staff_name -> Nullable<Text>,
        created_at -> Timestamp,
        ready_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    external_chunks (file_id, no) {
        file_id -> BigInt,
        no -> BigInt,
        bytes -> Binary,
    }
}

diesel::table! {
    external_fetches (id) {
        id -> BigInt,
        file_id -> BigInt,
        user_id -> BigInt,
        user_name -> Text,
        fetched_at -> Timestamp,
    }
}

diesel::table! {
    external_notices (user_id, on_day) {
        user_id -> BigInt,
        on_day -> Date,
    }
}
