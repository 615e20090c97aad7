//! BSP001 and BSP002: 緊急停止, without login.

pub mod result;
pub mod stop;

use crate::web::page::{Contact, Link};
use crate::web::visit::Visit;

/// The way to BSP001, where the portal has it.
pub fn link(visit: &Visit) -> Option<Link> {
    let is_offered = visit.profile.services.emergency_stop;
    is_offered.then(|| Link { label: "緊急停止".to_owned(), url: visit.url("stop") })
}

/// Whom to call about a lost token or a theft.
fn contact_for_losses(visit: &Visit) -> Contact {
    let contact = &visit.profile.contact;
    Contact {
        department: "紛失・盗難の受付".to_owned(),
        telephone: contact.telephone_for_losses().to_owned(),
        hours: contact.lost_hours.as_ref().unwrap_or(&contact.hours).clone(),
    }
}
