//! BSP001 and BSP002: 緊急停止, without login.

pub mod result;
pub mod stop;

use crate::domain::portal::Profile;
use crate::web::page::Link;
use crate::web::visit::{Visit, below_portal};

/// The steps of 緊急停止.
const STEPS: [&str; 2] = ["停止コードの|入力", "受付"];

/// The way to BSP001, where the portal has it.
pub fn link(visit: &Visit) -> Option<Link> {
    link_of(&visit.profile)
}

/// The same for a page that no visit came to.
pub fn link_of(profile: &Profile) -> Option<Link> {
    let is_offered = profile.services.emergency_stop;
    is_offered
        .then(|| Link { label: "緊急停止".to_owned(), url: below_portal(profile, "stop") })
}
