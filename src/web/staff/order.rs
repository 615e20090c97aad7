//! STF040, one order: how it stands, and the one act that is due: 受付, 引落, 発送, or 受領 of what was
//! ordered on paper.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::token_orders::{self, ListedOrder};
use crate::db::queries::{accounts, staff_requests};
use crate::domain::ledger::Account;
use crate::domain::portal::Words;
use crate::domain::receipt::number_text;
use crate::domain::staff_request::Blocked;
use crate::domain::token_order::{OrderAct, OrderActor, OrderChannel, TokenOrder};
use crate::operations::staff::orders::{accept, cancel, debit, receive, ship};
use crate::operations::staff::request::ActOutcome;
use crate::primitives::clock::{UtcTime, jst_minute_text};
use crate::primitives::code::normalise_serial;
use crate::primitives::ids::{StaffRequestId, TokenOrderId, random_id};
use crate::primitives::yen::Yen;
use crate::web::administration::edit::words::account_text;
use crate::web::administrator::order::state_bar;
use crate::web::administrator::orders::tone_of;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Row, Shell, Step};
use crate::web::screens;
use crate::web::staff::orders::{ORDERS, channel_label, enter};
use crate::web::staff::principal::StaffWho;
use crate::web::staff::visit::StaffVisit;
use crate::web::staff::words;
use crate::web::token::flow::BareForm;

/// Twenty serials with what stands between them.
const SERIALS_MAX: u64 = 600;

/// The act that is due.
#[derive(Debug, Clone, Copy)]
pub struct DueView {
    /// Heading.
    pub title: &'static str,
    /// What comes of it.
    pub lead: &'static str,
    /// The button.
    pub button: &'static str,
}

/// STF040, an order. Field `serials` where tokens are to be shipped.
#[derive(askama::Template)]
#[template(path = "staff/order.html")]
pub struct OrderPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// How far it has come; empty once it is withdrawn.
    pub steps: Vec<Step>,
    /// The word of the state.
    pub state: &'static str,
    /// Class of the mark.
    pub class: &'static str,
    /// What was ordered, by whom.
    pub rows: Vec<Row>,
    /// The act that is due; none for whoever only reads, or where it is not the staff's.
    pub due: Option<DueView>,
    /// Its form.
    pub form: FormView,
    /// 取消, while nothing is paid.
    pub cancel: Option<FormView>,
    /// Back to the list.
    pub back_url: String,
}

/// The form of a shipment.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ShipForm {
    #[validate(length(max = "SERIALS_MAX"))]
    serials: Option<String>,
}

struct Read {
    listed: ListedOrder,
    account: Option<Account>,
    serials: Vec<String>,
    stock: Vec<String>,
}

async fn read(visit: &StaffVisit, id: i64) -> Result<(StaffWho, Read), PageError> {
    let (slug, now) = (visit.profile.slug().to_owned(), visit.ctx.now);
    let (who, found) = enter(visit, move |conn, _| {
        let Some(listed) = token_orders::find_of_portal(conn, &slug, TokenOrderId(id))? else {
            return Ok(None);
        };
        let order = &listed.order;
        let account = order.account_id.map(|id| accounts::get(conn, id)).transpose()?;
        let serials = token_orders::list_serials(conn, order.id)?;
        let limit = i64::from(order.token_count());
        let stock = match order.item.kind() {
            Some(kind) => token_orders::list_stock(conn, &slug, kind, now, limit)?,
            None => Vec::new(),
        };
        Ok(Some(Read { account, serials, stock, listed }))
    })
    .await?;
    Ok((who, found.ok_or(PageError::NotFound)?))
}

/// Where the order shows that a request wrote down.
///
/// # Errors
/// 500 where there is none.
pub(super) async fn of_request(
    visit: &StaffVisit,
    id: StaffRequestId,
) -> Result<String, PageError> {
    let slug = visit.profile.slug().to_owned();
    let found =
        visit.app.services.db.read(move |conn| staff_requests::find(conn, &slug, id)).await?;
    let made = found.and_then(|request| {
        let id = request.result.strip_prefix("order ")?.parse::<i64>().ok()?;
        Some(visit.url(&format!("{ORDERS}/{id}")))
    });
    made.ok_or_else(|| PageError::Internal("a request without its order".to_owned()))
}

/// Shows an order.
///
/// # Errors
/// 303 to the login; 404 for none of this portal.
pub async fn show(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let (who, read) = read(&visit, path.into_inner()).await?;
    let form = form(&visit, &who, &read, None)?;
    show_order(&visit, &who, &read, form, StatusCode::OK)
}

/// Accepts it.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_accept(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    submit(visit, path.into_inner(), body, OrderAct::Accept).await
}

/// Debits the fee.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_debit(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    submit(visit, path.into_inner(), body, OrderAct::Debit).await
}

/// Writes down that what was ordered came in.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_receive(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    submit(visit, path.into_inner(), body, OrderAct::Receive).await
}

