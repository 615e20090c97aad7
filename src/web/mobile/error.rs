//! Error pages of the feature-phone channel: the same words as elsewhere, plain.

use actix_web::http::StatusCode;

use crate::domain::portal::Profile;
use crate::web::WebApp;
use crate::web::error::ErrorPage;
use crate::web::failure::PageResult;
use crate::web::mobile::charset::Charset;
use crate::web::mobile::{MobileShell, render};

/// An error page.
#[derive(askama::Template)]
#[template(path = "mobile/error.html")]
pub struct MobileErrorPage {
    /// What surrounds the page.
    pub shell: MobileShell,
    /// What happened.
    pub what: String,
    /// One more sentence for the case at hand.
    pub detail: Option<String>,
    /// What to do.
    pub what_to_do: Vec<String>,
    /// A number under which the log can be searched.
    pub reference: String,
    /// The login page.
    pub login_url: String,
}

/// Shows the error page of the other channel in this one's form.
///
/// # Errors
/// 500 if the template cannot be rendered.
pub fn show(
    app: &WebApp,
    profile: &Profile,
    charset: Charset,
    status: StatusCode,
    page: ErrorPage,
) -> PageResult {
    let (id, title) = (page.shell.screen_id, page.shell.title);
    let page = MobileErrorPage {
        shell: MobileShell::new(app, profile, id, &title, charset),
        what: page.what,
        detail: page.detail,
        what_to_do: page.what_to_do,
        reference: page.reference,
        login_url: format!("/{}/mobile", profile.slug()),
    };
    render(status, charset, &page)
}
