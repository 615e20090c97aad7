//! STF040 トークン・カードの発行依頼: the orders of a portal by state and number, and those on paper.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::token_orders::{self, ListedOrder, OrderFilter};
use crate::db::{DbConn, DbError};
use crate::domain::portal::Profile;
use crate::domain::receipt::number_text;
use crate::domain::staff::StaffMember;
use crate::domain::token::TokenKind;
use crate::domain::token_order::{OrderChannel, OrderItem, OrderReason, OrderState, Wanted};
use crate::operations::staff::orders::{PaperOrder, record};
use crate::operations::staff::request::ActOutcome;
use crate::primitives::clock::jst_minute_text;
use crate::primitives::code::to_half_width;
use crate::primitives::ids::TokenOrderId;
use crate::web::administrator::orders::{
    fee_text, parse_quantity, quantity_field, reason_field, title_of, tone_of,
};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Link, NavItem, Shell};
use crate::web::screens;
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::visit::StaffVisit;
use crate::web::staff::words::{self, encoded};
use crate::web::staff::{act, order};

const ROWS: usize = 50;
const NUMBER_MAX: usize = 32;
/// The address below the console; that of one order with its id.
pub(super) const ORDERS: &str = "orders";
const NEW: &str = "orders/new";

/// An order in the list.
pub struct OrderRow {
    /// 受付番号.
    pub number: String,
    /// Its page.
    pub url: String,
    /// When it came in.
    pub requested: String,
    /// On paper, or by the administrator's screen.
    pub channel: &'static str,
    /// The contract.
    pub contract: String,
    /// Item, reason and number.
    pub what: String,
    /// Fee with tax.
    pub fee: String,
    /// How it stands.
    pub state: &'static str,
    /// Class of the mark.
    pub class: &'static str,
}

/// STF040.
#[derive(askama::Template)]
#[template(path = "staff/orders.html")]
pub struct OrdersPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// By state, with how many.
    pub tabs: Vec<NavItem>,
    /// Where the search is sent.
    pub action: String,
    /// The chosen tab.
    pub state: String,
    /// What was looked for.
    pub q: String,
    /// Newest first.
    pub rows: Vec<OrderRow>,
    /// Older ones.
    pub next: Option<Link>,
    /// Writes an application on paper down; none for whoever only reads.
    pub new_url: Option<String>,
}

/// What is looked for.
#[derive(Deserialize)]
pub struct OrdersQuery {
    state: Option<String>,
    q: Option<String>,
    before: Option<i64>,
}

/// Whether the portal's staff send hardware tokens out.
pub(super) fn has_orders(profile: &Profile) -> bool {
    profile.has_screen(screens::STF040.id)
}

/// Lets somebody in; 404 where the portal has no tokens to be sent out.
pub(super) async fn enter<T: Send + 'static>(
    visit: &StaffVisit,
    more: impl FnOnce(&mut DbConn, &StaffMember) -> Result<T, DbError> + Send + 'static,
) -> Result<(StaffWho, T), PageError> {
    let entered = principal::enter(visit, more).await?;
    if has_orders(&visit.profile) { Ok(entered) } else { Err(PageError::NotFound) }
}

/// Shows the list.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: StaffVisit, query: Query<OrdersQuery>) -> PageResult {
    let query = query.into_inner();
    let state = query.state.as_deref().and_then(OrderState::from_text);
    let typed = to_half_width(query.q.unwrap_or_default().trim());
    let q: String = typed.chars().filter(|c| !c.is_control()).take(NUMBER_MAX).collect();
    let filter = OrderFilter { state, number: q.clone(), before: query.before.map(TokenOrderId) };
    let slug = visit.profile.slug().to_owned();
    let (who, (counts, mut found)) = enter(&visit, move |conn, _| {
        let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
        let counts = token_orders::count_by_state(conn, &slug)?;
        Ok((counts, token_orders::list(conn, &slug, &filter, limit)?))
    })
    .await?;
    let has_more = found.len() > ROWS;
    found.truncate(ROWS);
    let name = state.map_or("all", OrderState::as_str);
    let next = found.last().filter(|_| has_more).map(|last| Link {
        label: "前の50件".to_owned(),
        url: format!(
            "{}?state={name}&q={}&before={}",
            visit.url(ORDERS),
            encoded(&q),
            last.order.id
        ),
    });
    let may = who.member.role.may_make();
    let page = OrdersPage {
        shell: visit.shell_of(&screens::STF040, &who),
        tabs: tabs(&visit, state, &counts),
        action: visit.url(ORDERS),
        state: name.to_owned(),
        q,
        rows: found.iter().map(|listed| row(&visit, listed)).collect(),
        next,
        new_url: may.then(|| visit.url(NEW)),
    };
    visit.page(StatusCode::OK, &page)
}

