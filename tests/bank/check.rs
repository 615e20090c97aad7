//! What stands in the database afterwards, beside what the customers saw.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::prelude::*;
use madoguchi::db::{DbConn, DbError};
use madoguchi::domain::receipt::number_text;
use madoguchi::operations::Services;
use madoguchi::operations::audit::verify::verify;
use madoguchi::primitives::clock::Clock;
use madoguchi::schema::{accounts, audit_lines, leases, ledger_entries, mails, payments, postings};
use madoguchi::startup;

use crate::client::{End, Order};
use crate::customers::Town;
use crate::plan::Plan;
use crate::server::Site;
use crate::turmoil::Shared;

/// Once no killed sealer holds its lease.
const SEALED_WITHIN: Duration = Duration::from_secs(20);

/// One line about a run.
pub fn summary(plan: &Plan, orders: &[Order], shared: &Shared) -> String {
    let done = orders.iter().filter(|order| order.end != End::Not).count();
    format!(
        "{} s, {} kills, {} crashes: {done} transfers acknowledged, {} begun and not made; {:?}",
        plan.work.as_secs(),
        plan.kills,
        plan.crashes,
        orders.len() - done,
        shared.met.borrow()
    )
}

/// A payment as it stands.
#[derive(Debug, Queryable)]
struct Made {
    receipt_id: i64,
    receipt_number: i32,
    user_id: i64,
    state: String,
    from: i64,
    to: Option<i64>,
    yen: i64,
    fee: (i64, i64),
    entry_id: Option<i64>,
}

