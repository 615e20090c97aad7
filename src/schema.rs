//! The tables, one schema for both databases (see `migrations/`). Times are UTC.

mod bill;
mod bulk;
pub mod certificates;
mod challenge;
mod external;
mod ledger;
mod limit;
pub mod opening;
mod orders;
mod payee;
mod payment;

pub use self::bill::{bill_claims, bill_tries, simulated_billers, simulated_bills};
pub use self::bulk::{
    bulk_approvals, bulk_chunks, bulk_events, bulk_failures, bulk_files, bulk_reports,
    bulk_results, bulk_services,
};
pub use self::challenge::challenges;
pub use self::external::{
    external_accounts, external_chunks, external_days, external_fetches, external_files,
    external_notices,
};
pub use self::ledger::{accounts, ledger_entries, postings};
pub use self::limit::limits;
pub use self::orders::{token_order_tokens, token_orders};
pub use self::payee::{name_lookups, payees};
pub use self::payment::{payment_totals, payments};

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
        certificate_required -> Bool,
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
        last_used_at -> Nullable<Timestamp>,
        last_used_by -> Nullable<BigInt>,
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
        version -> BigInt,
        hold_from -> Nullable<Timestamp>,
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
        certificate_fingerprint -> Nullable<Text>,
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
    staff_members (id) {
        id -> BigInt,
        portal -> Text,
        staff_id -> Text,
        name -> Text,
        role -> Text,
        password_hash -> Text,
        password_failures -> Integer,
        otp_failures -> Integer,
        locked_at -> Nullable<Timestamp>,
        token_serial -> Nullable<Text>,
        secret_sealed -> Nullable<Binary>,
        sealing_key_id -> Nullable<Text>,
        last_accepted_step -> Nullable<BigInt>,
        last_failure_at -> Nullable<Timestamp>,
        last_code_digest -> Nullable<Text>,
        last_code_at -> Nullable<Timestamp>,
        enrolled_at -> Nullable<Timestamp>,
        last_login_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    staff_logins (id) {
        id -> Text,
        portal -> Text,
        member_id -> BigInt,
        stage -> Text,
        csrf_secret -> Text,
        created_at -> Timestamp,
        last_use_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    staff_sessions (key_hash) {
        key_hash -> Text,
        login_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    staff_requests (id) {
        id -> BigInt,
        portal -> Text,
        kind -> Text,
        user_id -> Nullable<BigInt>,
        token_id -> Nullable<BigInt>,
        note -> Text,
        payload -> Text,
        request_key -> Text,
        payload_digest -> Text,
        maker_id -> BigInt,
        made_at -> Timestamp,
        state -> Text,
        decider_id -> Nullable<BigInt>,
        decided_at -> Nullable<Timestamp>,
        result -> Text,
    }
}

diesel::table! {
    staff_letters (request_id) {
        request_id -> BigInt,
        portal -> Text,
        user_id -> BigInt,
        secret_sealed -> Nullable<Binary>,
        sealing_key_id -> Text,
        made_at -> Timestamp,
        printed_at -> Nullable<Timestamp>,
        printed_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    job_runs (id) {
        id -> BigInt,
        name -> Text,
        holder -> Text,
        started_at -> Timestamp,
        took_us -> BigInt,
        result -> Text,
        did -> Text,
    }
}

diesel::table! {
    job_wishes (name) {
        name -> Text,
        asked_at -> Timestamp,
    }
}

diesel::table! {
    unverified_addresses (user_id) {
        user_id -> BigInt,
        address -> Text,
    }
}

diesel::table! {
    user_rights (user_id, user_right) {
        user_id -> BigInt,
        user_right -> Text,
    }
}

diesel::table! {
    user_accounts (user_id, account_id) {
        user_id -> BigInt,
        account_id -> BigInt,
    }
}

diesel::table! {
    user_limits (user_id, service) {
        user_id -> BigInt,
        service -> Text,
        per_transaction_yen -> BigInt,
        daily_yen -> BigInt,
    }
}

diesel::table! {
    initial_passwords (receipt_id, user_id) {
        receipt_id -> BigInt,
        user_id -> BigInt,
        password_sealed -> Binary,
        sealing_key_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    release_approvals (token_id) {
        token_id -> BigInt,
        user_id -> BigInt,
        approver_token_id -> BigInt,
        approved_at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    audit_heads,
    audit_lines,
    audit_seals,
    contracts,
    expiry_warnings,
    external_accounts,
    external_chunks,
    external_days,
    external_fetches,
    external_files,
    external_notices,
    flows,
    initial_passwords,
    job_runs,
    job_wishes,
    leases,
    ledger_entries,
    limits,
    logins,
    mail_codes,
    mails,
    one_time_keys,
    otp_failures,
    payment_totals,
    payments,
    picture_cards,
    postings,
    receipt_counters,
    receipts,
    release_approvals,
    settings,
    staff_letters,
    staff_logins,
    staff_members,
    staff_requests,
    staff_sessions,
    stop_codes,
    stop_tries,
    token_issues,
    token_order_tokens,
    token_orders,
    tokens,
    unknown_login_buckets,
    unverified_addresses,
    user_accounts,
    user_limits,
    user_rights,
    users,
    web_sessions,
);

diesel::joinable!(users -> contracts (contract_id));
diesel::joinable!(token_orders -> contracts (contract_id));
diesel::joinable!(token_order_tokens -> tokens (token_id));
diesel::joinable!(logins -> users (user_id));
diesel::joinable!(web_sessions -> logins (login_id));
diesel::joinable!(postings -> ledger_entries (entry_id));
diesel::joinable!(postings -> accounts (account_id));
diesel::joinable!(staff_logins -> staff_members (member_id));
diesel::joinable!(staff_sessions -> staff_logins (login_id));
