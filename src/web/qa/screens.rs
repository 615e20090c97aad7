//! The catalogue of screens with the way to each.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::catalogue::{Entry, NO_PORTAL, entries};
use super::{Page, json, pictures, served, shell_of};
use crate::web::WebApp;
use crate::web::failure::PageResult;
use crate::web::page::{Link, NavItem, Shell};
use crate::web::screens::{FLOWS, SCREENS, Screen};
use crate::web::shell::render;

#[derive(Serialize)]
struct ScreenJson {
    id: &'static str,
    title: &'static str,
    portal: String,
    url: Option<String>,
    how: &'static str,
}

/// A way to a screen.
pub struct WayView {
    /// What the button sends.
    pub key: String,
    /// Which state of the screen; empty for the usual one.
    pub case: String,
    /// Pictures of it: what each is, and where.
    pub pictures: Vec<Link>,
}

/// A screen in the catalogue.
pub struct ScreenView {
    /// 画面ID.
    pub id: &'static str,
    /// Title.
    pub title: &'static str,
    /// How to get there.
    pub how: &'static str,
    /// Its address, where it has one by itself.
    pub url: Option<String>,
    /// The buttons that open it.
    pub ways: Vec<WayView>,
}

/// QAC040.
#[derive(Template)]
#[template(path = "qa/screens.html")]
pub struct ScreensPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The portals, and the token app.
    pub portals: Vec<NavItem>,
    /// The one shown.
    pub portal: String,
    /// The parts of its screens.
    pub flows: Vec<NavItem>,
    /// The other choice between all ways and those to errors and edges.
    pub edge_url: String,
    /// Whether only those show.
    pub is_edge_only: bool,
    /// Its screens.
    pub screens: Vec<ScreenView>,
}

/// Which portal's screens to show; the first one's where it names none.
#[derive(Deserialize)]
pub(super) struct ScreensQuery {
    portal: Option<String>,
    /// The first letters of the ids.
    flow: Option<String>,
    /// Errors and states at the edge only.
    edge: Option<String>,
}

/// What the address calls the screens of no portal.
const TOKEN_APP_SLUG: &str = NO_PORTAL;

/// What stands where a screen of no portal would name its institution.
const TOKEN_APP: &str = "トークンアプリ";

/// The address of a screen that can be opened by itself: not one inside a flow, and not an error
/// page, which has no address.
fn url(screen: &Screen, slug: &str) -> Option<String> {
    let is_error = screen.id.starts_with("BER") && screen.path.is_empty();
    let is_open = !screen.path.contains('{') && !is_error;
    is_open.then(|| match screen.is_of_no_portal() {
        true => screen.path.to_owned(),
        false => format!("/{slug}/{}", screen.path),
    })
}

/// Whether the portal has this screen: its profile says so. Those of no portal stand under the
/// empty slug.
fn has_screen(app: &WebApp, slug: &str, screen: &Screen) -> bool {
    if slug.is_empty() || screen.is_of_no_portal() {
        return slug.is_empty() && screen.is_of_no_portal();
    }
    app.services.profiles.get(slug).is_some_and(|profile| profile.has_screen(screen.id))
}

/// All screens of all portals served, as JSON.
///
/// # Errors
/// None.
pub async fn list(app: Data<WebApp>) -> PageResult {
    let mut portals = served(&app);
    portals.push((String::new(), TOKEN_APP.to_owned()));
    let screens: Vec<ScreenJson> = portals
        .iter()
        .flat_map(|(slug, _)| {
            let has = |screen: &&Screen| has_screen(&app, slug, screen);
            SCREENS.iter().filter(has).map(|screen| ScreenJson {
                id: screen.id,
                title: screen.title,
                portal: slug.clone(),
                url: url(screen, slug),
                how: screen.how,
            })
        })
        .collect();
    Ok(json(StatusCode::OK, &screens))
}

/// Shows the catalogue.
///
/// # Errors
/// 500 if the template cannot be rendered.
pub(super) async fn show(app: Data<WebApp>, query: Query<ScreensQuery>) -> PageResult {
    let mut portals = served(&app);
    portals.push((TOKEN_APP_SLUG.to_owned(), TOKEN_APP.to_owned()));
    let query = query.into_inner();
    let wanted = query.portal;
    let is_edge_only = query.edge.is_some_and(|edge| edge == "1");
    let is_known = |slug: &String| portals.iter().any(|(known, _)| known == slug);
    let first = portals.first().map(|(slug, _)| slug.clone());
    let shown = wanted.filter(is_known).or(first).unwrap_or_default();
    let slug = if shown == TOKEN_APP_SLUG { "" } else { shown.as_str() };
    let own: Vec<&Screen> =
        SCREENS.iter().filter(|screen| has_screen(&app, slug, screen)).collect();
    let url_of = |flow: &str, is_edge: bool| {
        let edge = if is_edge { "&edge=1" } else { "" };
        format!("/qa/screens?portal={shown}&flow={flow}{edge}")
    };
    // A part at a time: all of them would be a heavy page.
    let is_there = |id: &str| own.iter().any(|of| of.id.starts_with(id));
    let parts: Vec<_> = FLOWS.iter().filter(|(id, _)| is_there(id)).collect();
    let wanted = query.flow.unwrap_or_default();
    let part = parts.iter().find(|(id, _)| *id == wanted).or(parts.first());
    let flow = part.map_or("", |(id, _)| *id);
    let flows = parts.iter().map(|(id, label)| NavItem {
        url: url_of(id, is_edge_only),
        is_current: *id == flow,
        label: (*label).to_owned(),
    });
    let flows = flows.collect();
    let all = entries()?;
    let ways = |id: &str| {
        let of = all.iter().filter(|of| of.portal == shown && of.way.screen == id);
        let of = of.filter(|of| of.way.edge || !is_edge_only);
        let view = |of: &Entry| WayView {
            key: of.key.clone(),
            case: of.way.case.clone(),
            pictures: pictures::links(&app, of),
        };
        of.map(view).collect()
    };
    let page = ScreensPage {
        shell: shell_of(&app, Page::Screens),
        flows,
        edge_url: url_of(flow, !is_edge_only),
        is_edge_only,
        screens: own
            .into_iter()
            .filter(|screen| screen.id.starts_with(flow))
            .map(|screen| ScreenView {
                id: screen.id,
                title: screen.title,
                how: if is_edge_only { "" } else { screen.how },
                url: url(screen, slug),
                ways: ways(screen.id),
            })
            .filter(|view| !is_edge_only || !view.ways.is_empty())
            .collect(),
        portal: shown.clone(),
        portals: portals
            .into_iter()
            .map(|(slug, label)| NavItem {
                url: format!("/qa/screens?portal={slug}"),
                is_current: slug == shown,
                label,
            })
            .collect(),
    };
    render(StatusCode::OK, &page)
}
