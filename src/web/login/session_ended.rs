//! BLG091 セッション終了: ended by time or from elsewhere, with the way back.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;

use crate::web::failure::PageResult;
use crate::web::page::Shell;
use crate::web::screens;
use crate::web::visit::Visit;

/// Nothing was done for ten minutes.
pub const REASON_IDLE: &str = "安全のため、しばらく操作がなかったときは自動でログアウトします。";
/// The session reached its longest duration.
pub const REASON_ABSOLUTE: &str =
    "安全のため、ログインから一定の時間が過ぎたときは自動でログアウトします。";
/// The password was changed, or staff ended the session.
pub const REASON_ENDED: &str =
    "パスワードの変更など、ほかのお手続きがあったためログアウトしました。";

/// BLG091.
#[derive(askama::Template)]
#[template(path = "login/session_ended.html")]
pub struct SessionEndedPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Why it ended.
    pub reason: String,
    /// The login page.
    pub login_url: String,
}

/// Why, as the address tells; anything unknown reads as the ordinary end.
#[derive(Deserialize)]
pub struct Why {
    reason: Option<String>,
}

/// Tells why the session ended.
///
/// # Errors
/// As [`Visit::page`].
pub async fn show(visit: Visit, why: Query<Why>) -> PageResult {
    let reason = match why.reason.as_deref() {
        Some("absolute") => REASON_ABSOLUTE,
        Some("ended") => REASON_ENDED,
        _ => REASON_IDLE,
    };
    let page = SessionEndedPage {
        shell: visit.shell(&screens::BLG091),
        reason: reason.to_owned(),
        login_url: visit.url("login"),
    };
    visit.page(StatusCode::OK, &page)
}
