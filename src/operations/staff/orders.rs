//! STF040: what staff do to orders of tokens and cards. Each act moves the order on from where it
//! stands, once, together with what belongs to it: the debit of the fee, the tokens that go out,
//! the mail.

use crate::db::queries::{accounts, contracts, members, token_orders, tokens, users};
use crate::db::{DbConn, DbError, savepoint_act};
use crate::domain::audit::AuditResult;
use crate::domain::ledger::{AccountPurpose, EntryDraft, PostingLine};
use crate::domain::mail::MailKind;
use crate::domain::receipt::number_text;
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::{Blocked, StaffAct};
use crate::domain::token_order::{
    OrderAct, OrderActor, OrderChannel, OrderItem, OrderState, TokenOrder, Wanted,
};
use crate::domain::user::User;
use crate::operations::administration::order::{audit_text, quote};
use crate::operations::ledger::post::{PostError, Posted, post_in_tx};
use crate::operations::notice::order::tell_of_order;
use crate::operations::staff::request::{ActOutcome, StaffKey, Subject, do_now};
use crate::operations::token::ship::{ShipOutcome, ship_in_tx};
use crate::operations::{ActAbort, Ctx, Services, audit, receipt};
use crate::primitives::clock::jst_day;
use crate::primitives::code::last_four;
use crate::primitives::ids::{ContractId, EntryId, TokenOrderId};
use crate::primitives::yen::Yen;

/// What the entry of a token's fee is called in the ledger, and on statements.
pub(in crate::operations) const TOKEN_FEE: (&str, &str) = ("token_fee", "トークン発行手数料");
/// The same of a card's.
pub(in crate::operations) const CARD_FEE: (&str, &str) = ("card_fee", "カード再発行手数料");

type Done = Result<String, Blocked>;

/// An application on paper.
#[derive(Debug, Clone)]
pub struct PaperOrder {
    /// The contract's number.
    pub contract_number: String,
    /// 申込書番号.
    pub form_number: String,
    /// What is ordered.
    pub wanted: Wanted,
}

/// Accepts an order; one without a fee is at 引落済 then.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn accept(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    order: &TokenOrder,
) -> Result<ActOutcome, DbError> {
    let id = order.id;
    let subject = subject(StaffAct::OrderAccept, order, String::new());
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        let Some((order, to)) = find(conn, ctx, id, OrderAct::Accept)? else {
            return Ok(Err(Blocked::Changed));
        };
        Ok(move_on(conn, ctx, &order, to, (OrderAct::Accept, &[]))?)
    })
    .await
}

/// Debits the fee of an accepted order.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn debit(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    order: &TokenOrder,
) -> Result<ActOutcome, DbError> {
    let id = order.id;
    let subject = subject(StaffAct::OrderDebit, order, String::new());
    do_now(services, ctx, member, key, subject, move |conn, ctx| Ok(debit_in_tx(conn, ctx, id)?))
        .await
}

fn debit_in_tx(conn: &mut DbConn, ctx: &Ctx, id: TokenOrderId) -> Result<Done, DbError> {
    let Some((order, _)) = find(conn, ctx, id, OrderAct::Debit)? else {
        return Ok(Err(Blocked::Changed));
    };
    if order.is_free() {
        let none: &[String] = &[];
        return move_on(conn, ctx, &order, OrderState::Debited, (OrderAct::Debit, none));
    }
    // Whoever comes second waits here, and finds the order elsewhere.
    if !token_orders::hold_accepted(conn, id)? {
        return Ok(Err(Blocked::Changed));
    }
    let draft = match entry_of(conn, ctx, &order)? {
        Ok(draft) => draft,
        Err(why) => return Ok(Err(why)),
    };
    let posted = match savepoint_act(conn, |conn| post_in_tx(conn, &draft)) {
        Ok(Posted::New(entry_id) | Posted::Already(entry_id)) => entry_id,
        Err(PostError::Refused(_)) => return Ok(Err(Blocked::Balance)),
        Err(PostError::Draft(_)) => return Ok(Err(Blocked::Changed)),
        Err(PostError::Db(error)) => return Err(error),
    };
    settle_debit(conn, ctx, &order, posted)
}

