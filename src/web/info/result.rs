//! BCI003 お客様情報変更の完了.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::domain::customer_info::InfoItem;
use crate::operations::customer_info::change::InfoReceipt;
use crate::web::failure::PageResult;
use crate::web::info::words::{STEPS, label};
use crate::web::info::{Family, screen_of};
use crate::web::page::{Receipt, Row, Shell, Step, steps};
use crate::web::principal::{INFO, Who};
use crate::web::screens;
use crate::web::token::flow;
use crate::web::visit::Visit;

/// BCI003.
#[derive(askama::Template)]
#[template(path = "info/result.html")]
pub struct InfoResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What was changed, as `メールアドレス`.
    pub label: String,
    /// What follows from it, in a sentence.
    pub afterwards: Option<String>,
    /// Number and time.
    pub receipt: Receipt,
    /// What was changed, never a secret.
    pub rows: Vec<Row>,
    /// The top page.
    pub top_url: String,
    /// BCI001.
    pub info_url: String,
}

/// Shows BCI003.
///
/// # Errors
/// 303 where the flow is not finished.
pub async fn show(visit: Visit, family: Family, flow_id: Path<String>) -> PageResult {
    let (who, _, receipt, changed) =
        flow::find_receipt_of::<InfoReceipt>(&visit, family.0, &flow_id).await?;
    let page = InfoResultPage {
        shell: visit.shell_of(screen_of(&visit, family.0, &screens::BCI003), &who),
        steps: steps(&STEPS, 3),
        label: label(&visit.profile, who.user.role, changed.item),
        afterwards: afterwards(&visit, &changed),
        receipt,
        rows: rows(&visit, &who, &changed),
        top_url: visit.url(""),
        info_url: visit.url(INFO),
    };
    visit.page(StatusCode::OK, &page)
}

fn rows(visit: &Visit, who: &Who, changed: &InfoReceipt) -> Vec<Row> {
    let mut rows =
        vec![Row::new("変更したもの", label(&visit.profile, who.user.role, changed.item))];
    if !changed.value.is_empty() {
        rows.push(Row::new("変更後", changed.value.clone()));
    }
    if !changed.told.is_empty() {
        rows.push(Row::new("お知らせの送信先", changed.told.join("、")));
    }
    if let Some(until) = &changed.held_until {
        rows.push(Row::new("お振込の制限", format!("{until} まで")));
    }
    rows
}

fn afterwards(visit: &Visit, changed: &InfoReceipt) -> Option<String> {
    let text = match changed.item {
        InfoItem::MailAddress => "これからのお知らせは、新しいアドレスへお送りします。",
        InfoItem::Telephone => return None,
        InfoItem::LoginSecret => {
            "次のログインから、新しいものをお使いください。ほかの端末やブラウザでのログインは終わりました。"
        }
        InfoItem::ConfirmSecret => {
            "次のお手続きから、新しいものをお使いください。ほかの端末やブラウザでのログインは終わりました。"
        }
    };
    let held = changed.held_until.as_ref().map(|_| {
        let hours = visit.profile.hold.hours;
        format!("安全のため、変更から{hours}時間は、お振込を制限します。")
    });
    Some(text.to_owned() + &held.unwrap_or_default())
}