/// Everything that was acknowledged is there once and whole, and nothing else is.
pub fn assert_sound(site: &mut Site, town: &Town, orders: &[Order]) {
    let services = startup::command_services(&site.settings()).unwrap();
    let acknowledged = orders.iter().filter(|order| order.end != End::Not).count();
    assert!(acknowledged > 0, "nobody got a transfer through: {}", site.log());
    assert_payments(&services, town, orders);
    wait_for_seals(&services);
    let report = verify(&services).unwrap();
    assert_eq!((report.finding, report.unsealed), (None, 0));
    drop(services);
    site.end();
    for arguments in [["ledger", "check"], ["audit", "verify"]] {
        let (code, said) = site.command(&arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
    }
}

fn wait_for_seals(services: &Services) {
    // A sealer killed at work holds its lease for 30 s more; this stands for their passing.
    let long_ago = Clock::real_now() - TimeDelta::hours(1);
    let write = move |conn: &mut DbConn| {
        let expire = diesel::update(leases::table).set(leases::held_until.eq(long_ago));
        Ok::<_, DbError>(expire.execute(conn)?)
    };
    services.db.write_blocking(write).unwrap();
    let begun = Instant::now();
    while verify(services).unwrap().unsealed > 0 {
        assert!(begun.elapsed() < SEALED_WITHIN, "lines are not sealed");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn assert_payments(services: &Services, town: &Town, orders: &[Order]) {
    let users: Vec<i64> = town.users.iter().map(|user| user.0).collect();
    let ids: Vec<i64> = town.accounts.iter().map(|account| account.id.0).collect();
    let read = move |conn: &mut DbConn| {
        Ok::<_, DbError>((read_payments(conn, &users)?, read_balances(conn, &ids)?))
    };
    let (made, balances) = services.db.read_blocking(read).unwrap();
    let mut by_receipt = BTreeMap::new();
    for one in &made {
        let twice = by_receipt.insert(number_text(one.receipt_number), one);
        assert!(twice.is_none(), "two payments of one receipt: {one:?} {twice:?}");
    }
    let mut expected: Vec<i64> = vec![town.first_balance; town.accounts.len()];
    for order in orders {
        let End::Done(number) = &order.end else { continue };
        let one = by_receipt.remove(number);
        let one = one.unwrap_or_else(|| panic!("acknowledged, and not there: {order:?}"));
        assert_as_ordered(services, town, order, one);
        let from = Town::account_of(order.client);
        expected[from] -= order.yen + town.fee(from, order.to);
        expected[order.to] += order.yen;
    }
    assert!(by_receipt.is_empty(), "nobody was told of these: {by_receipt:?}");
    assert_eq!(balances, expected, "the balances are not those of the transfers");
    assert_nothing_beside(services, &made);
}

fn read_payments(conn: &mut DbConn, users: &[i64]) -> QueryResult<Vec<Made>> {
    payments::table
        .filter(payments::user_id.eq_any(users.to_vec()))
        .select((
            payments::receipt_id,
            payments::receipt_number,
            payments::user_id,
            payments::state,
            payments::account_id,
            payments::to_account_id,
            payments::amount_yen,
            (payments::net_yen, payments::tax_yen),
            payments::entry_id,
        ))
        .load(conn)
}

fn read_balances(conn: &mut DbConn, ids: &[i64]) -> QueryResult<Vec<i64>> {
    let found = accounts::table.filter(accounts::id.eq_any(ids.to_vec()));
    found.select(accounts::balance).order(accounts::id).load(conn)
}

/// Payment and postings are those of the order.
fn assert_as_ordered(services: &Services, town: &Town, order: &Order, made: &Made) {
    let from_index = Town::account_of(order.client);
    let (from, to) = (town.accounts[from_index].id.0, town.accounts[order.to].id.0);
    let fee = town.fee(from_index, order.to);
    assert_eq!(
        (made.user_id, made.state.as_str(), made.from, made.to, made.yen, made.fee.0 + made.fee.1),
        (town.users[order.client].0, "done", from, Some(to), order.yen, fee),
        "{order:?}: {made:?}"
    );
    let key = format!("payment of receipt {}", made.receipt_id);
    let mut wanted = vec![(from, -order.yen), (to, order.yen)];
    wanted.sort_unstable();
    assert_eq!(lines_of(services, &key), Some((made.entry_id.unwrap(), wanted)), "{order:?}");
    let fee_lines = lines_of(services, &format!("{key} fee"));
    let paid = fee_lines.map(|(_, lines)| {
        assert_eq!(lines.iter().map(|line| line.1).sum::<i64>(), 0, "{order:?}");
        -lines.iter().filter(|line| line.0 == from).map(|line| line.1).sum::<i64>()
    });
    assert_eq!(paid.unwrap_or(0), fee, "{order:?}");
}

/// The entry of a key, and its lines by account.
fn lines_of(services: &Services, key: &str) -> Option<(i64, Vec<(i64, i64)>)> {
    let key = key.to_owned();
    let read = move |conn: &mut DbConn| {
        let entry = ledger_entries::table
            .filter(ledger_entries::idempotency_key.eq(key))
            .select(ledger_entries::id)
            .first::<i64>(conn)
            .optional()?;
        let Some(entry) = entry else { return Ok::<_, DbError>(None) };
        let mut lines: Vec<(i64, i64)> = postings::table
            .filter(postings::entry_id.eq(entry))
            .select((postings::account_id, postings::amount))
            .load(conn)?;
        lines.sort_unstable();
        Ok(Some((entry, lines)))
    };
    services.db.read_blocking(read).unwrap()
}

/// Each payment has its entries, its mail and its line in the audit log, and no other is there.
fn assert_nothing_beside(services: &Services, made: &[Made]) {
    let users: Vec<i64> = made.iter().map(|one| one.user_id).collect();
    let read = move |conn: &mut DbConn| {
        let posted: i64 = ledger_entries::table
            .filter(ledger_entries::idempotency_key.like("payment of receipt %"))
            .count()
            .get_result(conn)?;
        let told: i64 = mails::table
            .filter(mails::kind.eq("transfer_done"))
            .filter(mails::user_id.eq_any(users))
            .count()
            .get_result(conn)?;
        let noted: i64 = audit_lines::table
            .filter(audit_lines::operation.eq("transfer"))
            .filter(audit_lines::result.eq("done"))
            .filter(audit_lines::object.like("payment %"))
            .count()
            .get_result(conn)?;
        let sum: Vec<i64> = postings::table.select(postings::amount).load(conn)?;
        Ok::<_, DbError>((posted, told, noted, sum.into_iter().sum::<i64>()))
    };
    let (posted, told, noted, sum) = services.db.read_blocking(read).unwrap();
    let with_fee = made.iter().filter(|one| one.fee != (0, 0)).count();
    let count = |number: usize| i64::try_from(number).unwrap();
    assert_eq!(posted, count(made.len() + with_fee), "entries of payments");
    assert_eq!((told, noted), (count(made.len()), count(made.len())), "mails, audit lines");
    assert_eq!(sum, 0, "money was made or lost");
}
