//! Notices by mail: rendered and put into the out-box in the act's own transaction, so that what
//! was done and what was promised are on disk together. The worker sends them afterwards.

pub mod bulk;
pub mod bulk_result;
mod certificate;
pub mod customer_info;
pub mod external;
pub mod limit;
pub mod members;
pub mod order;
pub mod payee;
pub mod payment;
pub mod signature;
mod token;

use crate::db::queries::mails;
use crate::db::{DbConn, DbError};
use crate::domain::customer_info::masked_address;
use crate::domain::mail::{MailKind, MailState, NewMail};
use crate::domain::receipt::number_text;
use crate::domain::user::User;
use crate::mail::templates::{
    Common, EmergencyStopped, HoldLifted, LoginLocked, Mail, MailAddressSet, MailCode, StopLifted,
    TokenIssueCode, TokenIssueGuide,
};
use crate::operations::receipt::{self, TokenReceipt};
use crate::operations::{Ctx, stop_code};
use crate::primitives::clock::{Clock, UtcTime, jst_receipt_text};

/// What the out-box takes; words of a profile are not that long, but no act shall fail by them.
const SUBJECT_LENGTH_MAX: usize = 200;

/// What a notice tells beside name and time.
#[derive(Debug, Clone)]
pub struct Notice {
    /// What happened.
    pub kind: MailKind,
    /// The last four of the token's serial; empty where it is not about one.
    pub serial_last_four: String,
    /// The same of the old token, in an exchange.
    pub old_serial_last_four: Option<String>,
    /// 受付番号 of the act; without one the notice gets its own.
    pub receipt_number: Option<i32>,
    /// When the token expires, in expiry warnings; the end of a hold; from when another token can
    /// be registered, after a revocation.
    pub expires_at: Option<UtcTime>,
    /// Suspended not by wrong codes, but because somebody who shares the token stopped everything.
    pub is_stopped_by_other: bool,
}

impl Notice {
    /// A notice that is about no token.
    pub fn of(kind: MailKind) -> Notice {
        Notice {
            kind,
            serial_last_four: String::new(),
            old_serial_last_four: None,
            receipt_number: None,
            expires_at: None,
            is_stopped_by_other: false,
        }
    }
}

/// Puts a notice to `user` into the out-box. A user without a verified address gets none. A notice
/// of an act says below its signature how to stop everything.
///
/// # Errors
/// Whatever the database says.
pub fn enqueue(conn: &mut DbConn, ctx: &Ctx, user: &User, notice: &Notice) -> Result<(), DbError> {
    if user.deleted_at.is_some() {
        return Ok(());
    }
    let Some(address) = user.mail_address.clone() else { return Ok(()) };
    let number = match notice.receipt_number {
        Some(number) => number,
        None => own_receipt(conn, ctx, user, notice.kind)?,
    };
    let (subject, mut body) = render(ctx, user, notice, &address, &number_text(number));
    if let Some(part) = stop_code::part_of(conn, ctx, user, notice.kind)? {
        body += &part.text();
    }
    insert(conn, ctx, user, notice.kind, address, subject, body)
}

/// Puts word about other users into the out-box, to an administrator or to who shares their token;
/// `about` says whom.
///
/// # Errors
/// Whatever the database says.
fn enqueue_about(
    conn: &mut DbConn,
    ctx: &Ctx,
    recipient: &User,
    notice: &Notice,
    about: &str,
) -> Result<(), DbError> {
    let Some(address) = recipient.mail_address.clone() else { return Ok(()) };
    let number = match notice.receipt_number {
        Some(number) => number,
        None => own_receipt(conn, ctx, recipient, notice.kind)?,
    };
    let (subject, body) = render(ctx, recipient, notice, &address, &number_text(number));
    let lead = "ご契約の次の利用者についてお知らせします。";
    let body = match body.split_once("\n\n") {
        Some((greeting, rest)) => format!("{greeting}\n\n{lead}\n{about}\n\n{rest}"),
        None => format!("{lead}\n{about}\n\n{body}"),
    };
    insert(conn, ctx, recipient, notice.kind, address, subject, body)
}

