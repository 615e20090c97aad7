//! The entries of a transfer, made at once or reserved before.

use crate::db::DbConn;
use crate::db::queries::accounts;
use crate::db::queries::payments::NewPayment;
use crate::domain::ledger::{AccountPurpose, AccountType};
use crate::domain::payment::{Payment, PaymentKind, PaymentObstacle};
use crate::domain::portal::Fee;
use crate::operations::payment::PaymentAbort;
use crate::operations::payment::post::{PaymentEntry, Side, post_payment_in_tx};
use crate::operations::{ActAbort, Ctx};
use crate::primitives::ids::{AccountId, EntryId, ReceiptId};
use crate::primitives::yen::Yen;

const FEE_TEXT: &str = "振込手数料";

/// A transfer as the ledger sees it.
#[derive(Debug, Clone, Copy)]
pub struct TransferFacts<'a> {
    /// 振替 or 振込.
    pub kind: PaymentKind,
    /// Names its entries, each once.
    pub receipt_id: ReceiptId,
    /// 出金口座.
    pub account_id: AccountId,
    /// The payee's bank, branch, kind of account and number.
    pub to: (&'a str, &'a str, Option<AccountType>, &'a str),
    /// 受取人名.
    pub holder_kana: &'a str,
    /// 振込依頼人名.
    pub sender_kana: &'a str,
    /// The amount.
    pub amount: Yen,
    /// Fee and tax.
    pub fee: Fee,
}

impl<'a> From<&'a Payment> for TransferFacts<'a> {
    fn from(payment: &'a Payment) -> TransferFacts<'a> {
        let Payment { bank_code, branch_code, account_type, number, .. } = payment;
        TransferFacts {
            kind: payment.kind,
            receipt_id: payment.receipt_id,
            account_id: payment.account_id,
            to: (bank_code, branch_code, *account_type, number),
            holder_kana: &payment.holder_kana,
            sender_kana: &payment.sender_kana,
            amount: payment.amount_yen,
            fee: payment.fee(),
        }
    }
}

impl<'a> From<&'a NewPayment> for TransferFacts<'a> {
    fn from(payment: &'a NewPayment) -> TransferFacts<'a> {
        let NewPayment { bank_code, branch_code, account_type, number, .. } = payment;
        TransferFacts {
            kind: payment.kind,
            receipt_id: payment.receipt_id,
            account_id: payment.account_id,
            to: (bank_code, branch_code, *account_type, number),
            holder_kana: &payment.holder_kana,
            sender_kana: &payment.sender_kana,
            amount: payment.amount_yen,
            fee: Fee { net_yen: payment.net_yen.0, tax_yen: payment.tax_yen.0 },
        }
    }
}

/// Posts a transfer: into the payee's account here, or into outgoing clearing for another bank.
///
/// # Errors
/// The obstacle: roll back then.
pub fn post_transfer_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    facts: TransferFacts<'_>,
) -> Result<EntryId, PaymentAbort> {
    let label = facts.kind.label();
    let (description, credit_description) = match facts.kind {
        PaymentKind::OwnTransfer => (label.to_owned(), label.to_owned()),
        _ => (format!("{label}　{}", facts.holder_kana), format!("{label}　{}", facts.sender_kana)),
    };
    let entry = PaymentEntry {
        kind: facts.kind.as_str(),
        key: format!("payment of receipt {}", facts.receipt_id),
        from: facts.account_id,
        to: side(conn, ctx, facts)?,
        amount: facts.amount,
        fee: facts.fee,
        description,
        credit_description,
        fee_description: FEE_TEXT,
    };
    post_payment_in_tx(conn, ctx, &entry)
}

fn side(conn: &mut DbConn, ctx: &Ctx, facts: TransferFacts<'_>) -> Result<Side, PaymentAbort> {
    let (bank_code, branch_code, account_type, number) = facts.to;
    if bank_code != ctx.profile.portal.bank_code.as_str() {
        return Ok(Side::Internal(AccountPurpose::OutgoingClearing));
    }
    let account_type = account_type.ok_or(ActAbort::Stale)?;
    let name = (branch_code, account_type, number);
    match accounts::find_open(conn, ctx.portal_slug(), name)? {
        Some(account) => Ok(Side::Account(account.id)),
        None => Err(PaymentAbort::Obstacle(PaymentObstacle::PayeeClosed)),
    }
}
