//! Notices about bulk files, to whoever made them: approved, returned, sent, expired.

use super::{common, insert, own_receipt, text};
use crate::db::queries::{members, users};
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::BulkFile;
use crate::domain::mail::MailKind;
use crate::domain::receipt::number_text;
use crate::domain::user::User;
use crate::mail::templates::BulkNews;
use crate::operations::Ctx;
use crate::primitives::clock::jst_minute_text;

/// Puts word of what became of a file into the out-box of its maker; where nobody can be told that
/// way, of the company's administrators. `comment` is what was written to it.
///
/// # Errors
/// Whatever the database says.
pub fn tell_maker(
    conn: &mut DbConn,
    ctx: &Ctx,
    file: &BulkFile,
    kind: MailKind,
    comment: &str,
) -> Result<(), DbError> {
    let mut told = vec![users::get(conn, file.maker_id)?];
    told.retain(|user| user.deleted_at.is_none() && user.mail_address.is_some());
    if told.is_empty() {
        told = members::list_administrators(conn, file.contract_id)?;
    }
    for user in &told {
        enqueue(conn, ctx, user, file, (kind, comment))?;
    }
    Ok(())
}

fn enqueue(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    file: &BulkFile,
    (kind, comment): (MailKind, &str),
) -> Result<(), DbError> {
    let Some(address) = user.mail_address.clone() else { return Ok(()) };
    let number = match file.receipt_number {
        Some(number) => number,
        None => own_receipt(conn, ctx, user, kind)?,
    };
    let (act, sentence) = words(kind);
    let mail = BulkNews {
        common: common(ctx, user),
        act: format!("{}データの{act}", file.kind.label()),
        sentence: sentence.to_owned(),
        lines: lines(file, kind, comment),
        receipt_number: number_text(number),
    };
    let (subject, body) = text(&mail);
    insert(conn, ctx, user, kind, address, subject, body)
}

fn words(kind: MailKind) -> (&'static str, &'static str) {
    match kind {
        MailKind::BulkApproved => {
            ("承認", "次のデータが承認されました。締切までに、送信のお手続きが必要です。")
        }
        MailKind::BulkReturned => {
            ("差戻し", "次のデータが差し戻されました。内容を直し、もう一度承認を依頼してください。")
        }
        MailKind::BulkSent => {
            ("送信", "次のデータを受け付けました。お受取人へのご入金は、指定日に行います。")
        }
        _ => (
            "期限切れ",
            "次のデータは、締切までに送信されなかったため、期限切れになりました。\
             必要なときは、新しい指定日で作り直してください。",
        ),
    }
}

fn lines(file: &BulkFile, kind: MailKind, comment: &str) -> Vec<String> {
    let mut lines = vec![
        format!("データ名: {}", file.name),
        format!("件数: {}件", crate::primitives::yen::grouped(file.item_count)),
        format!("合計金額: {}", file.total_yen),
    ];
    lines.extend(file.value_date.map(|day| format!("指定日: {}", day.format("%Y年%-m月%-d日"))));
    let is_unsent = matches!(kind, MailKind::BulkApproved | MailKind::BulkExpired);
    let deadline = file.deadline_at.filter(|_| is_unsent);
    lines.extend(deadline.map(|at| format!("送信の締切: {}", jst_minute_text(at))));
    if !comment.is_empty() {
        lines.push(format!("コメント: {comment}"));
    }
    lines
}
