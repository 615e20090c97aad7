//! Bulk files, from the draft to the result.

diesel::table! {
    bulk_services (contract_id, kind) {
        contract_id -> BigInt,
        kind -> Text,
        originator_code -> Text,
        originator_kana -> Text,
        business_type -> Text,
        second_approval_from_yen -> Nullable<BigInt>,
        maker_may_approve -> Bool,
        file_limit_yen -> BigInt,
        record_limit_yen -> BigInt,
        external_send -> Bool,
    }
}

diesel::table! {
    bulk_files (id) {
        id -> BigInt,
        portal -> Text,
        contract_id -> BigInt,
        kind -> Text,
        business_type -> Text,
        state -> Text,
        origin -> Text,
        name -> Text,
        maker_id -> BigInt,
        account_id -> Nullable<BigInt>,
        value_date -> Nullable<Date>,
        item_count -> BigInt,
        total_yen -> BigInt,
        stride -> Integer,
        gaps -> Text,
        original_sha256 -> Nullable<Text>,
        content_sha256 -> Text,
        version -> BigInt,
        submission -> Integer,
        approvals_needed -> Integer,
        approvals_given -> Integer,
        deadline_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        sender_id -> Nullable<BigInt>,
        receipt_number -> Nullable<Integer>,
        receipt_id -> Nullable<BigInt>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    bulk_results (file_id) {
        file_id -> BigInt,
        executed_at -> Timestamp,
        entry_id -> Nullable<BigInt>,
        failed_count -> BigInt,
        failed_yen -> BigInt,
        net_yen -> BigInt,
        tax_yen -> BigInt,
    }
}

diesel::table! {
    bulk_chunks (file_id, no) {
        file_id -> BigInt,
        no -> BigInt,
        bytes -> Binary,
        sha256 -> Text,
    }
}

diesel::table! {
    bulk_approvals (file_id, submission, user_id) {
        file_id -> BigInt,
        submission -> Integer,
        user_id -> BigInt,
        content_sha256 -> Text,
        approved_at -> Timestamp,
    }
}

diesel::table! {
    bulk_events (id) {
        id -> BigInt,
        file_id -> BigInt,
        happened_at -> Timestamp,
        user_id -> Nullable<BigInt>,
        actor_name -> Text,
        act -> Text,
        state -> Text,
        proof -> Text,
        comment -> Text,
        content_sha256 -> Text,
    }
}

diesel::table! {
    bulk_failures (file_id, record_no) {
        file_id -> BigInt,
        record_no -> BigInt,
        reason -> Text,
        amount_yen -> BigInt,
    }
}

diesel::table! {
    bulk_reports (id) {
        id -> Text,
        portal -> Text,
        contract_id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        report -> Text,
        created_at -> Timestamp,
        file_id -> Nullable<BigInt>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    bulk_approvals,
    bulk_chunks,
    bulk_events,
    bulk_failures,
    bulk_files,
    bulk_results,
    bulk_services,
);
