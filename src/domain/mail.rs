//! Mails of the out-box: which there are, and how sending is tried again.

use chrono::{NaiveDateTime, TimeDelta};

use crate::primitives::ids::{MailId, UserId};
use crate::text_enum;

text_enum! {
    /// Where a mail stands.
    MailState {
        /// To be sent.
        Waiting = "waiting",
        /// Taken by the mail server.
        Sent = "sent",
        /// Given up after the last try; staff see it.
        Dead = "dead",
    }
}

text_enum! {
    /// What a mail tells.
    MailKind {
        /// トークン発行, to the customer's own address.
        TokenIssued = "token_issued",
        /// トークン発行のご案内, to the phone that is to hold the token.
        TokenIssueGuide = "token_issue_guide",
        /// メール通知パスワード of an issue.
        TokenIssueCode = "token_issue_code",
        /// 利用開始.
        TokenStarted = "token_started",
        /// 交換.
        TokenExchanged = "token_exchanged",
        /// 利用中止.
        TokenStopped = "token_stopped",
        /// 利用停止.
        TokenSuspended = "token_suspended",
        /// 利用停止解除.
        TokenReleased = "token_released",
        /// 時刻補正.
        TokenResynchronised = "token_resynchronised",
        /// 有効期限.
        TokenExpiring = "token_expiring",
        /// ログイン停止.
        LoginLocked = "login_locked",
        /// The code that verifies an address.
        MailCode = "mail_code",
        /// The address is set.
        MailAddressSet = "mail_address_set",
        /// The address was changed, to the old one.
        MailAddressChanged = "mail_address_changed",
        /// The same to the new address, which needs no way to stop what its owner just did.
        MailAddressTaken = "mail_address_taken",
        /// The telephone number was changed.
        TelephoneChanged = "telephone_changed",
        /// A password was changed.
        SecretChanged = "secret_changed",
        /// 失効.
        TokenRevoked = "token_revoked",
        /// 緊急停止.
        EmergencyStopped = "emergency_stopped",
        /// 緊急停止の解除.
        StopLifted = "stop_lifted",
        /// The hold on transfers has a later end.
        HoldLengthened = "hold_lengthened",
        /// The hold on transfers is over.
        HoldLifted = "hold_lifted",
        /// A rise of limits was asked for.
        LimitRiseRequested = "limit_rise_requested",
        /// Limits have changed.
        LimitChanged = "limit_changed",
        /// A rise that waited is cancelled.
        LimitRiseCancelled = "limit_rise_cancelled",
        /// 振込先の登録・変更・削除.
        PayeeChanged = "payee_changed",
        /// 利用者の登録 in a company.
        UserRegistered = "user_registered",
        /// 利用者情報の変更.
        UserChanged = "user_changed",
        /// 利用者の削除.
        UserDeleted = "user_deleted",
        /// 利用停止.
        UserPaused = "user_paused",
        /// 利用再開.
        UserResumed = "user_resumed",
        /// The first of two approved the release of an administrator's token.
        ReleaseApproved = "release_approved",
        /// パスワードの初期化.
        PasswordReset = "password_reset",
        /// The initial password itself.
        InitialPassword = "initial_password",
        /// 利用者電子証明書の取得.
        CertificateIssued = "certificate_issued",
        /// 利用者電子証明書の更新.
        CertificateRenewed = "certificate_renewed",
        /// 利用者電子証明書の失効.
        CertificateRevoked = "certificate_revoked",
        /// 利用者電子証明書の有効期限.
        CertificateExpiring = "certificate_expiring",
        /// トークン発行依頼.
        OrderRequested = "order_requested",
        /// 受付 of an order.
        OrderAccepted = "order_accepted",
        /// Its fee was debited.
        OrderDebited = "order_debited",
        /// Its tokens were shipped.
        OrderShipped = "order_shipped",
        /// 取下げ.
        OrderWithdrawn = "order_withdrawn",
        /// 振込・振替.
        TransferDone = "transfer_done",
        /// 税金・各種料金払込み.
        PayEasyDone = "pay_easy_done",
        /// 振込予約.
        TransferReserved = "transfer_reserved",
        /// 予約取消.
        ReservationCancelled = "reservation_cancelled",
        /// A reservation went out on its day.
        ReservationDone = "reservation_done",
        /// A reservation could not go out on its day.
        ReservationFailed = "reservation_failed",
        /// A bulk file was executed on its day.
        BulkDone = "bulk_done",
        /// A bulk file was executed, but for some records.
        BulkPartlyFailed = "bulk_partly_failed",
        /// A bulk file was rejected.
        BulkRejected = "bulk_rejected",
        /// 承認 of a bulk file is complete, to its maker.
        BulkApproved = "bulk_approved",
        /// 差戻し of a bulk file.
        BulkReturned = "bulk_returned",
        /// 送信 of a bulk file.
        BulkSent = "bulk_sent",
        /// A bulk file was not sent in time.
        BulkExpired = "bulk_expired",
        /// Files of 外部ファイル受信 are there to be fetched.
        ExternalReady = "external_ready",
        /// What was signed is not what was sent.
        SignatureRefused = "signature_refused",
    }
}

