//! BMB004 終了 of the feature-phone channel.

use actix_web::http::StatusCode;

use crate::domain::login::{EndReason, LoginStage};
use crate::operations::login::end;
use crate::web::failure::{PageResult, see_other};
use crate::web::form_body::FormBody;
use crate::web::login::logged_out::LogoutForm;
use crate::web::mobile::MobileShell;
use crate::web::mobile::charset::Charset;
use crate::web::visit::Visit;
use crate::web::{principal, screens, session};

/// BMB004.
#[derive(askama::Template)]
#[template(path = "mobile/end.html")]
pub struct MobileEndPage {
    /// What surrounds the page.
    pub shell: MobileShell,
    /// The login page.
    pub login_url: String,
}

/// Tells that the login is over.
///
/// # Errors
/// 404 where the portal has no such channel.
pub async fn show(visit: Visit, charset: Charset) -> PageResult {
    let page = MobileEndPage {
        shell: visit.mobile_shell(&screens::BMB004, charset),
        login_url: visit.url("mobile"),
    };
    visit.mobile_page(StatusCode::OK, charset, &page)
}

/// Ends the login. Whoever is out already sees the same.
///
/// # Errors
/// 403 for a forged form.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let done = see_other(&visit.url("mobile/end"));
    if principal::find_login(&visit).await?.is_none() {
        return Ok(done);
    }
    let (who, ()) = principal::enter(&visit, LoginStage::Complete, |_, _, _| Ok(())).await?;
    let LogoutForm {} = body.of(&who)?;
    end::end(&visit.app.services, &who.ctx, &who.login, EndReason::Logout).await?;
    session::end(&visit.session);
    Ok(done)
}
