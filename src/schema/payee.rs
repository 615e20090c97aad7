//! Payees, and how often their names were asked for.

diesel::table! {
    payees (id) {
        id -> BigInt,
        portal -> Text,
        contract_id -> BigInt,
        user_id -> BigInt,
        bank_code -> Text,
        bank_name -> Text,
        branch_code -> Text,
        branch_name -> Text,
        account_type -> Text,
        number -> Text,
        holder_kana -> Text,
        nickname -> Text,
        state -> Text,
        registered_at -> Timestamp,
        last_paid_at -> Nullable<Timestamp>,
        version -> BigInt,
        deleted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    name_lookups (user_id) {
        user_id -> BigInt,
        on_day -> Date,
        asked -> Integer,
    }
}
