//! BAU112 発行依頼の内容: the receipt of an order, how it stands, and what the administrator can do to
//! it now: withdraw it, or confirm that what was ordered came in.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::{accounts, token_orders};
use crate::domain::ledger::Account;
use crate::domain::portal::Words;
use crate::domain::receipt::number_text;
use crate::domain::token_order::{OrderAct, OrderActor, OrderState, TokenOrder};
use crate::operations::administration::order::settle;
use crate::operations::administration::{MembersAct, MembersOutcome};
use crate::operations::step::StepOutcome;
use crate::primitives::clock::{UtcTime, jst_minute_text, jst_receipt_text};
use crate::primitives::ids::TokenOrderId;
use crate::primitives::yen::Yen;
use crate::web::administration::edit::words::account_text;
use crate::web::administration::{TickedForm, enter, given_proof, proof_fields};
use crate::web::administrator::MENU;
use crate::web::administrator::orders::{ORDERS, title_of, tone_of};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{INPUT_LENGTH_MAX, set_refusal};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Receipt, Row, Shell, Step, Tone, steps};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

/// The bar of an order's states.
pub const STATES: [&str; 5] = ["依頼", "受付", "引落済", "発送済", "受領"];

/// What can be done now.
#[derive(Debug, Clone)]
pub struct OrderActView {
    /// What the button says.
    pub button: &'static str,
    /// Value of the button.
    pub act: &'static str,
    /// What comes of it.
    pub lead: &'static str,
    /// Whether it takes something back.
    pub is_danger: bool,
}

/// BAU112. Fields: `act` by the button, and the proof.
#[derive(askama::Template)]
#[template(path = "administrator/order.html")]
pub struct OrderPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// How far the order has come; empty once it is withdrawn.
    pub steps: Vec<Step>,
    /// How it stands, and what comes next.
    pub notice: Notice,
    /// The word of the state.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
    /// What was ordered.
    pub rows: Vec<Row>,
    /// Number and time.
    pub receipt: Receipt,
    /// What can be done now.
    pub act: Option<OrderActView>,
    /// Its form.
    pub form: FormView,
    /// BAU110.
    pub orders_url: String,
    /// BAD100.
    pub menu_url: String,
}

/// BAU112's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct SettleForm {
    #[validate(length(max = 16))]
    act: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: Option<String>,
}

struct Read {
    order: TokenOrder,
    account: Option<Account>,
    serials: Vec<String>,
}

async fn read(visit: &Visit, id: &str) -> Result<(Who, Read), PageError> {
    if !visit.profile.services.token_orders {
        return Err(PageError::NotFound);
    }
    let id = TokenOrderId(id.parse().map_err(|_| PageError::NotFound)?);
    let (who, found) = enter(visit, move |conn, _, user| {
        let Some(order) = token_orders::find_of_contract(conn, user.contract_id, id)? else {
            return Ok(None);
        };
        let account = order.account_id.map(|id| accounts::get(conn, id)).transpose()?;
        let serials = token_orders::list_serials(conn, id)?;
        Ok(Some(Read { order, account, serials }))
    })
    .await?;
    Ok((who, found.ok_or(PageError::NotFound)?))
}

/// Shows BAU112.
///
/// # Errors
/// 404 for an order of another contract.
pub async fn show(visit: Visit, id: Path<String>) -> PageResult {
    let (who, read) = read(&visit, &id).await?;
    let form = form(&visit, &who, read.order.id, request_key()?);
    show_order(&visit, &who, &read, form, StatusCode::OK)
}

/// Withdraws the order, or confirms that what was ordered came in.
///
/// # Errors
/// 4xx for what is no form of ours, 404 for an order of another contract.
pub async fn submit(visit: Visit, id: Path<String>, body: FormBody) -> PageResult {
    let (who, read) = read(&visit, &id).await?;
    let (input, key) = body.keyed::<SettleForm>(&visit, &who, "token.order")?;
    let order_act = match input.act.as_str() {
        "withdraw" => OrderAct::Withdraw,
        "receive" => OrderAct::Receive,
        _ => return Err(PageError::BadRequest("no such act")),
    };
    let mut form = form(&visit, &who, read.order.id, key.key.clone());
    let given = TickedForm { confirm: input.confirm, otp: input.otp, agreed: None };
    let proof = given_proof(&visit, &who, &mut form, given)?;
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        return show_order(&visit, &who, &read, form, invalid);
    };
    let act = MembersAct {
        actor: who.user.clone(),
        user_ids: Vec::new(),
        proof,
        key,
        results_url: visit.url(ORDERS),
    };
    let services = &visit.app.services;
    match settle(services, &who.ctx, act, (read.order.id, order_act)).await? {
        MembersOutcome::Done(url) => Ok(see_other(&url)),
        MembersOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
            show_order(&visit, &who, &read, form, invalid)
        }
        MembersOutcome::Step(_) => {
            let (who, read) = self::read(&visit, &id).await?;
            let form = self::form(&visit, &who, read.order.id, request_key()?).error(
                "依頼の状態が変わったため、お手続きをしていません。今の状態をお確かめください。",
            );
            show_order(&visit, &who, &read, form, StatusCode::CONFLICT)
        }
    }
}

