//! Receipts: 受付番号 for each act, kept so that a reload of the result shows the same.

use serde::{Deserialize, Serialize};

use crate::db::queries::receipts::{self, NewReceipt};
use crate::db::{DbConn, DbError};
use crate::operations::Ctx;
use crate::primitives::clock::jst_day;
use crate::primitives::ids::{ReceiptId, UserId};

/// What the result page of a token act shows beside number and time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TokenReceipt {
    /// The serial registered, or stopped.
    pub serial: String,
    /// The serial before an exchange.
    pub old_serial: Option<String>,
    /// ログイン時の認証要否, where it was offered.
    pub login_choice: Option<bool>,
    /// Version of the terms that a registration rests on.
    pub terms_version: Option<String>,
}

/// Writes a receipt in the act's transaction; returns its id and number.
///
/// # Errors
/// Whatever the database says.
pub fn write_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    user_id: UserId,
    operation: &str,
    details: &impl Serialize,
) -> Result<(ReceiptId, i32), DbError> {
    let receipt = NewReceipt {
        portal: ctx.portal_slug(),
        day: jst_day(ctx.now),
        user_id,
        operation,
        accepted_at: ctx.now,
        details: serde_json::to_string(details).unwrap_or_default(),
    };
    receipts::insert(conn, receipt)
}
