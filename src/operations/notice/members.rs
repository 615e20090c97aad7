//! Who is told of what happens to a token (otp.md, Mail): its users, and in a company every master
//! and administrator user as well.

use std::collections::BTreeSet;

use crate::db::queries::members;
use crate::db::{DbConn, DbError};
use crate::domain::mail::MailKind;
use crate::domain::receipt::number_text;
use crate::domain::user::User;
use crate::mail::templates::{Common, InitialPassword, UserNews};
use crate::operations::Ctx;
use crate::operations::notice::{self, Notice, common, insert, text};

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
pub(super) fn render_user_news(
    ctx: &Ctx,
    common: Common,
    kind: MailKind,
    receipt_number: String,
) -> (String, String) {
    let login = &ctx.profile.credentials.login.label;
    let (act, sentence, more) = match kind {
        MailKind::UserRegistered => (
            "利用者の登録",
            "管理者が、利用者を登録しました。".to_owned(),
            "初期パスワードでログインし、初回設定をすると使えるようになります。",
        ),
        MailKind::UserDeleted => (
            "利用者の削除",
            "管理者が、利用者の登録を削除しました。".to_owned(),
            "このログインIDでは、もうログインできません。",
        ),
        MailKind::UserPaused => (
            "利用停止",
            "管理者が、利用を停止しました。".to_owned(),
            "再開されるまで、ログインできません。",
        ),
        MailKind::UserResumed => (
            "利用再開",
            "管理者が、利用を再開しました。".to_owned(),
            "これまでのパスワードでログインできます。",
        ),
        MailKind::ReleaseApproved => (
            "利用停止解除の承認",
            "停止したトークンの解除を、お一人が承認しました。".to_owned(),
            "24時間以内にもうお一人が承認すると、解除されます。",
        ),
        MailKind::PasswordReset | MailKind::InitialPassword => (
            "パスワードの初期化",
            format!("{login}を初期化しました。これまでのものは使えません。"),
            "新しい初期パスワードでログインし、パスワードを決め直してください。",
        ),
        _ => (
            "利用者情報の変更",
            "管理者が、利用者の登録内容や権限を変更しました。".to_owned(),
            "変更の内容は、管理者の方にご確認ください。",
        ),
    };
    text(&UserNews { common, act: act.to_owned(), sentence, more: more.to_owned(), receipt_number })
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
    let mail = InitialPassword {
        common: common(ctx, user),
        id_label: ctx.profile.credentials.id.label.clone(),
        password: password.to_owned(),
        receipt_number: number_text(receipt_number),
    };
    let (subject, body) = text(&mail);
    insert(conn, ctx, user, MailKind::InitialPassword, address.to_owned(), subject, body)
}
