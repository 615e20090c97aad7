//! The entries of a transfer, made at once or reserved before.

use crate::db::DbConn;
use crate::db::queries::payments::NewPayment;
use crate::domain::ledger::AccountPurpose;
use crate::domain::payment::{Payment, PaymentKind, PaymentObstacle};
use crate::domain::portal::Fee;
use crate::operations::Ctx;
use crate::operations::payment::PaymentAbort;
use crate::operations::payment::post::{PaymentEntry, Side, post_payment_in_tx};
use crate::primitives::ids::{AccountId, EntryId, ReceiptId};
use crate::primitives::yen::Yen;

/// 摘要 of the fee.
pub(in crate::operations) const FEE_TEXT: &str = "振込手数料";

/// A transfer as the ledger sees it.
#[derive(Debug, Clone, Copy)]
pub struct TransferFacts<'a> {
    /// 振替 or 振込.
    pub kind: PaymentKind,
    /// Names its entries, each once.
    pub receipt_id: ReceiptId,
    /// 出金口座.
    pub account_id: AccountId,
    /// The payee's account, where it is at this institution.
    pub to_account: Option<AccountId>,
    /// The payee's bank.
    pub bank_code: &'a str,
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
        TransferFacts {
            kind: payment.kind,
            receipt_id: payment.receipt_id,
            account_id: payment.account_id,
            to_account: payment.to_account_id,
            bank_code: &payment.bank_code,
            holder_kana: &payment.holder_kana,
            sender_kana: &payment.sender_kana,
            amount: payment.amount_yen,
            fee: payment.fee(),
        }
    }
}

impl<'a> From<&'a NewPayment> for TransferFacts<'a> {
    fn from(payment: &'a NewPayment) -> TransferFacts<'a> {
        TransferFacts {
            kind: payment.kind,
            receipt_id: payment.receipt_id,
            account_id: payment.account_id,
            to_account: payment.to_account_id,
            bank_code: &payment.bank_code,
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
        to: side(ctx, facts)?,
        amount: facts.amount,
        fee: facts.fee,
        description,
        credit_description,
        fee_description: FEE_TEXT,
    };
    post_payment_in_tx(conn, ctx, &entry)
}

fn side(ctx: &Ctx, facts: TransferFacts<'_>) -> Result<Side, PaymentAbort> {
    let is_own_institution = facts.bank_code == ctx.profile.portal.bank_code.as_str();
    match (facts.to_account, is_own_institution) {
        (Some(id), _) => Ok(Side::Account(id)),
        (None, false) => Ok(Side::Internal(AccountPurpose::OutgoingClearing)),
        (None, true) => Err(PaymentAbort::Obstacle(PaymentObstacle::PayeeClosed)),
    }
}
