//! BAU110 トークン・カードの発行依頼: what tokens and cards cost, the form of an order of the one or the
//! other, and the contract's orders.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::{accounts, token_orders};
use crate::domain::ledger::Account;
use crate::domain::portal::Profile;
use crate::domain::receipt::number_text;
use crate::domain::token_order::{
    OrderItem, OrderReason, OrderState, QUANTITY_MAX, TokenOrder, Wanted, fee,
};
use crate::operations::administration::order::kind_of;
use crate::primitives::clock::{jst_day, jst_minute_text};
use crate::primitives::code::to_half_width;
use crate::primitives::ids::TokenOrderId;
use crate::primitives::yen::Yen;
use crate::web::administration::edit::words::account_text;
use crate::web::administration::enter;
use crate::web::administrator::MENU;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Link, NavItem, Shell, Step, Tone, steps};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::visit::Visit;

/// BAU110's address below the portal; that of BAU112 with an order's id.
pub const ORDERS: &str = "administrator/orders";
/// BAU111's.
pub const CONFIRM: &str = "administrator/orders/confirm";
/// The step bar.
pub const STEPS: [&str; 3] = ["内容の|入力", "内容の|確認", "依頼|完了"];
/// Orders a page.
const PAGE: usize = 20;

/// An order in the list.
#[derive(Debug, Clone)]
pub struct OrderRow {
    /// 受付番号.
    pub number: String,
    /// BAU112.
    pub url: String,
    /// 依頼日時.
    pub requested: String,
    /// What, and why.
    pub what: String,
    /// How many.
    pub quantity: String,
    /// Fee with tax.
    pub fee: String,
    /// How it stands.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
}

/// BAU110. Fields: `reason`, and `quantity` of tokens.
#[derive(askama::Template)]
#[template(path = "administrator/orders.html")]
pub struct OrdersPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Tokens, or a card.
    pub tabs: Vec<NavItem>,
    /// Heading of the form.
    pub title: String,
    /// The form.
    pub form: FormView,
    /// Which account is debited.
    pub account: String,
    /// What else there is to know about what the form orders.
    pub more: String,
    /// The contract's orders, newest first.
    pub orders: Vec<OrderRow>,
    /// Older ones.
    pub next: Option<Link>,
    /// BAD100.
    pub back_url: String,
}

/// BAU110's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct OrderForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    reason: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    quantity: Option<String>,
}

/// What the form orders, and where the list goes on.
#[derive(Deserialize)]
pub struct OrdersQuery {
    item: Option<String>,
    before: Option<i64>,
}

struct Read {
    orders: Vec<TokenOrder>,
    account: Option<Account>,
    has_tokens: bool,
}

/// Shows BAU110.
///
/// # Errors
/// 403 for whoever is no administrator.
pub async fn show(visit: Visit, query: Query<OrdersQuery>) -> PageResult {
    let (who, read) = read(&visit, query.before.map(TokenOrderId)).await?;
    let item = read_item(&visit, query.item.as_deref())?;
    let form = form(&visit, &who, &read, (item, None, "1"));
    show_form(&visit, (&who, item), &read, form)
}

/// Goes on to BAU111.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, query: Query<OrdersQuery>, body: FormBody) -> PageResult {
    let (who, read) = read(&visit, None).await?;
    let item = read_item(&visit, query.item.as_deref())?;
    let input: OrderForm = body.of(&who)?;
    let typed = typed_quantity(item, input.quantity.as_deref())?;
    let reason = input.reason.as_deref().and_then(OrderReason::from_text);
    let reason = reason.filter(|reason| item.reasons().contains(reason));
    let mut form = form(&visit, &who, &read, (item, reason, typed));
    if reason.is_none() {
        form.set_error("reason", "依頼の理由を選んでください。");
    }
    let quantity = parse_quantity(typed);
    if quantity.is_none() {
        form.set_error("quantity", format!("個数を、1〜{QUANTITY_MAX}の数字で入力してください。"));
    }
    let wanted = reason.zip(quantity).and_then(|(why, count)| Wanted::new(item, why, count));
    match wanted {
        Some(wanted) => Ok(see_other(&confirm_url(&visit, wanted))),
        None => show_form(&visit, (&who, item), &read, form),
    }
}

/// What companies order on the screen.
fn offered(profile: &Profile) -> [OrderItem; 2] {
    [kind_of(profile).into(), OrderItem::Card]
}

/// What an address orders: tokens where it says nothing.
///
/// # Errors
/// 404 for what is not ordered here.
pub fn read_item(visit: &Visit, typed: Option<&str>) -> Result<OrderItem, PageError> {
    let offered = offered(&visit.profile);
    let typed = typed.map_or(offered.first().copied(), OrderItem::from_text);
    typed.filter(|item| offered.contains(item)).ok_or(PageError::NotFound)
}

/// The number in a form, which asks for none where there is always one.
///
/// # Errors
/// 400 for a number where none is asked, or none.
pub fn typed_quantity(item: OrderItem, typed: Option<&str>) -> Result<&str, PageError> {
    if item.is_card() == typed.is_some() {
        return Err(PageError::BadRequest("a number where none is asked, or none"));
    }
    Ok(typed.unwrap_or("1"))
}

/// The number of tokens in a form; nothing where it is none.
pub fn parse_quantity(typed: &str) -> Option<u32> {
    let digits = to_half_width(typed.trim());
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let quantity: u32 = digits.parse().ok().filter(|_| is_number)?;
    (1..=QUANTITY_MAX).contains(&quantity).then_some(quantity)
}

/// BAU111 for this order.
pub fn confirm_url(visit: &Visit, wanted: Wanted) -> String {
    let Wanted { item, reason, quantity } = wanted;
    format!("{}?item={item}&reason={reason}&quantity={quantity}", visit.url(CONFIRM))
}

