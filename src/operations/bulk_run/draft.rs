//! The entry of a bulk file: its words, its key and its lines.

use crate::db::DbConn;
use crate::db::DbError;
use crate::db::queries::accounts;
use crate::domain::bulk_file::{BulkFile, BulkKind};
use crate::domain::ledger::{AccountPurpose, EntryDraft, PostingLine, RETURN_KIND};
use crate::domain::portal::Fee;
use crate::operations::ledger::post::{PostError, Posted, post_in_tx};
use crate::operations::{ActAbort, Ctx};
use crate::primitives::clock::jst_day;
use crate::primitives::ids::{AccountId, EntryId};
use crate::primitives::yen::Yen;

use super::RunAbort;

/// An entry of a file before its lines.
pub(super) struct Words {
    /// What kind of entry.
    pub kind: String,
    /// 摘要 of whoever pays.
    pub description: String,
    /// 摘要 of whoever gains.
    pub credit_description: String,
}

/// What the entry is called on the accounts: the company's, and those of whom it pays or debits.
pub(super) fn words(file: &BulkFile, originator_kana: &str) -> Words {
    words_of(file.kind, &format!("{}件", file.item_count), originator_kana)
}

fn words_of(kind: BulkKind, count: &str, originator_kana: &str) -> Words {
    let own = format!("{}　{count}", kind.label());
    let other = match kind {
        BulkKind::GeneralTransfer => format!("振込　{originator_kana}"),
        BulkKind::Salary => format!("給与　{originator_kana}"),
        BulkKind::Bonus => format!("賞与　{originator_kana}"),
        BulkKind::DirectDebit => format!("口座振替　{originator_kana}"),
    };
    let (description, credit_description) =
        if kind.is_outgoing() { (own, other) } else { (other, own) };
    Words { kind: format!("bulk_{kind}"), description, credit_description }
}

/// 組戻 of what could not be credited.
pub(super) fn return_words(file: &BulkFile, count: usize) -> Words {
    return_words_of(file.kind, count)
}

fn return_words_of(kind: BulkKind, count: usize) -> Words {
    let text = format!("組戻　{}　{count}件", kind.label());
    Words { kind: RETURN_KIND.to_owned(), description: text.clone(), credit_description: text }
}

/// An account of the institution's own.
pub(super) fn internal(
    conn: &mut DbConn,
    ctx: &Ctx,
    purpose: AccountPurpose,
) -> Result<AccountId, DbError> {
    Ok(accounts::get_internal(conn, ctx.portal_slug(), purpose)?.id)
}

/// The lines of a fee and its tax.
pub(super) fn fee_lines(
    conn: &mut DbConn,
    ctx: &Ctx,
    fee: Fee,
) -> Result<[PostingLine; 2], DbError> {
    Ok([
        PostingLine {
            account_id: internal(conn, ctx, AccountPurpose::FeeIncome)?,
            amount: Yen(fee.net_yen),
        },
        PostingLine {
            account_id: internal(conn, ctx, AccountPurpose::ConsumptionTax)?,
            amount: Yen(fee.tax_yen),
        },
    ])
}

/// The key under which a file's entry stands, once.
pub(super) fn key(file: &BulkFile) -> Result<String, ActAbort> {
    let receipt_id = file.receipt_id.ok_or(ActAbort::Stale)?;
    Ok(format!("bulk file of receipt {receipt_id}"))
}

/// Posts an entry of the file; lines of nothing are left out. An entry that was there already is no
/// success: it stands with what belongs to it.
///
/// # Errors
/// [`RunAbort::Funds`] where the company's account cannot bear it: roll back then.
pub(super) fn post(
    conn: &mut DbConn,
    ctx: &Ctx,
    (key, words): (String, Words),
    company: AccountId,
    lines: impl IntoIterator<Item = PostingLine>,
) -> Result<EntryId, RunAbort> {
    let draft = EntryDraft {
        portal: ctx.portal_slug().to_owned(),
        kind: words.kind,
        business_date: jst_day(ctx.now),
        posted_at: ctx.now,
        idempotency_key: key,
        description: words.description,
        credit_description: Some(words.credit_description),
        reverses_id: None,
        lines: lines.into_iter().filter(|line| line.amount != Yen(0)).collect(),
    };
    match post_in_tx(conn, &draft) {
        Ok(Posted::New(id)) => Ok(id),
        Ok(Posted::Already(_)) | Err(PostError::Draft(_)) => Err(ActAbort::Stale.into()),
        Err(PostError::Refused(id)) if id == company => Err(RunAbort::Funds),
        // Closed, or debited, since it was looked at: the next run looks again.
        Err(PostError::Refused(_)) => Err(ActAbort::Stale.into()),
        Err(PostError::Db(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::statement::zengin::summary_of;

    #[test]
    fn every_word_has_a_reading_in_the_banks_format() {
        for kind in BulkKind::ALL {
            let made = words_of(*kind, "12件", "ｶ)ｱｵﾊﾞｼﾖｳｼﾞ");
            let back = return_words_of(*kind, 1);
            for text in [made.description, made.credit_description, back.description] {
                assert!(!summary_of(&text).contains('?'), "{text}: {}", summary_of(&text));
            }
        }
    }
}
