//! The tables, one schema for both databases (see `migrations/`). Times are UTC.

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    contracts (id) {
        id -> BigInt,
        portal -> Text,
        number -> Text,
        name -> Text,
        created_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        otp_applied_on -> Nullable<Date>,
        otp_starts_on -> Nullable<Date>,
        token_mode -> Nullable<Text>,
    }
}

diesel::table! {
    token_issues (id) {
        id -> BigInt,
        portal -> Text,
        user_id -> BigInt,
        token_id -> BigInt,
        user_number -> Text,
        mail_address -> Text,
        activation_hash -> Text,
        failures -> Integer,
        previous_status -> Text,
        previous_token_id -> Nullable<BigInt>,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
        set_up_at -> Nullable<Timestamp>,
        set_up_key_digest -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    tokens (id) {
        id -> BigInt,
        portal -> Text,
        serial -> Text,
        kind -> Text,
        state -> Text,
        contract_id -> Nullable<BigInt>,
        algorithm -> Text,
        digits -> Integer,
        period_seconds -> Integer,
        secret_sealed -> Binary,
        sealing_key_id -> Text,
        drift_steps -> Integer,
        drift_base_steps -> Integer,
        last_accepted_step -> Nullable<BigInt>,
        failures -> Integer,
        last_failure_at -> Nullable<Timestamp>,
        last_code_digest -> Nullable<Text>,
        last_code_at -> Nullable<Timestamp>,
        suspended_at -> Nullable<Timestamp>,
        expires_at -> Nullable<Timestamp>,
        imported_at -> Timestamp,
        shipped_at -> Nullable<Timestamp>,
        retired_at -> Nullable<Timestamp>,
        valid_from -> Nullable<Timestamp>,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        portal -> Text,
        contract_id -> BigInt,
        login_id -> Text,
        role -> Text,
        name -> Text,
        mail_address -> Nullable<Text>,
        login_secret_hash -> Text,
        confirm_secret_hash -> Text,
        setup_state -> Text,
        login_failures -> Integer,
        login_locked_at -> Nullable<Timestamp>,
        confirm_failures -> Integer,
        confirm_locked_at -> Nullable<Timestamp>,
        token_id -> Nullable<BigInt>,
        token_status -> Text,
        token_since -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        login_otp_chosen -> Bool,
        hold_until -> Nullable<Timestamp>,
        last_login_at -> Nullable<Timestamp>,
        last_login_channel -> Nullable<Text>,
        failures_since_login -> Integer,
        created_at -> Timestamp,
        stopped_at -> Nullable<Timestamp>,
        telephone -> Nullable<Text>,
        login_secret_changed_at -> Nullable<Timestamp>,
        confirm_secret_changed_at -> Nullable<Timestamp>,
        paused_at -> Nullable<Timestamp>,
        deleted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    otp_failures (id) {
        id -> BigInt,
        token_id -> BigInt,
        failed_at -> Timestamp,
    }
}

diesel::table! {
    unknown_login_buckets (portal, bucket) {
        portal -> Text,
        bucket -> Integer,
        failures -> Integer,
    }
}

diesel::table! {
    picture_cards (id) {
        id -> BigInt,
        user_id -> BigInt,
        cells_sealed -> Binary,
        sealing_key_id -> Text,
        challenge -> Text,
        failures -> Integer,
        locked_at -> Nullable<Timestamp>,
        issued_at -> Timestamp,
    }
}

diesel::table! {
    logins (id) {
        id -> Text,
        portal -> Text,
        user_id -> BigInt,
        stage -> Text,
        token_id -> Nullable<BigInt>,
        csrf_secret -> Text,
        channel -> Text,
        otp_tries -> Integer,
        previous_login_at -> Nullable<Timestamp>,
        previous_login_channel -> Nullable<Text>,
        previous_failures -> Integer,
        created_at -> Timestamp,
        last_use_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    web_sessions (key_hash) {
        key_hash -> Text,
        login_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    flows (id) {
        id -> Text,
        portal -> Text,
        user_id -> BigInt,
        login_id -> Text,
        operation -> Text,
        step -> Text,
        draft -> Text,
        token_id -> Nullable<BigInt>,
        proven_at -> Nullable<Timestamp>,
        failures -> Integer,
        receipt_id -> Nullable<BigInt>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    one_time_keys (request_key) {
        request_key -> Text,
        user_id -> BigInt,
        operation -> Text,
        payload_digest -> Text,
        state -> Text,
        result -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    receipts (id) {
        id -> BigInt,
        portal -> Text,
        day -> Date,
        number -> Integer,
        user_id -> BigInt,
        operation -> Text,
        accepted_at -> Timestamp,
        details -> Text,
    }
}

diesel::table! {
    receipt_counters (portal) {
        portal -> Text,
        next_number -> BigInt,
    }
}

diesel::table! {
    mail_codes (id) {
        id -> BigInt,
        user_id -> BigInt,
        address -> Text,
        code_digest -> Text,
        tries -> Integer,
        sendings -> Integer,
        sent_at -> Timestamp,
        expires_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        purpose -> Text,
    }
}

diesel::table! {
    mails (id) {
        id -> BigInt,
        portal -> Text,
        user_id -> Nullable<BigInt>,
        kind -> Text,
        to_address -> Text,
        from_address -> Text,
        subject -> Text,
        body -> Text,
        state -> Text,
        attempts -> Integer,
        created_at -> Timestamp,
        next_attempt_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    audit_lines (id) {
        id -> BigInt,
        happened_at -> Timestamp,
        portal -> Text,
        actor_kind -> Text,
        actor -> Text,
        source -> Text,
        operation -> Text,
        object -> Text,
        result -> Text,
        details -> Text,
        request_id -> Text,
    }
}

diesel::table! {
    audit_seals (no) {
        no -> BigInt,
        line_id -> BigInt,
        prev_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    audit_heads (no) {
        no -> BigInt,
        hash -> Text,
        line_count -> BigInt,
        signed_at -> Timestamp,
        signing_key_id -> Text,
        signature -> Text,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        portal -> Text,
        contract_id -> Nullable<BigInt>,
        purpose -> Text,
        branch_code -> Text,
        branch_name -> Text,
        account_type -> Text,
        number -> Text,
        holder_kana -> Text,
        floor -> BigInt,
        balance -> BigInt,
        opened_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    ledger_entries (id) {
        id -> BigInt,
        portal -> Text,
        kind -> Text,
        business_date -> Date,
        posted_at -> Timestamp,
        idempotency_key -> Text,
        description -> Text,
        reverses_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    postings (id) {
        id -> BigInt,
        entry_id -> BigInt,
        account_id -> BigInt,
        amount -> BigInt,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Text,
        held_until -> Timestamp,
    }
}

diesel::table! {
    expiry_warnings (token_id, user_id, days_before, expires_at) {
        token_id -> BigInt,
        user_id -> BigInt,
        days_before -> Integer,
        expires_at -> Timestamp,
        warned_at -> Timestamp,
    }
}

diesel::table! {
    stop_codes (id) {
        id -> BigInt,
        user_id -> BigInt,
        code_digest -> Text,
        made_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        result_id -> Nullable<Text>,
        receipt_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    stop_tries (portal, slot) {
        portal -> Text,
        slot -> Text,
        first_at -> Nullable<Timestamp>,
        second_at -> Nullable<Timestamp>,
        third_at -> Nullable<Timestamp>,
        fourth_at -> Nullable<Timestamp>,
        fifth_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    limits (contract_id) {
        contract_id -> BigInt,
        portal -> Text,
        version -> BigInt,
        transfer_per_transaction_yen -> Nullable<BigInt>,
        transfer_daily_yen -> Nullable<BigInt>,
        pay_easy_per_transaction_yen -> Nullable<BigInt>,
        pay_easy_daily_yen -> Nullable<BigInt>,
        transfer_applied_yen -> Nullable<BigInt>,
        pay_easy_applied_yen -> Nullable<BigInt>,
        rise_transfer_per_transaction_yen -> Nullable<BigInt>,
        rise_transfer_daily_yen -> Nullable<BigInt>,
        rise_pay_easy_per_transaction_yen -> Nullable<BigInt>,
        rise_pay_easy_daily_yen -> Nullable<BigInt>,
        rise_requested_at -> Nullable<Timestamp>,
        rise_at -> Nullable<Timestamp>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    audit_heads,
    audit_lines,
    audit_seals,
    contracts,
    expiry_warnings,
    flows,
    leases,
    ledger_entries,
    limits,
    logins,
    mail_codes,
    mails,
    one_time_keys,
    otp_failures,
    picture_cards,
    postings,
    receipt_counters,
    receipts,
    settings,
    stop_codes,
    stop_tries,
    token_issues,
    tokens,
    unknown_login_buckets,
    users,
    web_sessions,
);

diesel::joinable!(users -> contracts (contract_id));
diesel::joinable!(logins -> users (user_id));
diesel::joinable!(web_sessions -> logins (login_id));
diesel::joinable!(postings -> ledger_entries (entry_id));
diesel::joinable!(postings -> accounts (account_id));