/// Puts the mail with a verification code into the out-box, to an address not verified yet.
///
/// # Errors
/// Whatever the database says.
pub fn enqueue_mail_code(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    address: &str,
    code: &str,
) -> Result<(), DbError> {
    let number = own_receipt(conn, ctx, user, MailKind::MailCode)?;
    let mail = MailCode {
        common: common(ctx, user),
        code: code.to_owned(),
        valid_until: jst_receipt_text(ctx.profile.mail_code.expiry(ctx.now)),
        receipt_number: number_text(number),
    };
    let (subject, body) = with_telephone(ctx, text(&mail));
    insert(conn, ctx, user, MailKind::MailCode, address.to_owned(), subject, body)
}

/// Puts the mail with メール通知パスワード into the out-box, to the registered address.
///
/// # Errors
/// Whatever the database says.
pub fn enqueue_issue_code(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    address: &str,
    code: &str,
) -> Result<(), DbError> {
    let kind = MailKind::TokenIssueCode;
    let number = own_receipt(conn, ctx, user, kind)?;
    let mail = TokenIssueCode {
        common: common(ctx, user),
        code: code.to_owned(),
        valid_until: jst_receipt_text(ctx.profile.mail_code.expiry(ctx.now)),
        receipt_number: number_text(number),
    };
    let (subject, body) = with_telephone(ctx, text(&mail));
    insert(conn, ctx, user, kind, address.to_owned(), subject, body)
}

/// What the phone needs to set an issued token up, beside the activation password.
#[derive(Debug, Clone)]
pub struct IssueGuide {
    /// サービスID.
    pub service_id: String,
    /// ユーザID.
    pub user_number: String,
    /// The token app's address.
    pub app_url: String,
    /// Until when it can be set up.
    pub set_up_until: UtcTime,
    /// 受付番号 of the issue.
    pub receipt_number: i32,
}

/// Puts トークン発行のご案内 into the out-box, to the phone that is to hold the token.
///
/// # Errors
/// Whatever the database says.
pub fn enqueue_issue_guide(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    address: &str,
    guide: &IssueGuide,
) -> Result<(), DbError> {
    let policy = ctx.profile.tokens.issue.as_ref();
    let mail = TokenIssueGuide {
        common: common(ctx, user),
        app_url: guide.app_url.clone(),
        service_id: guide.service_id.clone(),
        user_number: guide.user_number.clone(),
        activation_label: policy
            .map_or_else(String::new, |policy| policy.activation_password.label.clone()),
        set_up_until: jst_receipt_text(guide.set_up_until),
        receipt_number: number_text(guide.receipt_number),
    };
    let (subject, body) = with_telephone(ctx, text(&mail));
    insert(conn, ctx, user, MailKind::TokenIssueGuide, address.to_owned(), subject, body)
}

/// A mail that carries no stop code, with the number that answers at any hour below.
fn with_telephone(ctx: &Ctx, (subject, body): (String, String)) -> (String, String) {
    (subject, body + &stop_code::telephone_part(ctx).text())
}

fn own_receipt(conn: &mut DbConn, ctx: &Ctx, user: &User, kind: MailKind) -> Result<i32, DbError> {
    let none = TokenReceipt::default();
    receipt::write_in_tx(conn, ctx, user.id, kind.as_str(), &none).map(|(_, number)| number)
}

fn insert(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    kind: MailKind,
    to_address: String,
    subject: String,
    body: String,
) -> Result<(), DbError> {
    let (sender, words) = (&ctx.profile.mail, &ctx.profile.words);
    let (subject, body) = (words.say(subject), words.say(body));
    mails::insert(
        conn,
        NewMail {
            portal: ctx.portal_slug().to_owned(),
            user_id: Some(user.id),
            kind,
            to_address,
            from_address: format!("{} <{}>", sender.sender_name, sender.sender_address),
            subject: subject.chars().take(SUBJECT_LENGTH_MAX).collect(),
            body,
            state: MailState::Waiting,
            created_at: ctx.now,
            next_attempt_at: Clock::real_now(),
        },
    )
}

