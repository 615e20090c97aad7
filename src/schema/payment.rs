//! Payments, and how much goes out on a day.

diesel::table! {
    payments (id) {
        id -> BigInt,
        portal -> Text,
        contract_id -> BigInt,
        user_id -> BigInt,
        kind -> Text,
        state -> Text,
        reason -> Nullable<Text>,
        account_id -> BigInt,
        to_account_id -> Nullable<BigInt>,
        bank_code -> Text,
        bank_name -> Text,
        branch_code -> Text,
        branch_name -> Text,
        account_type -> Nullable<Text>,
        number -> Text,
        holder_kana -> Text,
        sender_kana -> Text,
        amount_yen -> BigInt,
        net_yen -> BigInt,
        tax_yen -> BigInt,
        execute_on -> Date,
        receipt_number -> Integer,
        receipt_id -> BigInt,
        entry_id -> Nullable<BigInt>,
        requested_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    payment_totals (contract_id, on_day, user_id, service) {
        contract_id -> BigInt,
        on_day -> Date,
        user_id -> BigInt,
        service -> Text,
        counted_yen -> BigInt,
        executed_yen -> BigInt,
    }
}