fn tabs(
    visit: &StaffVisit,
    current: Option<OrderState>,
    counts: &[(OrderState, i64)],
) -> Vec<NavItem> {
    let tab = |label: String, name: &str, is_current| NavItem {
        label,
        url: format!("{}?state={name}", visit.url(ORDERS)),
        is_current,
    };
    let mut tabs = vec![tab("すべて".to_owned(), "all", current.is_none())];
    for state in OrderState::ALL {
        let count = counts.iter().find(|(of, _)| of == state).map_or(0, |(_, count)| *count);
        let label = format!("{}（{count}）", state.label());
        tabs.push(tab(label, state.as_str(), current == Some(*state)));
    }
    tabs
}

fn row(visit: &StaffVisit, listed: &ListedOrder) -> OrderRow {
    let order = &listed.order;
    OrderRow {
        number: number_text(order.receipt_number),
        url: visit.url(&format!("{ORDERS}/{}", order.id)),
        requested: jst_minute_text(order.requested_at),
        channel: channel_label(order.channel),
        contract: format!("{}（{}）", listed.contract_name, listed.contract_number),
        what: order.summary(&visit.profile.words),
        fee: fee_text(order),
        state: order.state.label(),
        class: tone_of(order.state).class(),
    }
}

/// How an order came in.
pub(super) fn channel_label(channel: OrderChannel) -> &'static str {
    match channel {
        OrderChannel::Portal => "画面から",
        OrderChannel::Paper => "申込書",
    }
}

/// STF040, an application on paper. Fields: `contract_number`, `note`, `reason`; `kind` and
/// `quantity` of tokens.
#[derive(askama::Template)]
#[template(path = "staff/order_new.html")]
pub struct NewOrderPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Tokens, or a card.
    pub tabs: Vec<NavItem>,
    /// The form.
    pub form: FormView,
    /// Back to the list.
    pub back_url: String,
}

/// The form of an application on paper.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct PaperForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    contract_number: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    kind: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    reason: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    quantity: Option<String>,
}

/// Kinds that are sent out, and can be registered today.
fn kinds(visit: &StaffVisit) -> Vec<(TokenKind, String)> {
    let rules = visit.profile.tokens.kinds.iter();
    let sent = rules.filter(|rules| rules.kind == TokenKind::Hardware);
    sent.map(|rules| (rules.kind, rules.label.clone())).collect()
}

/// Which of the two forms on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paper {
    Tokens,
    Card,
}

/// Which form on paper is asked for: that of tokens where the address says nothing.
#[derive(Deserialize)]
pub struct PaperQuery {
    item: Option<String>,
}

impl PaperQuery {
    fn read(&self) -> Paper {
        let card = self.item.as_deref().and_then(OrderItem::from_text);
        if card.is_some_and(OrderItem::is_card) { Paper::Card } else { Paper::Tokens }
    }
}

impl Paper {
    fn url(self) -> String {
        match self {
            Paper::Tokens => NEW.to_owned(),
            Paper::Card => format!("{NEW}?item={}", OrderItem::Card),
        }
    }

    /// What the words of the form are about.
    fn item(self) -> OrderItem {
        match self {
            Paper::Tokens => OrderItem::Hardware,
            Paper::Card => OrderItem::Card,
        }
    }
}

/// Private customers have one token each, and everybody one card.
fn asks_quantity(visit: &StaffVisit, paper: Paper) -> bool {
    paper == Paper::Tokens && visit.profile.is_corporate()
}

fn fields(
    visit: &StaffVisit,
    paper: Paper,
    (kind, reason): (Option<TokenKind>, Option<OrderReason>),
    quantity: &str,
) -> Vec<FieldView> {
    let kinds = kinds(visit);
    let only = kinds.len() == 1;
    let choices = kinds.into_iter().map(|(of, label)| Choice {
        value: of.as_str().to_owned(),
        label,
        hint: None,
        image: None,
        is_chosen: only || kind == Some(of),
    });
    let number = if visit.profile.is_corporate() {
        "契約番号"
    } else {
        "お客さま番号（契約番号）"
    };
    let mut all = vec![
        FieldView::text("contract_number", number).maxlength(NUMBER_MAX),
        act::note("申込書番号", "申込書の右上の番号です。"),
    ];
    if paper == Paper::Tokens {
        all.push(FieldView::radio("kind", "トークンの種類", choices.collect()));
    }
    all.push(reason_field(paper.item(), reason));
    if asks_quantity(visit, paper) {
        all.push(quantity_field(quantity));
    }
    all
}