fn settle_debit(
    conn: &mut DbConn,
    ctx: &Ctx,
    order: &TokenOrder,
    entry_id: EntryId,
) -> Result<Done, DbError> {
    if !token_orders::set_debited(conn, order.id, entry_id, ctx.now)? {
        return Ok(Err(Blocked::Changed));
    }
    tell_of_order(conn, ctx, order, MailKind::OrderDebited, &[])?;
    let details = format!("entry {entry_id}, {}", audit_text(order));
    write_line(conn, ctx, order.id, StaffAct::OrderDebit, &details)?;
    Ok(Ok(format!("entry {entry_id}")))
}

/// The fee out of the account that was agreed to, into the institution's own: fee and tax apart.
fn entry_of(
    conn: &mut DbConn,
    ctx: &Ctx,
    order: &TokenOrder,
) -> Result<Result<EntryDraft, Blocked>, DbError> {
    let Some(account_id) = order.account_id else { return Ok(Err(Blocked::NoAccount)) };
    let mut internal = |purpose| accounts::get_internal(conn, &order.portal, purpose);
    let income = internal(AccountPurpose::FeeIncome)?.id;
    let tax = internal(AccountPurpose::ConsumptionTax)?.id;
    let all = [
        (account_id, -Yen(order.fee().total_yen())),
        (income, order.net_yen),
        (tax, order.tax_yen),
    ];
    let lines = all.into_iter().filter(|(_, amount)| *amount != Yen(0));
    let number = number_text(order.receipt_number);
    let (kind, text) = if order.item.is_card() { CARD_FEE } else { TOKEN_FEE };
    Ok(Ok(EntryDraft {
        portal: order.portal.clone(),
        kind: kind.to_owned(),
        business_date: jst_day(ctx.now),
        posted_at: ctx.now,
        idempotency_key: format!("token_order {}", order.id),
        description: format!("{text}　{number}"),
        credit_description: None,
        reverses_id: None,
        lines: lines.map(|(account_id, amount)| PostingLine { account_id, amount }).collect(),
    }))
}

/// Ships tokens from stock for an order that is paid, as many as were ordered; a card is made
/// elsewhere, and nothing leaves the stock for it.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn ship(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    order: &TokenOrder,
    serials: Vec<String>,
) -> Result<ActOutcome, DbError> {
    let id = order.id;
    let subject = subject(StaffAct::OrderShip, order, serials.join(" "));
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        let Some((order, to)) = find(conn, ctx, id, OrderAct::Ship)? else {
            return Ok(Err(Blocked::Changed));
        };
        if i32::try_from(serials.len()).ok() != Some(order.token_count()) {
            return Ok(Err(Blocked::WrongToken));
        }
        // One token that cannot go out keeps all of them in stock.
        let shipped = savepoint_act(conn, |conn| ship_all(conn, ctx, &order, (to, &serials)));
        match shipped {
            Ok(done) => Ok(Ok(done)),
            Err(ShipAbort::Blocked(why)) => Ok(Err(why)),
            Err(ShipAbort::Act(ActAbort::Stale)) => Ok(Err(Blocked::Changed)),
            Err(ShipAbort::Act(error)) => Err(error),
        }
    })
    .await
}

/// Why nothing is shipped.
#[derive(Debug)]
enum ShipAbort {
    Blocked(Blocked),
    Act(ActAbort),
}

impl From<DbError> for ShipAbort {
    fn from(error: DbError) -> ShipAbort {
        ShipAbort::Act(ActAbort::Db(error))
    }
}

impl crate::db::TransactionError for ShipAbort {
    fn as_db_error(&self) -> Option<&DbError> {
        match self {
            ShipAbort::Act(abort) => abort.as_db_error(),
            ShipAbort::Blocked(_) => None,
        }
    }
}

