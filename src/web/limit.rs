//! 振込・振替限度額の変更: what holds and what is asked for (BLM001), the check with its proof
//! (BLM002), the receipt (BLM003).

pub mod confirm;
pub mod input;
pub mod result;
pub mod words;

use crate::domain::flow::FlowOperation;
use crate::domain::limit::LimitStanding;
use crate::operations::limit;
use crate::web::failure::PageError;
use crate::web::principal::Who;
use crate::web::visit::Visit;

/// BLM001's address below the portal.
pub const LIMITS: &str = "limits";
/// The flow.
pub const OPERATION: FlowOperation = FlowOperation::LimitChange;
/// The steps of a change.
pub const STEPS: [&str; 3] = ["限度額の|入力", "内容の|確認", "完了"];

/// Whether limits are shown and changed here: where there are transfers. In a company whoever
/// administers it changes them, and the others see what holds for them.
pub fn is_offered(visit: &Visit) -> bool {
    visit.profile.services.transfers
}

/// # Errors
/// 404 where it is not offered.
fn check_offered(visit: &Visit) -> Result<(), PageError> {
    if is_offered(visit) { Ok(()) } else { Err(PageError::NotFound) }
}

/// How the limits stand that whoever is in a flow changes.
///
/// # Errors
/// 500 or 503 of the database.
async fn standing_of(visit: &Visit, who: &Who) -> Result<LimitStanding, PageError> {
    let (ctx, user) = (visit.ctx.clone(), who.user.clone());
    let services = &visit.app.services;
    Ok(services.db.read(move |conn| limit::changeable(conn, &ctx, &user)).await?)
}
