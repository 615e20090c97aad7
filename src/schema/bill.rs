//! Bills of Pay-easy: claims on them, tries at their numbers, and the demo's billers.

diesel::table! {
    bill_claims (id) {
        id -> BigInt,
        claim_key -> Text,
        portal -> Text,
        user_id -> BigInt,
        agency -> Text,
        reference -> Text,
        category -> Text,
        late_yen -> BigInt,
        state -> Text,
        payment_id -> Nullable<BigInt>,
        asked_at -> Timestamp,
        attempts -> Integer,
        next_try_at -> Timestamp,
    }
}

diesel::table! {
    bill_tries (slot, on_day) {
        slot -> Text,
        on_day -> Date,
        failures -> Integer,
    }
}

diesel::table! {
    simulated_billers (agency) {
        agency -> Text,
        name -> Text,
        name_kana -> Text,
        kind -> Text,
        trouble -> Nullable<Text>,
    }
}

diesel::table! {
    simulated_bills (reference) {
        reference -> Text,
        agency -> Text,
        payer_number -> Text,
        confirmation -> Text,
        category -> Text,
        content -> Text,
        payer_kana -> Text,
        amount_yen -> BigInt,
        late_yen -> BigInt,
        due_on -> Date,
        payable_until -> Date,
        note -> Text,
        claimed_by -> Nullable<Text>,
        paid_at -> Nullable<Timestamp>,
    }
}

diesel::joinable!(simulated_bills -> simulated_billers (agency));
diesel::allow_tables_to_appear_in_same_query!(simulated_billers, simulated_bills);
