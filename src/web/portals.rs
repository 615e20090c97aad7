//! The list of the portals served, at `/`.

use crate::web::page::{LinkCard, Shell};

/// One portal in the list.
#[derive(Clone, Debug)]
pub struct PortalCard {
    /// The institution's name.
    pub institution: String,
    /// The service's name without the institution.
    pub service_name: String,
    /// The portal's colour theme.
    pub theme: String,
    /// Name of the portal's mark below `static/`.
    pub mark: String,
    /// The portal's first page.
    pub url: String,
}

/// The list of portals.
#[derive(askama::Template)]
#[template(path = "portals.html")]
pub struct PortalListPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The portals served.
    pub portals: Vec<PortalCard>,
    /// Ways to the QA console and the token app; empty outside the demo.
    pub tools: Vec<LinkCard>,
}
