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

use crate::db::queries::mails;
use crate::db::{DbConn, DbError};
use crate::domain::customer_info::masked_address;
use crate::domain::mail::{MailKind, MailState, NewMail};
use crate::domain::portal::{Keeper, RegistrationPlace};
use crate::domain::receipt::number_text;
use crate::domain::user::User;
use crate::mail::templates::{
    Common, EmergencyStopped, HoldLengthened, HoldLifted, LoginLocked, Mail, MailAddressSet,
    MailCode, StopLifted, TokenExchanged, TokenExpiring, TokenIssueCode, TokenIssueGuide,
    TokenIssued, TokenReleased, TokenResynchronised, TokenRevoked, TokenStarted, TokenStopped,
    TokenSuspended,
};
use crate::operations::receipt::{self, TokenReceipt};
use crate::operations::{Ctx, stop_code};
use crate::primitives::clock::{Clock, UtcTime, jst_minute_text, jst_receipt_text};
use crate::primitives::yen::Yen;

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

fn render(
    ctx: &Ctx,
    user: &User,
    notice: &Notice,
    address: &str,
    receipt_number: &str,
) -> (String, String) {
    let common = common(ctx, user);
    let receipt_number = receipt_number.to_owned();
    match notice.kind {
        MailKind::TokenIssued
        | MailKind::TokenStarted
        | MailKind::TokenExchanged
        | MailKind::TokenStopped
        | MailKind::TokenSuspended
        | MailKind::TokenReleased
        | MailKind::TokenResynchronised
        | MailKind::TokenExpiring => render_token(ctx, common, notice, receipt_number),
        MailKind::LoginLocked => text(&LoginLocked { common, receipt_number }),
        MailKind::TokenRevoked
        | MailKind::EmergencyStopped
        | MailKind::StopLifted
        | MailKind::HoldLengthened
        | MailKind::HoldLifted => render_rails(ctx, common, notice, receipt_number),
        MailKind::CertificateIssued
        | MailKind::CertificateRenewed
        | MailKind::CertificateRevoked
        | MailKind::CertificateExpiring => certificate::render(common, notice, receipt_number),
        MailKind::UserRegistered
        | MailKind::UserChanged
        | MailKind::UserDeleted
        | MailKind::UserPaused
        | MailKind::UserResumed
        | MailKind::ReleaseApproved
        | MailKind::PasswordReset
        | MailKind::InitialPassword => {
            members::render_user_news(ctx, common, notice.kind, receipt_number)
        }
        // Codes, guides, limits, orders, payments, files and changes of customers have functions of
        // their own.
        _ => {
            let masked_address = masked_address(address);
            text(&MailAddressSet { common, masked_address, receipt_number })
        }
    }
}

/// What happened to a token.
fn render_token(
    ctx: &Ctx,
    common: Common,
    notice: &Notice,
    receipt_number: String,
) -> (String, String) {
    let words = &ctx.profile.words;
    let serial_last4 = notice.serial_last_four.clone();
    match notice.kind {
        MailKind::TokenStarted => {
            let start_word = words.start.clone();
            text(&TokenStarted { common, serial_last4, start_word, receipt_number })
        }
        MailKind::TokenExchanged => text(&TokenExchanged {
            common,
            new_serial_last4: serial_last4,
            old_serial_last4: notice.old_serial_last_four.clone().unwrap_or_default(),
            exchange_word: words.exchange.clone(),
            receipt_number,
        }),
        MailKind::TokenStopped => {
            let stop_word = words.stop.clone().unwrap_or_default();
            text(&TokenStopped { common, serial_last4, stop_word, receipt_number })
        }
        MailKind::TokenSuspended => {
            let reason = suspension_reason(notice).to_owned();
            let release_way = release_way(ctx.profile.tokens.released_by);
            text(&TokenSuspended { common, serial_last4, reason, release_way, receipt_number })
        }
        MailKind::TokenReleased => {
            let release_word = words.release.clone();
            text(&TokenReleased { common, serial_last4, release_word, receipt_number })
        }
        MailKind::TokenResynchronised => {
            text(&TokenResynchronised { common, serial_last4, receipt_number })
        }
        MailKind::TokenExpiring => {
            let expires_at = notice.expires_at.map(jst_receipt_text).unwrap_or_default();
            let way = before_expiry(ctx);
            text(&TokenExpiring { way, common, serial_last4, expires_at, receipt_number })
        }
        _ => text(&TokenIssued { common, serial_last4, receipt_number }),
    }
}

/// What to do before a token expires.
fn before_expiry(ctx: &Ctx) -> String {
    let words = &ctx.profile.words;
    if ctx.profile.tokens.registration == RegistrationPlace::MenuAfterLogin {
        let stop = words.stop.as_deref().unwrap_or("利用中止");
        return format!(
            "期限の前に、ログイン後の「{}申請」で{stop}をし、続けて{}発行と{}のお手続きをしてください。",
            words.otp, words.token, words.start
        );
    }
    "新しいトークンのお申し込みについては、下の番号へお電話ください。".to_owned()
}

/// What stops a thief, and what ends that.
fn render_rails(
    ctx: &Ctx,
    common: Common,
    notice: &Notice,
    receipt_number: String,
) -> (String, String) {
    match notice.kind {
        MailKind::TokenRevoked => text(&TokenRevoked {
            common,
            serial_last4: notice.serial_last_four.clone(),
            registrable_from: notice.expires_at.map(jst_minute_text).unwrap_or_default(),
            receipt_number,
        }),
        MailKind::StopLifted => text(&StopLifted { common, receipt_number }),
        MailKind::HoldLengthened => text(&HoldLengthened {
            common,
            held_until: notice.expires_at.map(jst_minute_text).unwrap_or_default(),
            daily_limit: Yen(ctx.profile.hold.daily_yen).to_string(),
            receipt_number,
        }),
        MailKind::HoldLifted => text(&HoldLifted { common, receipt_number }),
        _ => text(&EmergencyStopped { common, receipt_number }),
    }
}

fn release_way(released_by: Keeper) -> &'static str {
    match released_by {
        Keeper::Staff => "下の番号へお電話ください",
        Keeper::Administrator => "ご契約先の管理者にお申し出ください",
        Keeper::MasterAndAdministrators => {
            "ほかのマスターユーザまたは管理者ユーザにお申し出ください"
        }
    }
}

fn suspension_reason(notice: &Notice) -> &'static str {
    if notice.is_stopped_by_other {
        "同じトークンをお使いの方から緊急停止のお申し出があったため、認証を停止しました。"
    } else {
        "ワンタイムパスワードの入力が続けて誤っていたため、認証を停止しました。"
    }
}
