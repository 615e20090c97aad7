//! Orders of tokens and cards, and what went out for them.

diesel::table! {
    token_orders (id) {
        id -> BigInt,
        portal -> Text,
        contract_id -> BigInt,
        user_id -> BigInt,
        channel -> Text,
        item -> Text,
        reason -> Text,
        quantity -> Integer,
        net_yen -> BigInt,
        tax_yen -> BigInt,
        account_id -> Nullable<BigInt>,
        form_number -> Text,
        receipt_number -> Integer,
        state -> Text,
        entry_id -> Nullable<BigInt>,
        requested_at -> Timestamp,
        accepted_at -> Nullable<Timestamp>,
        debited_at -> Nullable<Timestamp>,
        shipped_at -> Nullable<Timestamp>,
        received_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    token_order_tokens (order_id, token_id) {
        order_id -> BigInt,
        token_id -> BigInt,
    }
}
