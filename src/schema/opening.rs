//! Openings, registration numbers, key files before their import.

diesel::table! {
    applications (contract_id) {
        contract_id -> BigInt,
        name_kana -> Text,
        form_number -> Text,
        opened_by -> BigInt,
    }
}

diesel::table! {
    registration_numbers (user_id) {
        user_id -> BigInt,
        number_digest -> Text,
        failures -> Integer,
        made_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    key_imports (id) {
        id -> Text,
        portal -> Text,
        member_id -> BigInt,
        kind -> Text,
        file_name -> Text,
        rows_sealed -> Binary,
        sealing_key_id -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

use super::users;

diesel::allow_tables_to_appear_in_same_query!(registration_numbers, users);
