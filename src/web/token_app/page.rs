//! The app's one page. It holds nothing personal, so that browsers may keep it.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::files;
use crate::web::WebApp;
use crate::web::assets::assets;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::Assets;
use crate::web::screens::{self, Screen};

/// Scripts and styles of our own, no markup made from text, no form that leaves the page.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types token-app";

/// TOK000 to TOK005.
#[derive(Template)]
#[template(path = "token_app/app.html")]
pub struct TokenAppPage {
    /// A banner that warns while demo data is loaded.
    pub demo_notice: Option<&'static str>,
    /// Where static files are.
    pub asset: Assets,
    /// TOK000.
    pub start: Screen,
    /// TOK001.
    pub set_up: Screen,
    /// TOK002.
    pub done: Screen,
    /// TOK003.
    pub code: Screen,
    /// TOK004.
    pub delete: Screen,
    /// TOK005.
    pub sign: Screen,
}

/// The page's HTML.
///
/// # Errors
/// 500 if the template cannot be rendered.
pub fn html(app: &WebApp) -> Result<String, PageError> {
    let demo_notice = "デモ環境です。実際のお取引はできません。";
    let page = TokenAppPage {
        demo_notice: app.demo.as_ref().map(|_| demo_notice),
        asset: assets(),
        start: screens::TOK000,
        set_up: screens::TOK001,
        done: screens::TOK002,
        code: screens::TOK003,
        delete: screens::TOK004,
        sign: screens::TOK005,
    };
    page.render().map_err(|error| PageError::Internal(error.to_string()))
}

/// Shows the page.
///
/// # Errors
/// As [`html`].
pub async fn show(app: Data<WebApp>, request: HttpRequest) -> PageResult {
    let html = html(&app)?;
    let tag = files::tag(html.as_bytes());
    if files::is_known(&request, &tag) {
        return Ok(files::not_modified(&tag));
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CACHE_CONTROL, files::CHECK_EACH_TIME))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header(tag)
        .body(html))
}
