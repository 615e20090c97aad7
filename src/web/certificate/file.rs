//! BCE003 利用者電子証明書のダウンロード: the pass phrase, the file, and how to install it.
//!
//! The certificate is made when the file is asked for. What the file's key and the pass phrase come
//! from stands in the page alone: each showing of the page has its own.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Path;

use crate::db::queries::certificates;
use crate::operations::certificate::draw::{Draw, DrawOutcome, draw, pass_phrase};
use crate::operations::certificate::{Own, own};
use crate::primitives::clock::{UtcTime, jst_minute_text};
use crate::web::certificate::{FILE, STEPS, way_on};
use crate::web::failure::{PageError, PageResult};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Link, Shell, Step, steps};
use crate::web::principal::{self, CERTIFICATE, Who};
use crate::web::screens;
use crate::web::token::flow::{BareForm, request_key};
use crate::web::visit::Visit;

const ACT: &str = "certificate.issue";

/// BCE003. The form draws the certificate.
#[derive(askama::Template)]
#[template(path = "certificate/file.html")]
pub struct CertificateFilePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The pass phrase of this showing.
    pub pass_phrase: String,
    /// Until when the file can be drawn.
    pub until: String,
    /// Whether one was drawn in this attempt already.
    pub is_again: bool,
    /// Draws the file.
    pub form: FormView,
    /// The file's name.
    pub file_name: String,
    /// The log-on with the certificate, or the top page.
    pub way_on: Link,
}

type Permit = (UtcTime, UtcTime);

async fn enter(visit: &Visit, id: &str) -> Result<(Who, Own, Permit), PageError> {
    let (ctx, id) = (visit.ctx.clone(), id.to_owned());
    let (who, (own, permit)) = principal::enter_certificate(visit, move |conn, login, user| {
        let permit = certificates::find_permit(conn, &id, &login.id)?;
        Ok((own(conn, &ctx, login, user)?, permit))
    })
    .await?;
    let permit = permit.ok_or(PageError::NotFound)?;
    if visit.ctx.now >= permit.1 || !own.choice.may_draw() {
        return Err(PageError::SeeOther(visit.url(CERTIFICATE)));
    }
    Ok((who, own, permit))
}

/// Shows BCE003, with a pass phrase of its own.
///
/// # Errors
/// 404 for a permit of another login; 303 to BCE001 once it is over.
pub async fn show(visit: Visit, id: Path<String>) -> PageResult {
    let (who, own, permit) = enter(&visit, &id).await?;
    let secret = request_key()?;
    let mut shell = visit.shell_of(&screens::BCE003, &who);
    if own.standing.is_kept_out() {
        shell.nav.clear();
    }
    let page = CertificateFilePage {
        shell,
        steps: steps(&STEPS, 2),
        pass_phrase: pass_phrase(&secret),
        until: jst_minute_text(permit.1),
        is_again: own.certificates.first().is_some_and(|newest| newest.issued_at >= permit.0),
        form: FormView::new(visit.url(&format!("{FILE}/{id}")), who.csrf_token())
            .request_key(secret),
        file_name: file_name(&visit, &who),
        way_on: way_on(&visit, &own),
    };
    visit.page(StatusCode::OK, &page)
}

/// Sends the file.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where nothing can be drawn any more.
pub async fn submit(visit: Visit, id: Path<String>, body: FormBody) -> PageResult {
    let (who, _, _) = enter(&visit, &id).await?;
    let (BareForm {}, key) = body.keyed(&visit, &who, ACT)?;
    let input = Draw {
        user: who.user.clone(),
        login: who.login.clone(),
        permit_id: id.into_inner(),
        form_secret: key.key,
    };
    match draw(&visit.app.services, &who.ctx, input).await? {
        DrawOutcome::File(file) => {
            let disposition = format!("attachment; filename=\"{}\"", file_name(&visit, &who));
            Ok(HttpResponse::Ok()
                .insert_header((CONTENT_TYPE, "application/x-pkcs12"))
                .insert_header((CONTENT_DISPOSITION, disposition))
                .insert_header((CACHE_CONTROL, "no-store"))
                .body(file.expose().to_vec()))
        }
        DrawOutcome::Stale => Err(PageError::Conflict { back: visit.url(CERTIFICATE) }),
    }
}

/// The portal's and the user's ids, without what file systems do not take.
fn file_name(visit: &Visit, who: &Who) -> String {
    let id: String = who
        .user
        .login_id
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("{}-{id}.p12", visit.profile.slug())
}
