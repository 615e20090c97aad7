//! What customers may send at most.

diesel::table! {
    limits (contract_id) {
        contract_id -> BigInt,
        portal -> Text,
        version -> BigInt,
        transfer_per_transaction_yen -> Nullable<BigInt>,
        transfer_daily_yen -> Nullable<BigInt>,
        pay_easy_per_transaction_yen -> Nullable<BigInt>,
        pay_easy_daily_yen -> Nullable<BigInt>,
        files_per_transaction_yen -> Nullable<BigInt>,
        files_daily_yen -> Nullable<BigInt>,
        transfer_applied_yen -> Nullable<BigInt>,
        pay_easy_applied_yen -> Nullable<BigInt>,
        files_applied_yen -> Nullable<BigInt>,
        rise_transfer_per_transaction_yen -> Nullable<BigInt>,
        rise_transfer_daily_yen -> Nullable<BigInt>,
        rise_pay_easy_per_transaction_yen -> Nullable<BigInt>,
        rise_pay_easy_daily_yen -> Nullable<BigInt>,
        rise_files_per_transaction_yen -> Nullable<BigInt>,
        rise_files_daily_yen -> Nullable<BigInt>,
        rise_requested_at -> Nullable<Timestamp>,
        rise_at -> Nullable<Timestamp>,
    }
}