impl MailKind {
    /// Whether it tells of an act that may not have been the customer's own: then it says how to
    /// stop everything.
    pub fn is_about_an_act(self) -> bool {
        !matches!(
            self,
            MailKind::MailCode
                | MailKind::TokenIssueCode
                | MailKind::TokenIssueGuide
                | MailKind::TokenExpiring
                | MailKind::MailAddressTaken
                | MailKind::UserRegistered
                | MailKind::UserDeleted
                | MailKind::UserPaused
                | MailKind::InitialPassword
                | MailKind::CertificateExpiring
                | MailKind::OrderAccepted
                | MailKind::OrderDebited
                | MailKind::OrderShipped
                | MailKind::ReservationDone
                | MailKind::ReservationFailed
                | MailKind::BulkDone
                | MailKind::BulkPartlyFailed
                | MailKind::BulkRejected
                | MailKind::BulkApproved
                | MailKind::BulkReturned
                | MailKind::BulkSent
                | MailKind::BulkExpired
                | MailKind::ExternalReady
        )
    }

    /// Whether its text carries a verification code or a stop code, which nobody but its reader has
    /// to know: out-box and backups keep it no longer than it takes to send it.
    pub fn carries_a_code(self) -> bool {
        matches!(self, MailKind::MailCode | MailKind::TokenIssueCode) || self.is_about_an_act()
    }
}

/// Tries before a mail is given up: with the doubling pauses below, about two days.
pub const ATTEMPTS_MAX: i32 = 200;
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(10);
/// Not longer: once a server is back after hours, its customers wait no more than this.
const PAUSE_MAX: TimeDelta = TimeDelta::minutes(15);

/// How long to wait after the `attempts`-th failed try: doubling from 10 s up to a quarter of an
/// hour.
pub fn pause_after(attempts: i32) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(1, 16) - 1).unwrap_or(0);
    (FIRST_PAUSE * 2_i32.pow(doublings)).min(PAUSE_MAX)
}

/// A row of `mails`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::mails)]
pub struct Mail {
    /// Row id, also in the Message-ID.
    pub id: MailId,
    /// The portal's slug.
    pub portal: String,
    /// To whom; mails to one person keep their order.
    pub user_id: Option<UserId>,
    /// What it tells.
    pub kind: MailKind,
    /// Recipient.
    pub to_address: String,
    /// Sender.
    pub from_address: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
    /// Where it stands.
    pub state: MailState,
    /// Tries so far.
    pub attempts: i32,
    /// Written when (movable clock).
    pub created_at: NaiveDateTime,
    /// Not before (real clock).
    pub next_attempt_at: NaiveDateTime,
    /// Taken by the server when (real clock).
    pub sent_at: Option<NaiveDateTime>,
    /// What the server said last.
    pub last_error: Option<String>,
}

/// A mail to be put into the out-box.
#[derive(Debug, Clone, diesel::Insertable)]
#[diesel(table_name = crate::schema::mails)]
pub struct NewMail {
    /// The portal's slug.
    pub portal: String,
    /// To whom.
    pub user_id: Option<UserId>,
    /// What it tells.
    pub kind: MailKind,
    /// Recipient.
    pub to_address: String,
    /// Sender.
    pub from_address: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
    /// Always waiting.
    pub state: MailState,
    /// Movable clock.
    pub created_at: NaiveDateTime,
    /// Real clock.
    pub next_attempt_at: NaiveDateTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_stay_bounded() {
        let seconds: Vec<i64> = [1, 2, 3, 20].map(|n| pause_after(n).num_seconds()).to_vec();
        assert_eq!(seconds, [10, 20, 40, 900]);
    }
}
