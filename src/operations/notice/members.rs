//! Who is told of what happens to a token (otp.md, Mail): its users, and in a company every master
//! and administrator user as well.

use std::collections::BTreeSet;

use crate::db::queries::members;
use crate::db::{DbConn, DbError};
use crate::domain::mail::MailKind;
use crate::domain::portal::SecretKind;
use crate::domain::receipt::number_text;
use crate::domain::user::User;
use crate::mail::templates::{InitialPassword, UserNews};
use crate::operations::Ctx;
use crate::operations::notice::{self, Notice, Telling, common, insert, text};

/// Names told at most; a token can be everybody's.
const NAMES_MAX: usize = 10;

/// Puts the notice to the users concerned into the out-box, and word of it to `sharers`, who use
/// the same token, and to the administrators of their company. Only the users concerned get a stop
/// code: for the others it would stop what is theirs.
///
/// # Errors
/// Whatever the database says.
pub fn tell_of_token(
    conn: &mut DbConn,
    ctx: &Ctx,
    concerned: &[User],
    sharers: &[User],
    notice: &Notice,
) -> Result<(), DbError> {
    for user in concerned {
        notice::enqueue(conn, ctx, user, notice)?;
    }
    let Some(first) = concerned.first() else { return Ok(()) };
    let mut others = sharers.to_vec();
    if ctx.profile.is_corporate() {
        others.extend(members::list_administrators(conn, first.contract_id)?);
    }
    let about = about(concerned);
    let mut told: BTreeSet<_> = concerned.iter().map(|user| user.id).collect();
    for other in others {
        if told.insert(other.id) {
            notice::enqueue_about(conn, ctx, &other, notice, &about)?;
        }
    }
    Ok(())
}

/// Whom word to others is about.
fn about(concerned: &[User]) -> String {
    let names: Vec<&str> =
        concerned.iter().take(NAMES_MAX).map(|user| user.name.as_str()).collect();
    let more = concerned.len().saturating_sub(NAMES_MAX);
    let more = if more > 0 { format!(" ほか{more}名") } else { String::new() };
    format!("対象の利用者: {}{more}", names.join("、"))
}

/// What an administrator did to a user, in the words of mails.
pub(super) fn render(of: Telling<'_>) -> (String, String) {
    let Telling { ctx, notice, common, receipt_number, .. } = of;
    let credentials = &ctx.profile.credentials;
    let login = &credentials.login.label;
    let id_label = &credentials.user_id.as_ref().unwrap_or(&credentials.id).label;
    let activates = ctx.profile.services.activation;
    let (initial, setup) = if activates {
        ("初期の暗証番号", "開通確認")
    } else {
        ("初期パスワード", "初回設定")
    };
    let (act, sentence, more) = match notice.kind {
        MailKind::UserRegistered => (
            "利用者の登録",
            "管理者が、利用者を登録しました。".to_owned(),
            format!("{initial}でログインし、{setup}をすると使えるようになります。"),
        ),
        MailKind::UserDeleted => (
            "利用者の削除",
            "管理者が、利用者の登録を削除しました。".to_owned(),
            format!("この{id_label}では、もうログインできません。"),
        ),
        MailKind::UserPaused => (
            "利用停止",
            "管理者が、利用を停止しました。".to_owned(),
            "再開されるまで、ログインできません。".to_owned(),
        ),
        MailKind::UserResumed => (
            "利用再開",
            "管理者が、利用を再開しました。".to_owned(),
            "これまでのパスワードでログインできます。".to_owned(),
        ),
        MailKind::ReleaseApproved => (
            "利用停止解除の承認",
            "停止したトークンの解除を、お一人が承認しました。".to_owned(),
            "24時間以内にもうお一人が承認すると、解除されます。".to_owned(),
        ),
        MailKind::PasswordReset | MailKind::InitialPassword => (
            if activates { "暗証番号の初期化" } else { "パスワードの初期化" },
            format!("{login}を初期化しました。これまでのものは使えません。"),
            format!("新しい{initial}でログインし、{setup}をしてください。"),
        ),
        _ => (
            "利用者情報の変更",
            "管理者が、利用者の登録内容や権限を変更しました。".to_owned(),
            "変更の内容は、管理者の方にご確認ください。".to_owned(),
        ),
    };
    text(&UserNews { common, act: act.to_owned(), sentence, more, receipt_number })
}

/// Puts the initial password into the out-box, to the address that the administrator chose. The
/// login id is not in it: whoever reads the mail alone cannot log in.
///
/// # Errors
/// Whatever the database says.
pub fn enqueue_initial_password(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    address: &str,
    password: &str,
    receipt_number: i32,
) -> Result<(), DbError> {
    let (profile, credentials) = (&ctx.profile, &ctx.profile.credentials);
    let id_label = credentials.user_id.as_ref().unwrap_or(&credentials.id).label.clone();
    let activates = profile.services.activation;
    let label = |kind| format!("初期の{}", profile.secret_label(kind, user.role));
    let mail = InitialPassword {
        common: common(ctx, user),
        id_label: if activates {
            format!("{id_label}と{}", label(SecretKind::Confirm))
        } else {
            id_label
        },
        secret_label: if activates {
            label(SecretKind::Login)
        } else {
            "初期パスワード".to_owned()
        },
        new_label: if activates { "暗証番号" } else { "パスワード" },
        password: password.to_owned(),
        receipt_number: number_text(receipt_number),
    };
    let (subject, body) = text(&mail);
    insert(conn, ctx, user, MailKind::InitialPassword, address.to_owned(), subject, body)
}
