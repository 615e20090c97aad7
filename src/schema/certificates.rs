//! Client certificates.

use super::{contracts, users};

diesel::table! {
    certificate_authorities (id) {
        id -> BigInt,
        portal -> Text,
        name -> Text,
        certificate -> Binary,
        key_sealed -> Binary,
        sealing_key_id -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    certificates (id) {
        id -> BigInt,
        portal -> Text,
        authority_id -> BigInt,
        user_id -> BigInt,
        serial -> Text,
        fingerprint -> Text,
        certificate -> Binary,
        form_digest -> Nullable<Text>,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
        first_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        revoke_reason -> Nullable<Text>,
    }
}

diesel::table! {
    certificate_permits (id) {
        id -> Text,
        portal -> Text,
        user_id -> BigInt,
        login_id -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    certificate_warnings (certificate_id, days_before) {
        certificate_id -> BigInt,
        days_before -> Integer,
        warned_at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(certificates, users);
diesel::allow_tables_to_appear_in_same_query!(certificates, contracts);
