//! The list of the portals served, at `/`.

use actix_web::http::StatusCode;
use actix_web::web::Data;

use crate::web::WebApp;
use crate::web::failure::PageResult;
use crate::web::page::{LinkCard, Shell};
use crate::web::qa::tour::{self, TourStep};
use crate::web::shell;

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
    /// What to try first; empty outside the demo.
    pub tour: Vec<TourStep>,
    /// Ways to the QA console and the token app; empty outside the demo.
    pub tools: Vec<LinkCard>,
}

/// Shows the list.
///
/// # Errors
/// 500 if the template cannot be rendered.
pub async fn show(app: Data<WebApp>) -> PageResult {
    let portals = app
        .options
        .served
        .iter()
        .filter_map(|slug| app.services.profiles.get(slug))
        .map(|profile| PortalCard {
            institution: profile.portal.institution.clone(),
            service_name: profile.portal.service.clone(),
            theme: profile.portal.theme.name().to_owned(),
            mark: format!("img/mark-{}.svg", profile.slug()),
            url: format!("/{}/", profile.slug()),
        })
        .collect();
    let tool = |label: &str, description: &'static str, url: &str| LinkCard {
        label: label.to_owned(),
        description: description.into(),
        url: url.to_owned(),
    };
    let tools = app.demo.as_ref().map(|_| {
        [
            tool("QAコンソール", "メールボックス、トークン、時計、画面の一覧", "/qa"),
            tool("トークンアプリ", "スマートフォンでワンタイムパスワードを表示", "/token/"),
        ]
    });
    let page = PortalListPage {
        shell: shell::outside(&app, "MDG000", "サービスの一覧"),
        portals,
        tour: tour::steps(&app)?,
        tools: tools.into_iter().flatten().collect(),
    };
    shell::render(StatusCode::OK, &page)
}