fn ship_all(
    conn: &mut DbConn,
    ctx: &Ctx,
    order: &TokenOrder,
    (to, serials): (OrderState, &[String]),
) -> Result<String, ShipAbort> {
    let number = contracts::number_of(conn, order.contract_id)?;
    for serial in serials {
        let token = tokens::find_by_serial(conn, ctx.portal_slug(), serial)?;
        let token = token.ok_or(ShipAbort::Blocked(Blocked::NoSuchToken))?;
        let is_over = token.expires_at.is_some_and(|end| end <= ctx.now);
        if order.item != OrderItem::from(token.kind) || is_over {
            return Err(ShipAbort::Blocked(Blocked::WrongToken));
        }
        match ship_in_tx(conn, ctx, serial, &number)? {
            ShipOutcome::Shipped => token_orders::insert_token(conn, order.id, token.id)?,
            ShipOutcome::NoSuchToken => return Err(ShipAbort::Blocked(Blocked::NoSuchToken)),
            ShipOutcome::NoSuchContract => return Err(ShipAbort::Blocked(Blocked::NoSuchContract)),
            ShipOutcome::NotInStock => return Err(ShipAbort::Blocked(Blocked::NotInStock)),
        }
    }
    let ends: Vec<String> = serials.iter().map(|serial| last_four(serial)).collect();
    let mut lines = Vec::new();
    if !ends.is_empty() {
        lines.push(format!("{}の下4桁: {}", ctx.profile.words.serial, ends.join("、")));
    }
    let moved = move_on(conn, ctx, order, to, (OrderAct::Ship, lines.as_slice()))?;
    moved.map_err(ShipAbort::Blocked)
}

/// Writes down that what was ordered on paper came in.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn receive(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    order: &TokenOrder,
) -> Result<ActOutcome, DbError> {
    let id = order.id;
    let subject = subject(StaffAct::OrderReceive, order, String::new());
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        let Some((order, to)) = find(conn, ctx, id, OrderAct::Receive)? else {
            return Ok(Err(Blocked::Changed));
        };
        Ok(move_on(conn, ctx, &order, to, (OrderAct::Receive, &[]))?)
    })
    .await
}

/// Cancels an order for which nothing is paid: one typed wrong, or that the customer gives up.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn cancel(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    order: &TokenOrder,
) -> Result<ActOutcome, DbError> {
    let id = order.id;
    let subject = subject(StaffAct::OrderCancel, order, String::new());
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        let Some((order, to)) = find(conn, ctx, id, OrderAct::Cancel)? else {
            return Ok(Err(Blocked::Changed));
        };
        Ok(move_on(conn, ctx, &order, to, (OrderAct::Cancel, &[]))?)
    })
    .await
}

/// Writes an application on paper down. The form is in hand and signed, so it stands at 受付, or at
/// 引落済 where there is no fee.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn record(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    paper: PaperOrder,
) -> Result<ActOutcome, DbError> {
    let (slug, number) = (ctx.portal_slug().to_owned(), paper.contract_number.clone());
    let is_corporate = ctx.profile.is_corporate();
    let found = services.db.read(move |conn| holder(conn, &slug, &number, is_corporate)).await?;
    let Some((contract_id, user)) = found else {
        return Ok(ActOutcome::Blocked(Blocked::NoSuchContract));
    };
    let Wanted { item, reason, quantity } = paper.wanted;
    let subject = Subject {
        act: StaffAct::OrderRecord,
        user_id: Some(user.id),
        token_id: None,
        note: paper.form_number.clone(),
        payload: format!("{} {item} {reason} {quantity}", paper.contract_number),
    };
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        Ok(record_in_tx(conn, ctx, (contract_id, &user), &paper)?)
    })
    .await
}

/// The open contract with this number, and the user to whom its orders belong.
fn holder(
    conn: &mut DbConn,
    portal: &str,
    number: &str,
    is_corporate: bool,
) -> Result<Option<(ContractId, User)>, DbError> {
    let Some(id) = contracts::find_by_number(conn, portal, number)? else { return Ok(None) };
    let user = if is_corporate {
        members::list_administrators(conn, id)?.into_iter().next()
    } else {
        users::find_customer(conn, id)?
    };
    Ok(user.map(|user| (id, user)))
}

