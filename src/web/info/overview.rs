//! BCI001 お客様情報変更, first half: what stands now, and one button for each thing to change.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::picture_cards;
use crate::domain::auth_rule::{Operation, Required, Situation, required_proof};
use crate::domain::customer_info::{InfoItem, masked_address, masked_telephone};
use crate::domain::flow::FlowOperation;
use crate::domain::login::LoginStage;
use crate::domain::token::StoredTokenStatus;
use crate::operations::customer_info::begin::{begin, has_item};
use crate::primitives::clock::{UtcTime, to_jst};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::info::words::{STEPS, label};
use crate::web::page::{Notice, Shell, Step, steps};
use crate::web::principal::{self, INFO, Who};
use crate::web::screens;
use crate::web::token::flow::{self, Lost};
use crate::web::visit::Visit;

/// BCI001, the choice. Each button has a form of its own with the field `item`.
#[derive(askama::Template)]
#[template(path = "info/overview.html")]
pub struct InfoOverviewPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Boxes at the top, as that a change is over.
    pub notices: Vec<Notice>,
    /// What can be changed.
    pub items: Vec<ItemCard>,
    /// Begins a change.
    pub form: FormView,
    /// The top page.
    pub top_url: String,
}

/// One thing to change.
pub struct ItemCard {
    /// Value of the field `item`.
    pub name: &'static str,
    /// What customers call it.
    pub label: String,
    /// What stands now, hidden but for what makes it recognisable.
    pub current: String,
    /// Why it cannot be changed.
    pub reason: Option<String>,
}

/// The form of a button.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ItemForm {
    #[validate(length(max = 32))]
    item: String,
}

/// Shows the choice.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: Visit, lost: Query<Lost>) -> PageResult {
    let (who, card) = principal::enter(&visit, LoginStage::Complete, |conn, _, user| {
        picture_cards::find_by_user(conn, user.id)
    })
    .await?;
    let has_card = card.is_some();
    let offered = InfoItem::ALL.iter().filter(|item| has_item(&who.ctx, **item, has_card));
    let page = InfoOverviewPage {
        shell: visit.shell_of(&screens::BCI001, &who),
        steps: steps(&STEPS, 0),
        notices: flow::lost_notices(&lost),
        items: offered.map(|item| item_card(&visit, &who, *item, has_card)).collect(),
        form: FormView::new(visit.url(INFO), who.csrf_token()),
        top_url: visit.url(""),
    };
    visit.page(StatusCode::OK, &page)
}

fn item_card(visit: &Visit, who: &Who, item: InfoItem, has_card: bool) -> ItemCard {
    let user = &who.user;
    let none = || "登録されていません".to_owned();
    let since = |at: Option<UtcTime>| {
        at.map_or_else(
            || "登録済み（表示しません）".to_owned(),
            |at| format!("登録済み（前回の変更: {}）", to_jst(at).format("%Y年%-m月%-d日")),
        )
    };
    let current = match item {
        InfoItem::MailAddress => user.mail_address.as_deref().map_or_else(none, masked_address),
        InfoItem::Telephone => user.telephone.as_deref().map_or_else(none, masked_telephone),
        InfoItem::LoginSecret => since(user.login_secret_changed_at),
        InfoItem::ConfirmSecret => since(user.confirm_secret_changed_at),
    };
    ItemCard {
        name: item.as_str(),
        label: label(&visit.profile, who.user.role, item),
        current,
        reason: reason(visit, who, item, has_card),
    }
}

/// Why the auth rules let this customer not change the item now, whatever is proven.
fn reason(visit: &Visit, who: &Who, item: InfoItem, has_picture_card: bool) -> Option<String> {
    let operation = match item.operation() {
        FlowOperation::SecretChange => Operation::SecretChange,
        _ => Operation::CustomerInfoChange,
    };
    let situation = Situation {
        now: visit.ctx.now,
        token_in_use: who.user.token_status == StoredTokenStatus::InUse,
        token_signs: false,
        login_choice: who.user.login_otp_chosen,
        payee_registered: false,
        has_picture_card,
    };
    match required_proof(&visit.profile, operation, situation) {
        Required::Proof(_) => None,
        Required::Refused(_) => {
            let words = &visit.profile.words;
            Some(format!(
                "{}が必要なお手続きです。先に「{}」のお手続きをしてください。",
                words.otp, words.start
            ))
        }
    }
}

/// Begins a change.
///
/// # Errors
/// 4xx for what is no form of ours, 404 for what this customer does not have.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, ()) = principal::enter(&visit, LoginStage::Complete, |_, _, _| Ok(())).await?;
    let input: ItemForm = body.of(&who)?;
    let item =
        InfoItem::from_text(&input.item).ok_or(PageError::BadRequest("no such thing to change"))?;
    let begun = begin(&visit.app.services, &who.ctx, &who.login, item).await?;
    let flow_id = begun.ok_or(PageError::NotFound)?;
    let base = visit.url(flow::path(&visit, item.operation()));
    Ok(see_other(&format!("{base}/{flow_id}")))
}