/// Cancels it.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_cancel(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    submit(visit, path.into_inner(), body, OrderAct::Cancel).await
}

async fn submit(visit: StaffVisit, id: i64, body: FormBody, act: OrderAct) -> PageResult {
    let (who, read) = read(&visit, id).await?;
    let address = address(id, act);
    let (BareForm {}, key) = body.staff_keyed(&visit, &who, &address)?;
    let (services, ctx, member) = (&visit.app.services, &who.ctx, &who.member);
    let order = &read.listed.order;
    let outcome = match act {
        OrderAct::Accept => accept(services, ctx, member, &key, order).await?,
        OrderAct::Debit => debit(services, ctx, member, &key, order).await?,
        OrderAct::Cancel => cancel(services, ctx, member, &key, order).await?,
        _ => receive(services, ctx, member, &key, order).await?,
    };
    let form = form(&visit, &who, &read, None)?;
    after(&visit, (&who, &read), outcome, form).await
}

/// Ships tokens, or a card.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_ship(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let id = path.into_inner();
    let (who, read) = read(&visit, id).await?;
    let (input, key): (ShipForm, _) =
        body.staff_keyed(&visit, &who, &address(id, OrderAct::Ship))?;
    let order = &read.listed.order;
    if input.serials.is_some() == order.item.is_card() {
        return Err(PageError::BadRequest("serials where none are asked, or none"));
    }
    let typed = input.serials.unwrap_or_default();
    let mut form = form(&visit, &who, &read, Some(&typed))?;
    let serials = match read_serials(&typed, order.token_count()) {
        Ok(serials) => serials,
        Err(words) => {
            form.set_error("serials", words);
            let invalid = StatusCode::UNPROCESSABLE_ENTITY;
            return show_order(&visit, &who, &read, form, invalid);
        }
    };
    let (services, ctx) = (&visit.app.services, &who.ctx);
    let outcome = ship(services, ctx, &who.member, &key, order, serials).await?;
    after(&visit, (&who, &read), outcome, form).await
}

/// Serials with commas or blanks between them.
fn read_serials(typed: &str, quantity: i32) -> Result<Vec<String>, String> {
    let parts = typed.split(|c: char| c.is_whitespace() || matches!(c, ',' | '、' | '，'));
    let mut serials: Vec<String> =
        parts.map(normalise_serial).filter(|serial| !serial.is_empty()).collect();
    let typed = serials.len();
    serials.sort();
    serials.dedup();
    if serials.len() < typed {
        return Err("同じシリアル番号が2回入力されています。".to_owned());
    }
    if i32::try_from(typed).ok() != Some(quantity) {
        return Err(format!(
            "シリアル番号を{quantity}個、空白で区切って入力してください。今は{typed}個です。"
        ));
    }
    Ok(serials)
}

/// Where an act that ended leads: the order as it stands then.
async fn after(
    visit: &StaffVisit,
    (who, read): (&StaffWho, &Read),
    outcome: ActOutcome,
    mut form: FormView,
) -> PageResult {
    let url = visit.url(&format!("{ORDERS}/{}", read.listed.order.id));
    match outcome {
        ActOutcome::Made(_) => Ok(see_other(&url)),
        ActOutcome::Blocked(Blocked::Changed) => {
            let (who, read) = self::read(visit, read.listed.order.id.0).await?;
            let form = self::form(visit, &who, &read, None)?;
            let form = form.error(words::blocked(Blocked::Changed));
            show_order(visit, &who, &read, form, StatusCode::CONFLICT)
        }
        ActOutcome::Blocked(why) => {
            form.errors.push(words::blocked(why).to_owned());
            show_order(visit, who, read, form, StatusCode::UNPROCESSABLE_ENTITY)
        }
        _ => Err(PageError::Conflict { back: url }),
    }
}

fn address(id: i64, act: OrderAct) -> String {
    let act = match act {
        OrderAct::Accept => "accept",
        OrderAct::Debit => "debit",
        OrderAct::Ship => "ship",
        OrderAct::Cancel => "cancel",
        OrderAct::Receive | OrderAct::Withdraw => "receive",
    };
    format!("{ORDERS}/{id}/{act}")
}

/// The act that is due, whoever looks.
fn due_act(order: &TokenOrder) -> Option<OrderAct> {
    let all = [OrderAct::Accept, OrderAct::Debit, OrderAct::Ship, OrderAct::Receive];
    all.into_iter().find(|act| order.decide(*act, OrderActor::Staff).is_ok())
}

fn form(
    visit: &StaffVisit,
    who: &StaffWho,
    read: &Read,
    typed: Option<&str>,
) -> Result<FormView, PageError> {
    let order = &read.listed.order;
    let act = due_act(order).unwrap_or(OrderAct::Accept);
    let mut fields = Vec::new();
    if act == OrderAct::Ship && !order.item.is_card() {
        let in_stock = read.stock.join(" ");
        fields.push(
            FieldView::text("serials", format!("シリアル番号（{}個）", order.quantity))
                .hint("在庫から選んであります。手元のトークンの番号と違うときは、書き換えてください。2個からは空白で区切ります。")
                .maxlength(usize::try_from(SERIALS_MAX).unwrap_or(usize::MAX))
                .value(typed.map_or(in_stock, str::to_owned)),
        );
    }
    Ok(bare_form(visit, who, order, act)?.fields(fields))
}

