//! Challenges of signed codes.

diesel::table! {
    challenges (id) {
        id -> BigInt,
        portal -> Text,
        flow_id -> Text,
        user_id -> BigInt,
        token_id -> BigInt,
        body -> Text,
        nonce -> Text,
        shown_at -> Timestamp,
        expires_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        used_at -> Nullable<Timestamp>,
        alarmed_at -> Nullable<Timestamp>,
    }
}
