//! BAU111 発行依頼の確認: the fee with tax, the account that is debited, the mandate, the proof.
//! What is ordered stands in the address, so that a reload and a new login show the same.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::domain::token_order::{OrderReason, Wanted};
use crate::operations::administration::order::{Agreed, Quote, place, quote};
use crate::operations::administration::{MembersAct, MembersOutcome};
use crate::operations::step::StepOutcome;
use crate::primitives::clock::jst_day;
use crate::primitives::ids::AccountId;
use crate::primitives::yen::Yen;
use crate::web::administration::edit::words::account_text;
use crate::web::administration::{TickedForm, enter, given_proof, proof_fields};
use crate::web::administrator::orders::{
    ORDERS, STEPS, confirm_url, orders_url, parse_quantity, read_item, title_of,
};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{INPUT_LENGTH_MAX, set_refusal};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Row, Shell, Step, steps};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

const AGREED: &str = "yes";

/// BAU111. Fields: what was seen, `agreed` where there is a fee, and the proof.
#[derive(askama::Template)]
#[template(path = "administrator/order_confirm.html")]
pub struct OrderConfirmPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What is ordered, in a word.
    pub title: String,
    /// What is ordered.
    pub rows: Vec<Row>,
    /// Fee, tax, total.
    pub amounts: Vec<Row>,
    /// What is debited, as the mandate says it; none where nothing is.
    pub mandate: Option<String>,
    /// Whether there is no account to be debited.
    pub has_no_account: bool,
    /// The total that the form agrees to.
    pub total: i64,
    /// The account that it agrees to; empty where nothing is debited.
    pub account: String,
    /// The form.
    pub form: FormView,
    /// BAU110.
    pub back_url: String,
}

/// What is ordered, in the address.
#[derive(Debug, Clone, Deserialize)]
pub struct WantedQuery {
    item: Option<String>,
    reason: Option<String>,
    quantity: Option<String>,
}

/// BAU111's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ConfirmForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    total: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    account: String,
    #[validate(length(max = 8))]
    agreed: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: Option<String>,
}

impl WantedQuery {
    /// # Errors
    /// 303 to BAU110 for what is no order, 404 for an item that is not ordered here.
    fn read(&self, visit: &Visit) -> Result<Wanted, PageError> {
        let item = read_item(visit, self.item.as_deref())?;
        let reason = self.reason.as_deref().and_then(OrderReason::from_text);
        let quantity = self.quantity.as_deref().and_then(parse_quantity);
        let wanted = reason.zip(quantity).and_then(|(why, count)| Wanted::new(item, why, count));
        wanted.ok_or_else(|| PageError::SeeOther(orders_url(visit, item)))
    }
}

async fn read(visit: &Visit, wanted: Wanted) -> Result<(Who, Quote), PageError> {
    if !visit.profile.services.token_orders {
        return Err(PageError::NotFound);
    }
    let (profile, now) = (visit.profile.clone(), visit.ctx.now);
    enter(visit, move |conn, _, user| quote(conn, &profile, user.contract_id, wanted, now)).await
}

/// Shows BAU111.
///
/// # Errors
/// 303 to BAU110 for what is no order.
pub async fn show(visit: Visit, query: Query<WantedQuery>) -> PageResult {
    let wanted = query.read(&visit)?;
    let (who, quote) = read(&visit, wanted).await?;
    let form = form(&visit, &who, wanted, request_key()?);
    show_form(&visit, &who, (wanted, &quote), form, StatusCode::OK)
}

/// Orders.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, query: Query<WantedQuery>, body: FormBody) -> PageResult {
    let wanted = query.read(&visit)?;
    let (who, seen) = read(&visit, wanted).await?;
    let (input, key) = body.keyed::<ConfirmForm>(&visit, &who, "token.order")?;
    let mut form = form(&visit, &who, wanted, key.key.clone());
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let agreed = agreed_in(&input)?;
    if agreed.account_id.is_some() && input.agreed.as_deref() != Some(AGREED) {
        form.set_error_apart("agreed", "内容をお確かめのうえ、チェックを入れてください。");
    }
    let given = TickedForm { confirm: input.confirm, otp: input.otp, agreed: None };
    let proof = given_proof(&visit, &who, &mut form, given)?;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        return show_form(&visit, &who, (wanted, &seen), form, invalid);
    };
    let act = MembersAct {
        actor: who.user.clone(),
        user_ids: Vec::new(),
        proof,
        key,
        results_url: visit.url(ORDERS),
    };
    match place(&visit.app.services, &who.ctx, act, (wanted, agreed)).await? {
        MembersOutcome::Done(url) => Ok(see_other(&url)),
        MembersOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
            show_form(&visit, &who, (wanted, &seen), form, invalid)
        }
        MembersOutcome::Step(_) => show_changed(&visit, wanted).await,
    }
}