/// BAU110 with the form of this item.
pub fn orders_url(visit: &Visit, item: OrderItem) -> String {
    format!("{}?item={item}", visit.url(ORDERS))
}

/// The choice among the reasons.
pub fn reason_field(item: OrderItem, chosen: Option<OrderReason>) -> FieldView {
    let choice = |reason: &OrderReason| Choice {
        value: reason.as_str().to_owned(),
        label: reason.label(item).to_owned(),
        hint: None,
        image: None,
        is_chosen: chosen == Some(*reason),
    };
    FieldView::radio("reason", "依頼の理由", item.reasons().iter().map(choice).collect())
}

/// How many tokens.
pub fn quantity_field(typed: &str) -> FieldView {
    FieldView::text("quantity", "個数")
        .hint(format!("{QUANTITY_MAX}個まで、数字で入力します。"))
        .inputmode("numeric")
        .maxlength(4)
        .value(typed)
}

/// Lets an administrator in; 404 where the portal takes no orders.
async fn read(visit: &Visit, before: Option<TokenOrderId>) -> Result<(Who, Read), PageError> {
    if !visit.profile.services.token_orders {
        return Err(PageError::NotFound);
    }
    let kind = kind_of(&visit.profile);
    enter(visit, move |conn, _, user| {
        let id = user.contract_id;
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        Ok(Read {
            orders: token_orders::list_of_contract(conn, id, before, limit)?,
            account: accounts::find_representative(conn, id)?,
            has_tokens: token_orders::has_tokens(conn, id, kind)?,
        })
    })
    .await
}

fn form(
    visit: &Visit,
    who: &Who,
    read: &Read,
    (item, reason, quantity): (OrderItem, Option<OrderReason>, &str),
) -> FormView {
    let mut reasons = reason_field(item, reason);
    for (choice, reason) in reasons.choices.iter_mut().zip(item.reasons()) {
        choice.hint = Some(price_text(visit, (item, *reason), read.has_tokens));
    }
    let mut fields = vec![reasons];
    if !item.is_card() {
        fields.push(quantity_field(quantity));
    }
    FormView::new(orders_url(visit, item), who.csrf_token()).fields(fields)
}

fn show_form(
    visit: &Visit,
    (who, item): (&Who, OrderItem),
    read: &Read,
    form: FormView,
) -> PageResult {
    let words = &visit.profile.words;
    let shown = read.orders.iter().take(PAGE);
    let next = read.orders.get(PAGE).and_then(|_| read.orders.get(PAGE - 1));
    let page = OrdersPage {
        shell: visit.shell_of(&screens::BAU110, who),
        steps: steps(&STEPS, 0),
        tabs: tabs(visit, item),
        title: title_of(item, item.name(words)),
        more: match item.is_card() {
            true => format!("再発行しても、{}の番号は変わりません。", words.card),
            false => "月額の手数料はかかりません。".to_owned(),
        },
        account: read.account.as_ref().map_or_else(|| "なし".to_owned(), account_text),
        orders: shown.map(|order| row(visit, order)).collect(),
        next: next.map(|last| Link {
            label: "前の依頼".to_owned(),
            url: format!("{}&before={}", orders_url(visit, item), last.id),
        }),
        back_url: visit.url(MENU),
        form,
    };
    let status =
        if page.form.is_invalid() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    visit.page(status, &page)
}

/// What a form is called that orders `item`.
pub fn title_of(item: OrderItem, name: &str) -> String {
    if item.is_card() { format!("{name}の再発行") } else { format!("{name}の発行") }
}

fn tabs(visit: &Visit, current: OrderItem) -> Vec<NavItem> {
    let tab = |item: OrderItem| NavItem {
        label: title_of(item, item.name(&visit.profile.words)),
        url: orders_url(visit, item),
        is_current: item == current,
    };
    offered(&visit.profile).map(tab).into()
}

/// What one costs today, tax included.
fn price_text(visit: &Visit, (item, reason): (OrderItem, OrderReason), has_tokens: bool) -> String {
    let (fees, today) = (&visit.profile.fees, jst_day(visit.ctx.now));
    let wanted = Wanted { item, reason, quantity: 1 };
    let of = |has_tokens| fee(fees, wanted, has_tokens, today).total_yen();
    let price = |total: i64| match total {
        0 => "無料".to_owned(),
        total => format!("{}（税込）", Yen(total)),
    };
    let first = if has_tokens { of(true) } else { of(false) };
    if first == of(true) {
        return format!("{}につき {}", item.count_text(1), price(first));
    }
    format!("はじめの1個は{}、2個目から1個につき {}", price(first), price(of(true)))
}

fn row(visit: &Visit, order: &TokenOrder) -> OrderRow {
    let words = &visit.profile.words;
    OrderRow {
        number: number_text(order.receipt_number),
        url: visit.url(&format!("{ORDERS}/{}", order.id)),
        requested: jst_minute_text(order.requested_at),
        what: format!("{}　{}", order.item.name(words), order.reason.label(order.item)),
        quantity: order.item.count_text(order.quantity),
        fee: fee_text(order),
        state: order.state.label(),
        tone: tone_of(order.state),
    }
}

/// Fee with tax.
pub fn fee_text(order: &TokenOrder) -> String {
    if order.is_free() { "無料".to_owned() } else { Yen(order.fee().total_yen()).to_string() }
}

/// The colour of a state.
pub fn tone_of(state: OrderState) -> Tone {
    match state {
        OrderState::Requested => Tone::Warn,
        OrderState::Accepted | OrderState::Debited | OrderState::Shipped => Tone::Info,
        OrderState::Received => Tone::Success,
        OrderState::Withdrawn => Tone::Error,
    }
}
