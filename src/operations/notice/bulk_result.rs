//! Notices about bulk files: executed, executed in part, rejected.

use super::{common, insert, text};
use crate::db::queries::{accounts, bulk_runs, members};
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::BulkFile;
use crate::domain::mail::MailKind;
use crate::domain::receipt::number_text;
use crate::domain::user::User;
use crate::mail::templates::PaymentNews;
use crate::operations::Ctx;
use crate::operations::payment::short_number;

/// Puts word of what became of a file into the out-box of whoever made, approved and sent it. Where
/// nobody of them can be told, the company's administrators are.
///
/// # Errors
/// Whatever the database says.
pub fn tell_of_file(
    conn: &mut DbConn,
    ctx: &Ctx,
    file: &BulkFile,
    (kind, result): (MailKind, &[String]),
) -> Result<(), DbError> {
    let mut told = bulk_runs::list_people(conn, file)?;
    told.retain(|user| user.deleted_at.is_none() && user.mail_address.is_some());
    if told.is_empty() {
        told = members::list_administrators(conn, file.contract_id)?;
    }
    let lines = lines(conn, file, result)?;
    for user in &told {
        enqueue(conn, ctx, user, file, (kind, lines.clone()))?;
    }
    Ok(())
}

fn lines(conn: &mut DbConn, file: &BulkFile, result: &[String]) -> Result<Vec<String>, DbError> {
    let mut lines =
        vec![format!("種類: {}", file.kind.label()), format!("ファイル名: {}", file.name)];
    if let Some(day) = file.value_date {
        lines.push(format!("指定日: {}", day.format("%Y年%-m月%-d日")));
    }
    if let Some(id) = file.account_id {
        let account = accounts::get(conn, id)?;
        let number = short_number(&account.number);
        let (branch, kind) = (account.branch_name, account.account_type.label());
        lines.push(format!("お取引口座: {branch}　{kind}　{number}"));
    }
    lines.push(format!("合計: {}件 {}", file.item_count, file.total_yen));
    lines.extend(result.iter().cloned());
    Ok(lines)
}

fn enqueue(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    file: &BulkFile,
    (kind, lines): (MailKind, Vec<String>),
) -> Result<(), DbError> {
    let Some(address) = user.mail_address.clone() else { return Ok(()) };
    let (act, sentence) = words(kind);
    let mail = PaymentNews {
        common: common(ctx, user),
        act: act.to_owned(),
        sentence: sentence.to_owned(),
        lines,
        receipt_number: file.receipt_number.map(number_text).unwrap_or_default(),
    };
    let (subject, body) = text(&mail);
    insert(conn, ctx, user, kind, address, subject, body)
}

fn words(kind: MailKind) -> (&'static str, &'static str) {
    match kind {
        MailKind::BulkDone => {
            ("ファイル伝送の処理", "送信いただいた次のデータを、指定日に処理しました。")
        }
        MailKind::BulkPartlyFailed => (
            "ファイル伝送の処理（一部不能）",
            "送信いただいた次のデータを処理しましたが、一部の明細は処理できませんでした。内容は、画面の「状況・履歴」でご確認ください。",
        ),
        _ => (
            "ファイル伝送の受付エラー",
            "送信いただいた次のデータは、お取り扱いできませんでした。振込・振替は行っていません。",
        ),
    }
}
