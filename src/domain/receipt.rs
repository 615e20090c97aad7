//! Receipts: 受付番号, seven digits, unique in its portal and day, shown again on reload.

use chrono::{NaiveDate, NaiveDateTime};

use crate::primitives::ids::{ReceiptId, UserId};

/// A row of `receipts`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::receipts)]
pub struct Receipt {
    /// Row id.
    pub id: ReceiptId,
    /// The portal's slug.
    pub portal: String,
    /// The day in Japan.
    pub day: NaiveDate,
    /// 受付番号.
    pub number: i32,
    /// Whose act.
    pub user_id: UserId,
    /// Which act.
    pub operation: String,
    /// 受付時刻.
    pub accepted_at: NaiveDateTime,
    /// What the result page shows, as JSON.
    pub details: String,
}

/// Seven digits with leading zeros.
pub fn number_text(number: i32) -> String {
    format!("{number:07}")
}
