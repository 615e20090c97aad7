//! QAC050: sample files for ファイル伝送, made for the clock's time, with what becomes of each.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use super::{Page, blocking, shell_of};
use crate::operations::demo::people::{self, DemoUser};
use crate::operations::demo::samples::{Promise, Sample, samples};
use crate::web::WebApp;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{NavItem, Shell};
use crate::web::shell::render;

/// A sample in the list.
pub struct SampleView {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// What it is.
    pub what: String,
    /// What becomes of it on BFT011.
    pub promise: String,
    /// Class of the mark.
    pub class: &'static str,
}

/// The samples of a portal.
pub struct PortalSamples {
    /// The institution's name.
    pub institution: String,
    /// Its place in the page's addresses.
    pub id: String,
    /// Who uploads them, and with what.
    pub maker: String,
    /// Its login page, where the portal is served.
    pub login_url: Option<String>,
    /// The samples.
    pub samples: Vec<SampleView>,
}

/// QAC050.
#[derive(Template)]
#[template(path = "qa/files.html")]
pub struct FilesPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The portals with samples.
    pub tabs: Vec<NavItem>,
    /// Those of the one shown; none where no portal of companies is there.
    pub portal: Option<PortalSamples>,
}

/// Which portal's samples to show; the first one's where it names none.
#[derive(Deserialize)]
pub(super) struct FilesQuery {
    portal: Option<String>,
}

/// Shows the list.
///
/// # Errors
/// Database trouble.
pub(super) async fn show(app: Data<WebApp>, query: Query<FilesQuery>) -> PageResult {
    let services = app.services.clone();
    let all = blocking(move || samples(&services)).await?;
    let users: Vec<DemoUser> =
        people::contracts()?.into_iter().flat_map(|contract| contract.users).collect();
    let mut portals: Vec<PortalSamples> = Vec::new();
    for sample in all {
        let view = view(&sample);
        match portals.iter_mut().find(|portal| portal.id == sample.portal) {
            Some(portal) => portal.samples.push(view),
            None => portals.push(portal(&app, &users, &sample, view)),
        }
    }
    let wanted = query.portal.as_deref().unwrap_or_default();
    let shown = portals.iter().position(|portal| portal.id == wanted).unwrap_or_default();
    let tab = |(place, portal): (usize, &PortalSamples)| NavItem {
        label: portal.institution.clone(),
        url: format!("/qa/files?portal={}", portal.id),
        is_current: place == shown,
    };
    let tabs = portals.iter().enumerate().map(tab).collect();
    let portal = portals.into_iter().nth(shown);
    render(StatusCode::OK, &FilesPage { shell: shell_of(&app, Page::Files), tabs, portal })
}

fn portal(app: &WebApp, users: &[DemoUser], sample: &Sample, first: SampleView) -> PortalSamples {
    let slug = sample.portal;
    let profile = app.services.profiles.get(slug);
    let maker = users.iter().find(|user| user.login_id == sample.login_id);
    let maker = maker.map_or_else(String::new, |user| {
        format!("{}（{} / {}）", user.name, user.login_id, user.password)
    });
    let is_served = app.options.served.iter().any(|served| served == slug);
    PortalSamples {
        institution: profile.map_or(slug, |profile| &profile.portal.institution).to_owned(),
        id: slug.to_owned(),
        maker,
        login_url: is_served.then(|| format!("/{slug}/login")),
        samples: vec![first],
    }
}

fn view(sample: &Sample) -> SampleView {
    let class = match sample.promise {
        Promise::Draft => "success",
        Promise::Warned(_) => "warn",
        Promise::Refused(_) => "error",
    };
    SampleView {
        url: format!("/qa/files/{}/{}", sample.portal, sample.name),
        name: sample.name.clone(),
        what: sample.what.clone(),
        promise: sample.promise.words(),
        class,
    }
}

/// One sample as a download.
///
/// # Errors
/// 404 for a name that is none; database trouble.
pub async fn download(app: Data<WebApp>, path: Path<(String, String)>) -> PageResult {
    let (portal, name) = path.into_inner();
    let services = app.services.clone();
    let all = blocking(move || samples(&services)).await?;
    let is_it = |sample: &Sample| sample.portal == portal && sample.name == name;
    let sample = all.into_iter().find(is_it).ok_or(PageError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", sample.name)))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(sample.bytes))
}