fn record_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    (contract_id, user): (ContractId, &User),
    paper: &PaperOrder,
) -> Result<Done, DbError> {
    if !contracts::touch_open(conn, contract_id)? {
        return Ok(Err(Blocked::NoSuchContract));
    }
    let Wanted { item, reason, quantity } = paper.wanted;
    let quote = quote(conn, &ctx.profile, contract_id, paper.wanted, ctx.now)?;
    let agreed = quote.agreed();
    let is_free = agreed.total == Yen(0);
    if !is_free && agreed.account_id.is_none() {
        return Ok(Err(Blocked::NoAccount));
    }
    let name = StaffAct::OrderRecord.as_str();
    let (_, receipt_number) = receipt::write_in_tx(conn, ctx, user.id, name, &paper.form_number)?;
    let new = token_orders::NewTokenOrder {
        portal: ctx.portal_slug().to_owned(),
        contract_id,
        user_id: user.id,
        channel: OrderChannel::Paper,
        item,
        reason,
        quantity: i32::try_from(quantity).unwrap_or(i32::MAX),
        net_yen: Yen(quote.fee.net_yen),
        tax_yen: Yen(quote.fee.tax_yen),
        account_id: agreed.account_id,
        form_number: paper.form_number.clone(),
        receipt_number,
        state: if is_free { OrderState::Debited } else { OrderState::Accepted },
        requested_at: ctx.now,
        accepted_at: Some(ctx.now),
        debited_at: is_free.then_some(ctx.now),
        shipped_at: None,
        received_at: None,
        withdrawn_at: None,
    };
    let id = token_orders::insert(conn, new)?;
    if let Some(order) = token_orders::find_of_contract(conn, contract_id, id)? {
        tell_of_order(conn, ctx, &order, MailKind::OrderAccepted, &[])?;
        write_line(conn, ctx, id, StaffAct::OrderRecord, &audit_text(&order))?;
    }
    Ok(Ok(format!("order {id}")))
}

/// The portal's order as it stands now, and where the act takes it; nothing where it cannot be done
/// to it any more.
fn find(
    conn: &mut DbConn,
    ctx: &Ctx,
    id: TokenOrderId,
    act: OrderAct,
) -> Result<Option<(TokenOrder, OrderState)>, DbError> {
    let found = token_orders::find_of_portal(conn, ctx.portal_slug(), id)?;
    Ok(found.and_then(|listed| {
        let to = listed.order.decide(act, OrderActor::Staff).ok()?;
        Some((listed.order, to))
    }))
}

fn move_on(
    conn: &mut DbConn,
    ctx: &Ctx,
    order: &TokenOrder,
    to: OrderState,
    (act, lines): (OrderAct, &[String]),
) -> Result<Done, DbError> {
    if !token_orders::advance(conn, order.id, (order.state, to), ctx.now)? {
        return Ok(Err(Blocked::Changed));
    }
    let (staff_act, mail) = match act {
        OrderAct::Accept => (StaffAct::OrderAccept, Some(MailKind::OrderAccepted)),
        OrderAct::Debit => (StaffAct::OrderDebit, None),
        OrderAct::Ship => (StaffAct::OrderShip, Some(MailKind::OrderShipped)),
        OrderAct::Cancel => (StaffAct::OrderCancel, Some(MailKind::OrderWithdrawn)),
        OrderAct::Receive | OrderAct::Withdraw => (StaffAct::OrderReceive, None),
    };
    if let Some(kind) = mail {
        tell_of_order(conn, ctx, order, kind, lines)?;
    }
    write_line(conn, ctx, order.id, staff_act, &format!("{} to {to}", order.state))?;
    Ok(Ok(to.label().to_owned()))
}

fn write_line(
    conn: &mut DbConn,
    ctx: &Ctx,
    id: TokenOrderId,
    act: StaffAct,
    details: &str,
) -> Result<(), DbError> {
    let object = format!("order {id}");
    audit::write(conn, ctx, act.as_str(), &object, AuditResult::Done, details)
}

fn subject(act: StaffAct, order: &TokenOrder, more: String) -> Subject {
    Subject {
        act,
        user_id: Some(order.user_id),
        token_id: None,
        note: format!(
            "{}発行依頼 {}",
            if order.item.is_card() { "カード再" } else { "トークン" },
            number_text(order.receipt_number)
        ),
        payload: format!("order {} {more}", order.id),
    }
}