fn bare_form(
    visit: &StaffVisit,
    who: &StaffWho,
    order: &TokenOrder,
    act: OrderAct,
) -> Result<FormView, PageError> {
    let action = visit.url(&address(order.id.0, act));
    Ok(FormView::new(action, who.csrf_token()).request_key(random_id()?))
}

fn due_view(order: &TokenOrder) -> Option<DueView> {
    Some(match due_act(order)? {
        OrderAct::Accept if order.is_free() => DueView {
            title: "受付",
            lead: "手数料がかからないため、受け付けるとすぐに発送できます。お客さまへメールでお知らせします。",
            button: "受け付ける",
        },
        OrderAct::Accept => DueView {
            title: "受付",
            lead: "受け付けると、お客さまは取り下げられなくなります。お客さまへメールでお知らせします。",
            button: "受け付ける",
        },
        OrderAct::Debit => DueView {
            title: "手数料の引落",
            lead: "手数料と消費税を、代表口座から引き落とします。残高が足りないときは引き落としません。",
            button: "引き落とす",
        },
        OrderAct::Ship if order.item.is_card() => DueView {
            title: "発送",
            lead: "新しいカードができあがり、お届けの住所に送るときに押してください。お客さまへメールでお知らせします。",
            button: "発送する",
        },
        OrderAct::Ship => DueView {
            title: "発送",
            lead: "在庫のトークンをこのご契約に配付します。お客さまへメールでお知らせします。",
            button: "発送する",
        },
        OrderAct::Receive | OrderAct::Withdraw | OrderAct::Cancel => DueView {
            title: "受領の記録",
            lead: "配達の記録や窓口でのお渡しを確かめてから、記録してください。",
            button: "受領を記録する",
        },
    })
}

fn show_order(
    visit: &StaffVisit,
    who: &StaffWho,
    read: &Read,
    form: FormView,
    status: StatusCode,
) -> PageResult {
    let order = &read.listed.order;
    let mut shell = visit.shell_of(&screens::STF040, who);
    shell.title = format!("発行依頼 {}", number_text(order.receipt_number)).into();
    let may = who.member.role.may_make();
    let cancels = may && order.decide(OrderAct::Cancel, OrderActor::Staff).is_ok();
    let cancel = match cancels {
        true => Some(bare_form(visit, who, order, OrderAct::Cancel)?),
        false => None,
    };
    let page = OrderPage {
        shell,
        steps: state_bar(order.state),
        state: order.state.label(),
        class: tone_of(order.state).class(),
        rows: rows(read, &visit.profile.words),
        due: due_view(order).filter(|_| may),
        form,
        cancel,
        back_url: visit.url(ORDERS),
    };
    visit.page(status, &page)
}

fn rows(read: &Read, words: &Words) -> Vec<Row> {
    let (listed, order) = (&read.listed, &read.listed.order);
    let mut rows = vec![
        Row::new("ご契約", format!("{}（{}）", listed.contract_name, listed.contract_number)),
        Row::new("受け付けた方法", channel_label(order.channel)),
    ];
    if order.channel == OrderChannel::Paper {
        rows.push(Row::new("申込書番号", order.form_number.clone()));
    }
    rows.push(Row::new("依頼されたもの", order.item.name(words)));
    rows.push(Row::new("理由", order.reason.label(order.item)));
    rows.push(Row::new("数量", order.item.count_text(order.quantity)));
    if order.is_free() {
        rows.push(Row::new("手数料", "無料"));
    } else {
        let total = Yen(order.fee().total_yen());
        rows.push(Row::new("手数料", format!("{total}（うち消費税 {}）", order.tax_yen)));
        let account = read.account.as_ref().map_or_else(
            || "なし".to_owned(),
            |account| format!("{}　残高 {}", account_text(account), account.balance),
        );
        rows.push(Row::new("代表口座", account));
    }
    let mut at = |label: &str, time: Option<UtcTime>| {
        rows.extend(time.map(|time| Row::new(label, jst_minute_text(time))));
    };
    at("依頼日時", Some(order.requested_at));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_are_read_with_anything_between_them() {
        let read = read_serials(" aob0000102、ＡＯＢ０００0101,", 2).unwrap();
        assert_eq!(read, ["AOB0000101", "AOB0000102"]);
        assert!(read_serials("AOB0000101 aob0000101", 2).is_err());
        assert!(read_serials("AOB0000101", 2).is_err());
        assert!(read_serials("", 1).is_err());
        assert_eq!(read_serials("", 0).unwrap(), Vec::<String>::new());
    }
}