/// Fee or account are not what they were, or somebody sent the same form.
async fn show_changed(visit: &Visit, wanted: Wanted) -> PageResult {
    let (who, quote) = read(visit, wanted).await?;
    let form = form(visit, &who, wanted, request_key()?).error(
        "手数料または口座が変わったため、まだ依頼していません。今の内容を確かめ、よろしければもう一度入力してください。",
    );
    show_form(visit, &who, (wanted, &quote), form, StatusCode::CONFLICT)
}

/// What the form says that its reader saw.
fn agreed_in(input: &ConfirmForm) -> Result<Agreed, PageError> {
    let wrong = PageError::BadRequest("no such amount or account");
    let total: i64 = input.total.parse().map_err(|_| wrong)?;
    let account_id = match input.account.as_str() {
        "" => None,
        id => {
            let wrong = PageError::BadRequest("no such amount or account");
            Some(AccountId(id.parse().map_err(|_| wrong)?))
        }
    };
    Ok(Agreed { total: Yen(total), account_id })
}

fn form(visit: &Visit, who: &Who, wanted: Wanted, key: String) -> FormView {
    let purpose = "このコードで発行を依頼します。";
    FormView::new(confirm_url(visit, wanted), who.csrf_token())
        .fields(proof_fields(visit, who, purpose))
        .request_key(key)
}

fn show_form(
    visit: &Visit,
    who: &Who,
    (wanted, quote): (Wanted, &Quote),
    form: FormView,
    status: StatusCode,
) -> PageResult {
    let (agreed, name) = (quote.agreed(), wanted.item.name(&visit.profile.words));
    let is_free = agreed.total == Yen(0);
    let account = quote.account.as_ref().map(account_text);
    let mandate = account.as_ref().filter(|_| !is_free).map(|account| {
        format!(
            "{} {} を、代表口座（{account}）から口座振替で支払うことを依頼します",
            wanted.item.fee_label(),
            agreed.total
        )
    });
    let page = OrderConfirmPage {
        shell: visit.shell_of(&screens::BAU111, who),
        steps: steps(&STEPS, 1),
        title: title_of(wanted.item, name),
        rows: vec![
            Row::new("依頼するもの", name),
            Row::new("依頼の理由", wanted.reason.label(wanted.item)),
            Row::new("数量", wanted.item.count_text(wanted.quantity)),
        ],
        amounts: amounts(visit, (wanted, quote), account),
        mandate,
        has_no_account: !is_free && quote.account.is_none(),
        total: agreed.total.0,
        account: agreed.account_id.map_or_else(String::new, |id| id.to_string()),
        back_url: orders_url(visit, wanted.item),
        form,
    };
    visit.page(status, &page)
}

fn amounts(visit: &Visit, (wanted, quote): (Wanted, &Quote), account: Option<String>) -> Vec<Row> {
    let fee = quote.fee;
    if fee.total_yen() == 0 {
        return vec![Row::new("手数料", "無料")];
    }
    let percent = visit.profile.fees.tax_percent(jst_day(visit.ctx.now));
    let first = if quote.is_first { "（はじめの1個は無料）" } else { "" };
    vec![
        Row::new(wanted.item.fee_label(), format!("{}{first}", Yen(fee.net_yen))),
        Row::new(format!("消費税（{percent}%）"), Yen(fee.tax_yen).to_string()),
        Row::new("合計", Yen(fee.total_yen()).to_string()),
        Row::new("引落口座（代表口座）", account.unwrap_or_else(|| "なし".to_owned())),
    ]
}
