//! BLM003 変更の受付: the receipt, what changes, and from when.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::domain::limit::{LimitAct, LimitReceipt, waits_until};
use crate::primitives::clock::jst_minute_text;
use crate::web::failure::PageResult;
use crate::web::limit::words::{self, ChangeRow};
use crate::web::limit::{LIMITS, OPERATION, STEPS};
use crate::web::page::{Receipt, Shell, Step, steps};
use crate::web::screens;
use crate::web::token::flow;
use crate::web::visit::Visit;

/// BLM003.
#[derive(askama::Template)]
#[template(path = "limit/result.html")]
pub struct LimitResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What was done.
    pub done: &'static str,
    /// From when, and what else there is to know.
    pub text: Vec<String>,
    /// Number and time.
    pub receipt: Receipt,
    /// The heading above the limits.
    pub rows_title: &'static str,
    /// What changes.
    pub rows: Vec<ChangeRow>,
    /// BLM001.
    pub limits_url: String,
    /// The top page.
    pub top_url: String,
}

/// Shows BLM003.
///
/// # Errors
/// 303 where the flow is not finished, 404 for somebody else's.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, _, receipt, details) =
        flow::find_receipt_of::<LimitReceipt>(&visit, OPERATION, &flow_id).await?;
    let (done, text) = told(&details);
    let page = LimitResultPage {
        shell: visit.shell_of(&screens::BLM003, &who),
        steps: steps(&STEPS, 2),
        done,
        text,
        receipt,
        rows_title: match details.act {
            LimitAct::Change => "変更内容",
            LimitAct::CancelRise => "取り消した引き上げ",
        },
        rows: words::change_rows(&details.changes),
        limits_url: visit.url(LIMITS),
        top_url: visit.url(""),
    };
    visit.page(StatusCode::OK, &page)
}

fn told(details: &LimitReceipt) -> (&'static str, Vec<String>) {
    if details.act == LimitAct::CancelRise {
        let text = "限度額は、今のままです。".to_owned();
        return ("限度額の引き上げを取り消しました", vec![text]);
    }
    let from = waits_until(&details.changes);
    let has_lowered = details.changes.iter().any(|change| change.from.is_none());
    let mut text = Vec::new();
    if let Some(at) = from {
        let at = jst_minute_text(at);
        text.push(format!("引き上げは {at} から適用されます。それまでは取り消せます。"));
    }
    match (from.is_some(), has_lowered) {
        (true, true) => text.push("引き下げは、ただいまから適用されます。".to_owned()),
        (false, _) => text.push("新しい限度額は、ただいまから適用されます。".to_owned()),
        (true, false) => {}
    }
    if details.is_rise_cancelled {
        text.push("変更待ちの引き上げは取り消しました。".to_owned());
    }
    let done = match from {
        Some(_) => "限度額の引き上げを受け付けました",
        None => "限度額を変更しました",
    };
    (done, text)
}
