//! BLG090 ログアウト.

use actix_web::http::StatusCode;
use serde::Deserialize;
use validator::Validate;

use crate::domain::login::{EndReason, LoginStage};
use crate::operations::login::end;
use crate::web::failure::{PageResult, see_other};
use crate::web::form_body::FormBody;
use crate::web::page::Shell;
use crate::web::principal;
use crate::web::visit::Visit;
use crate::web::{screens, session};

/// BLG090.
#[derive(askama::Template)]
#[template(path = "login/logged_out.html")]
pub struct LoggedOutPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The login page.
    pub login_url: String,
}

/// The logout's form: nothing but its token.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct LogoutForm {}

/// Tells that the logout is done.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show(visit: Visit) -> PageResult {
    let page =
        LoggedOutPage { shell: visit.shell(&screens::BLG090), login_url: visit.url("login") };
    visit.page(StatusCode::OK, &page)
}

/// Logs out. Whoever is out already sees the same.
///
/// # Errors
/// 403 for a forged form.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let done = see_other(&visit.url("logout"));
    let Some((login, _)) = principal::find_login(&visit).await? else { return Ok(done) };
    if login.stage != LoginStage::Complete {
        return Ok(done);
    }
    let (who, ()) = principal::enter_to_leave(&visit).await?;
    let LogoutForm {} = body.of(&who)?;
    end::end(&visit.app.services, &who.ctx, &who.login, EndReason::Logout).await?;
    session::end(&visit.session);
    Ok(done)
}