/// Shows the form of an application on paper.
///
/// # Errors
/// 303 to the login, 403 for a role that does not act.
pub async fn show_new(visit: StaffVisit, query: Query<PaperQuery>) -> PageResult {
    let (who, ()) = enter(&visit, |_, _| Ok(())).await?;
    let paper = query.read();
    let form = act::form(&visit, &who, &paper.url(), fields(&visit, paper, (None, None), "1"))?;
    show_form(&visit, (&who, paper), form)
}

/// Writes an application on paper down.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_new(visit: StaffVisit, query: Query<PaperQuery>, body: FormBody) -> PageResult {
    let (who, ()) = enter(&visit, |_, _| Ok(())).await?;
    let paper = query.read();
    let (input, key): (PaperForm, _) = body.staff_keyed(&visit, &who, &paper.url())?;
    let (form, typed) = check_paper(&visit, &who, paper, &input)?;
    let Some(typed) = typed else { return show_form(&visit, (&who, paper), form) };
    match record(&visit.app.services, &who.ctx, &who.member, &key, typed).await? {
        ActOutcome::Made(request_id) => {
            let made = order::of_request(&visit, request_id).await?;
            Ok(see_other(&made))
        }
        ActOutcome::Blocked(why) => {
            let form = form.error(words::blocked(why));
            show_form(&visit, (&who, paper), form)
        }
        _ => Err(PageError::Conflict { back: visit.url(ORDERS) }),
    }
}

/// The form as it was typed, and what it says; nothing: the form says what is missing.
fn check_paper(
    visit: &StaffVisit,
    who: &StaffWho,
    paper: Paper,
    input: &PaperForm,
) -> Result<(FormView, Option<PaperOrder>), PageError> {
    let is_card = paper == Paper::Card;
    if input.quantity.is_some() != asks_quantity(visit, paper) || is_card && input.kind.is_some() {
        return Err(PageError::BadRequest("a number or kind where none is asked, or none"));
    }
    let kind = input.kind.as_deref().and_then(TokenKind::from_text);
    let kind = kind.filter(|kind| kinds(visit).iter().any(|(of, _)| of == kind));
    let item = if is_card { Some(OrderItem::Card) } else { kind.map(OrderItem::from) };
    let reason = input.reason.as_deref().and_then(OrderReason::from_text);
    let reason = reason.filter(|reason| paper.item().reasons().contains(reason));
    let typed = input.quantity.as_deref().unwrap_or("1");
    let fields = fields(visit, paper, (kind, reason), typed);
    let mut form = act::form(visit, who, &paper.url(), fields)?;
    let contract_number = to_half_width(input.contract_number.trim());
    act::keep(&mut form, "contract_number", &contract_number);
    if contract_number.is_empty() {
        form.set_error("contract_number", "番号を入力してください。");
    }
    let form_number = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &form_number);
    if item.is_none() {
        form.set_error("kind", "トークンの種類を選んでください。");
    }
    if reason.is_none() {
        form.set_error("reason", "理由を選んでください。");
    }
    let quantity = parse_quantity(typed);
    if quantity.is_none() {
        form.set_error("quantity", "個数を数字で入力してください。");
    }
    let wanted = match (item, reason, quantity) {
        (Some(item), Some(reason), Some(quantity)) => Wanted::new(item, reason, quantity),
        _ => None,
    };
    let is_whole = !form.is_invalid();
    let order = wanted.filter(|_| is_whole);
    Ok((form, order.map(|wanted| PaperOrder { contract_number, form_number, wanted })))
}

fn show_form(visit: &StaffVisit, (who, current): (&StaffWho, Paper), form: FormView) -> PageResult {
    let mut shell = visit.shell_of(&screens::STF040, who);
    shell.title = "申込書の登録".into();
    let tabs = [Paper::Tokens, Paper::Card].map(|paper| NavItem {
        label: title_of(paper.item(), paper.item().name(&visit.profile.words)),
        url: visit.url(&paper.url()),
        is_current: paper == current,
    });
    let page = NewOrderPage { shell, tabs: tabs.into(), form, back_url: visit.url(ORDERS) };
    visit.form_page(page.form.is_invalid(), &page)
}
