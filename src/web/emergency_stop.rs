//! BSP001 and BSP002: 緊急停止, without login.

pub mod result;
pub mod stop;

use crate::web::page::Link;
use crate::web::visit::Visit;

/// The steps of 緊急停止.
const STEPS: [&str; 2] = ["停止コードの|入力", "受付"];

/// The way to BSP001, where the portal has it.
pub fn link(visit: &Visit) -> Option<Link> {
    let is_offered = visit.profile.services.emergency_stop;
    is_offered.then(|| Link { label: "緊急停止".to_owned(), url: visit.url("stop") })
}