fn form(visit: &Visit, who: &Who, id: TokenOrderId, key: String) -> FormView {
    let purpose = "このコードで発行依頼の手続きをします。";
    FormView::new(visit.url(&format!("{ORDERS}/{id}")), who.csrf_token())
        .fields(proof_fields(visit, who, purpose))
        .request_key(key)
}

fn show_order(
    visit: &Visit,
    who: &Who,
    read: &Read,
    form: FormView,
    status: StatusCode,
) -> PageResult {
    let (order, words) = (&read.order, &visit.profile.words);
    let page = OrderPage {
        shell: visit.shell_of(&screens::BAU112, who),
        steps: state_bar(order.state),
        notice: notice(order, words),
        state: order.state.label(),
        tone: tone_of(order.state),
        rows: rows(read, words),
        receipt: Receipt {
            number: number_text(order.receipt_number),
            time_text: jst_receipt_text(order.requested_at),
        },
        act: act_of(order),
        form,
        orders_url: visit.url(ORDERS),
        menu_url: visit.url(MENU),
    };
    visit.page(status, &page)
}

/// How far an order has come.
pub fn state_bar(state: OrderState) -> Vec<Step> {
    let place = match state {
        OrderState::Requested => 0,
        OrderState::Accepted => 1,
        OrderState::Debited => 2,
        OrderState::Shipped => 3,
        OrderState::Received => 4,
        OrderState::Withdrawn => return Vec::new(),
    };
    steps(&STATES, place)
}

fn notice(order: &TokenOrder, words: &Words) -> Notice {
    let (what, is_card) = (order.item.name(words), order.item.is_card());
    let (tone, title, text) = match order.state {
        OrderState::Requested => (
            Tone::Success,
            format!("{}の依頼を承りました。", title_of(order.item, what)),
            "受け付けましたら、メールでお知らせします。それまでは取り下げられます。",
        ),
        OrderState::Accepted => (
            Tone::Info,
            "依頼を受け付けました。".to_owned(),
            "手数料を代表口座から引き落としたあと、発送します。",
        ),
        OrderState::Debited => (Tone::Info, format!("{what}の発送を準備しています。"), ""),
        OrderState::Shipped if is_card => (
            Tone::Info,
            format!("{what}を発送しました。"),
            "届いたら記載の内容を確かめ、受領の確認をしてください。",
        ),
        OrderState::Shipped => (
            Tone::Info,
            format!("{what}を発送しました。"),
            "届いたらシリアル番号を確かめ、受領の確認をしてください。",
        ),
        OrderState::Received => (
            Tone::Success,
            "受領を確認しました。".to_owned(),
            if is_card {
                ""
            } else {
                "トークンは「利用形態設定」から登録できます。"
            },
        ),
        OrderState::Withdrawn => {
            (Tone::Warn, "この依頼は取り下げられました。".to_owned(), "手数料はかかりません。")
        }
    };
    let text = Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
    Notice { tone, title, text: text.into_iter().collect() }
}

fn act_of(order: &TokenOrder) -> Option<OrderActView> {
    let may = |act| order.decide(act, OrderActor::Administrator).is_ok();
    if may(OrderAct::Withdraw) {
        return Some(OrderActView {
            button: "取り下げる",
            act: "withdraw",
            lead: "受け付けられる前であれば、この依頼を取り下げられます。取り下げると元に戻せません。",
            is_danger: true,
        });
    }
    may(OrderAct::Receive).then_some(OrderActView {
        button: "受領を確認する",
        act: "receive",
        lead: match order.item.is_card() {
            true => "届いたカードに記載の内容を確かめてください。",
            false => "届いたトークンの裏面の番号が、上のシリアル番号と同じことを確かめてください。",
        },
        is_danger: false,
    })
}

fn rows(read: &Read, words: &Words) -> Vec<Row> {
    let order = &read.order;
    let mut rows = vec![
        Row::new("依頼したもの", order.item.name(words)),
        Row::new("依頼の理由", order.reason.label(order.item)),
        Row::new("数量", order.item.count_text(order.quantity)),
    ];
    if order.is_free() {
        rows.push(Row::new("手数料", "無料"));
    } else {
        let total = Yen(order.fee().total_yen());
        rows.push(Row::new("手数料", format!("{total}（うち消費税 {}）", order.tax_yen)));
        let account = read.account.as_ref().map_or_else(|| "なし".to_owned(), account_text);
        rows.push(Row::new("引落口座（代表口座）", account));
    }
    let mut at = |label: &str, time: Option<UtcTime>| {
        rows.extend(time.map(|time| Row::new(label, jst_minute_text(time))));
    };
    at("受付日時", order.accepted_at);
    at("引落日時", order.debited_at.filter(|_| !order.is_free()));
    at("発送日時", order.shipped_at);
    at("受領日時", order.received_at);
    at("取下げ日時", order.withdrawn_at);
    if !read.serials.is_empty() {
        rows.push(Row::new("シリアル番号", read.serials.join("、")));
    }
    rows
}