fn common(ctx: &Ctx, user: &User) -> Common {
    let contact = &ctx.profile.contact;
    Common {
        name: user.name.clone(),
        time_text: jst_receipt_text(ctx.now),
        institution: ctx.profile.portal.institution.clone(),
        serial_word: ctx.profile.words.serial.clone(),
        department: contact.department.clone(),
        telephone: contact.telephone.clone(),
        hours: contact.hours.clone(),
    }
}

/// Rendering writes into a string and its templates are checked at build time, so an error cannot
/// come up; an empty body would still leave the subject and be seen in the out-box.
fn text<M: Mail>(mail: &M) -> (String, String) {
    (mail.subject(), mail.render().unwrap_or_default())
}

/// What a notice is made of.
struct Telling<'a> {
    ctx: &'a Ctx,
    notice: &'a Notice,
    /// Where it goes.
    address: &'a str,
    common: Common,
    receipt_number: String,
}

fn render(
    ctx: &Ctx,
    user: &User,
    notice: &Notice,
    address: &str,
    receipt_number: &str,
) -> (String, String) {
    let (common, receipt_number) = (common(ctx, user), receipt_number.to_owned());
    words_of(notice.kind)(Telling { ctx, notice, address, common, receipt_number })
}

/// Which words a notice of this kind has: every kind is decided here.
fn words_of(kind: MailKind) -> fn(Telling<'_>) -> (String, String) {
    use MailKind as M;
    match kind {
        M::TokenIssued => token::issued,
        M::TokenStarted => token::started,
        M::TokenExchanged => token::exchanged,
        M::TokenStopped => token::stopped,
        M::TokenSuspended => token::suspended,
        M::TokenReleased => token::released,
        M::TokenResynchronised => token::resynchronised,
        M::TokenExpiring => token::expiring,
        M::TokenRevoked => token::revoked,
        M::LoginLocked => login_locked,
        M::EmergencyStopped => emergency_stopped,
        M::StopLifted => stop_lifted,
        M::HoldLengthened => token::hold_lengthened,
        M::HoldLifted => hold_lifted,
        M::CertificateIssued
        | M::CertificateRenewed
        | M::CertificateRevoked
        | M::CertificateExpiring => certificate::render,
        M::UserRegistered
        | M::UserChanged
        | M::UserDeleted
        | M::UserPaused
        | M::UserResumed
        | M::ReleaseApproved
        | M::PasswordReset
        | M::InitialPassword => members::render,
        M::MailAddressSet => address_set,
        // Functions of their own put these into the out-box, with what only they know; none comes
        // here. These words tell nothing that is not the recipient's own.
        M::TokenIssueGuide
        | M::TokenIssueCode
        | M::MailCode
        | M::MailAddressChanged
        | M::MailAddressTaken
        | M::TelephoneChanged
        | M::SecretChanged
        | M::LimitRiseRequested
        | M::LimitChanged
        | M::LimitRiseCancelled
        | M::PayeeChanged
        | M::OrderRequested
        | M::OrderAccepted
        | M::OrderDebited
        | M::OrderShipped
        | M::OrderWithdrawn
        | M::TransferDone
        | M::PayEasyDone
        | M::TransferReserved
        | M::ReservationCancelled
        | M::ExternalReady
        | M::ReservationDone
        | M::ReservationFailed
        | M::BulkDone
        | M::BulkPartlyFailed
        | M::BulkRejected
        | M::BulkApproved
        | M::BulkReturned
        | M::BulkSent
        | M::BulkExpired
        | M::SignatureRefused => address_set,
    }
}

fn address_set(of: Telling<'_>) -> (String, String) {
    let (common, receipt_number) = (of.common, of.receipt_number);
    text(&MailAddressSet { common, masked_address: masked_address(of.address), receipt_number })
}

fn login_locked(of: Telling<'_>) -> (String, String) {
    text(&LoginLocked { common: of.common, receipt_number: of.receipt_number })
}

fn emergency_stopped(of: Telling<'_>) -> (String, String) {
    text(&EmergencyStopped { common: of.common, receipt_number: of.receipt_number })
}

fn stop_lifted(of: Telling<'_>) -> (String, String) {
    text(&StopLifted { common: of.common, receipt_number: of.receipt_number })
}

fn hold_lifted(of: Telling<'_>) -> (String, String) {
    text(&HoldLifted { common: of.common, receipt_number: of.receipt_number })
}
