//! The day of a salary file to 100,000 accounts of the own institution, all or nothing, beside
//! plain inserts of as many rows in one transaction of the same database; and how long others wait
//! meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use chrono::NaiveDate;
use diesel::prelude::*;
use madoguchi::db::queries::demo::{self, AccountRow, DemoRows};
use madoguchi::db::queries::{accounts, bulk_files, contracts, users, web_sessions};
use madoguchi::db::{DbConn, DbError};
use madoguchi::domain::bulk_file::{BulkKind, BulkService};
use madoguchi::domain::ledger::{AccountPurpose, AccountType};
use madoguchi::operations::bulk_run::{accept, execute};
use madoguchi::operations::{Actor, Ctx};
use madoguchi::primitives::clock::jst_day;
use madoguchi::primitives::ids::AccountId;
use madoguchi::primitives::yen::Yen;
use madoguchi::zengin::bulk::BulkHeader;

use super::made::{self, Owner};
use crate::Effort;
use crate::report::{Disk, limit, median, ratio_alone, steady_rounds};
use crate::seed::{self, Session};
use crate::site::{COMPANY_PORTAL, Site, now};

const RECORDS: usize = 100_000;
const AMOUNT: u64 = 1_000;
const LIMIT_MS: f64 = 10_000.0;
/// Above those of anybody else.
const FIRST_ACCOUNT: i64 = 5_000_000;
const BRANCH: &str = "001";
const ORIGINATOR: &str = "0000004711";
const ORIGINATOR_KANA: &str = "ｼｹﾝｼﾖｳｶｲ";
/// Between two looks of those who wait.
const PAUSE: Duration = Duration::from_millis(5);

diesel::table! {
    bench_rows (id) {
        id -> BigInt,
        entry_id -> BigInt,
        account_id -> BigInt,
        amount -> BigInt,
        line_no -> BigInt,
        balance_after -> BigInt,
    }
}

/// How long one round took, in milliseconds.
struct Round {
    plain: f64,
    booking: f64,
    write_wait: f64,
    read_wait: f64,
}

/// Rounds of plain inserts and a booking.
pub fn run(effort: Effort) -> Result<()> {
    println!("\nbooking of {RECORDS} records, SQLite");
    let site = Site::new()?;
    let owner = fill(&site)?;
    let rounds = steady_rounds(effort.rounds, || {
        let mut disk = Disk::watch(site.folder())?;
        let plain = plain_inserts(&site)?;
        let (booking, write_wait, read_wait) = book(&site, owner)?;
        disk.look()?;
        println!(
            "plain inserts {plain:.0} ms, booking {booking:.0} ms; meanwhile the slowest write of \
             somebody else {write_wait:.0} ms, the slowest read {read_wait:.0} ms"
        );
        let round = Round { plain, booking, write_wait, read_wait };
        Ok(disk.is_steady().then_some(round))
    })?;
    limit("booking", median(rounds.iter().map(|round| round.booking)), LIMIT_MS, "ms");
    let ratios: Vec<f64> = rounds.iter().map(|round| round.plain / round.booking).collect();
    ratio_alone("speed beside plain inserts of as many rows", &ratios);
    let waits = |of: fn(&Round) -> f64| median(rounds.iter().map(of));
    println!("slowest write of others meanwhile: {:.0} ms", waits(|round| round.write_wait));
    println!("slowest read of others meanwhile: {:.0} ms", waits(|round| round.read_wait));
    Ok(())
}

fn ctx(site: &Site) -> Result<Ctx> {
    let profile = site.services.profiles.get(COMPANY_PORTAL).context("the portal's profile")?;
    Ok(Ctx {
        profile: profile.clone(),
        actor: Actor::system("bench"),
        source: "bench".to_owned(),
        request_id: "bench".to_owned(),
        now: now()?,
        keys: site.services.keys.clone(),
        public_url: None,
    })
}

/// A company, the institution's own accounts, and everybody who is paid.
fn fill(site: &Site) -> Result<Owner> {
    seed::company(site, 0, 1)?;
    let number = seed::login_id(0);
    let (contract_id, user) = site.services.db.read_blocking(|conn| {
        let contract = contracts::find_by_number(conn, COMPANY_PORTAL, &number)?;
        Ok::<_, DbError>((contract, users::find_by_login_id(conn, COMPANY_PORTAL, "user0x000000")?))
    })?;
    let (contract_id, user) = (contract_id.context("no company")?, user.context("no user")?);
    let owner = Owner { contract_id, user_id: user.id, account_id: AccountId(FIRST_ACCOUNT) };
    let (now, mut rows) = (now()?, DemoRows::default());
    let row = |place: i64, purpose, number: String, balance| AccountRow {
        id: AccountId(FIRST_ACCOUNT + place),
        portal: COMPANY_PORTAL.to_owned(),
        contract_id: (purpose == AccountPurpose::Customer).then_some(contract_id),
        purpose,
        branch_code: BRANCH.to_owned(),
        branch_name: "本店営業部".to_owned(),
        account_type: match purpose {
            AccountPurpose::Customer => AccountType::Ordinary,
            _ => AccountType::Internal,
        },
        number,
        holder_kana: "ｼｹﾝ ﾊﾅｺ".to_owned(),
        balance: Yen(balance),
        line_count: 0,
        booked_on: jst_day(now),
        opened_at: now,
    };
    let customer = AccountPurpose::Customer;
    rows.accounts.push(row(0, customer, "1999999".to_owned(), 900_000_000_000));
    for (place, purpose) in (1..).zip([
        AccountPurpose::OutgoingClearing,
        AccountPurpose::Suspense,
        AccountPurpose::FeeIncome,
        AccountPurpose::ConsumptionTax,
    ]) {
        rows.accounts.push(row(place, purpose, format!("{place:07}"), 0));
    }
    for (place, n) in (10..).zip(0..RECORDS) {
        rows.accounts.push(row(place, customer, made::number(n), 0));
    }
    site.services.db.write_blocking(move |conn| {
        demo::insert(conn, &rows)?;
        bulk_files::replace_service(conn, &service(owner))?;
        plain_table(conn)
    })?;
    Ok(owner)
}

fn service(owner: Owner) -> BulkService {
    BulkService {
        contract_id: owner.contract_id,
        kind: BulkKind::Salary,
        originator_code: ORIGINATOR.to_owned(),
        originator_kana: ORIGINATOR_KANA.to_owned(),
        business_type: "11".to_owned(),
        second_approval_from_yen: None,
        maker_may_approve: true,
        file_limit_yen: Yen(900_000_000_000),
        record_limit_yen: Yen(100_000_000),
        external_send: false,
    }
}

fn plain_table(conn: &mut DbConn) -> Result<(), DbError> {
    let make = "CREATE TABLE bench_rows (id INTEGER PRIMARY KEY, entry_id BIGINT NOT NULL, \
                account_id BIGINT NOT NULL, amount BIGINT NOT NULL, line_no BIGINT NOT NULL, \
                balance_after BIGINT NOT NULL)";
    diesel::sql_query(make).execute(conn)?;
    Ok(())
}

/// As many rows, a thousand a statement, in one transaction.
fn plain_inserts(site: &Site) -> Result<f64> {
    use bench_rows as of;
    let began = Instant::now();
    site.services.db.write_blocking(|conn| {
        let DbConn::Sqlite(conn) = conn else { return Ok::<_, DbError>(()) };
        let all: Vec<i64> = (0..i64::try_from(RECORDS).unwrap_or(0)).collect();
        for some in all.chunks(1_000) {
            let row = |n: &i64| {
                (
                    of::entry_id.eq(1_i64),
                    of::account_id.eq(*n),
                    of::amount.eq(1_000_i64),
                    of::line_no.eq(1_i64),
                    of::balance_after.eq(1_000_i64),
                )
            };
            let rows: Vec<_> = some.iter().map(row).collect();
            diesel::insert_into(of::table).values(rows).execute(conn)?;
        }
        Ok(())
    })?;
    Ok(ms(began.elapsed()))
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Books a file; how long that took, and how long the slowest write and read of others.
fn book(site: &Site, owner: Owner) -> Result<(f64, f64, f64)> {
    let ctx = ctx(site)?;
    let on = jst_day(ctx.now);
    accepted(site, &ctx, (owner, on))?;
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| slowest(&is_over, || write_something(site)));
        let reader = scope.spawn(|| slowest(&is_over, || read_something(site, owner)));
        std::thread::sleep(PAUSE * 4);
        let began = Instant::now();
        let done = execute::execute_due(&site.services, &ctx, &|| true);
        let time = ms(began.elapsed());
        is_over.store(true, Ordering::Relaxed);
        let waits = (writer.join(), reader.join());
        let (Ok(write), Ok(read)) = waits else { bail!("somebody who waited has panicked") };
        let done = done?;
        ensure!(done.done == 1 && done.broken == 0, "the file was not booked: {done:?}");
        Ok((time, write?, read?))
    })
}

/// A file that waits for its day.
fn accepted(site: &Site, ctx: &Ctx, (owner, on): (Owner, NaiveDate)) -> Result<()> {
    let bank = ctx.profile.portal.bank_code.as_str().to_owned();
    let header = BulkHeader {
        business_type: "11".to_owned(),
        originator_code: ORIGINATOR.to_owned(),
        originator_name: ORIGINATOR_KANA.to_owned(),
        value_date_mmdd: on.format("%m%d").to_string(),
        own_bank_code: bank.clone(),
        own_branch_code: BRANCH.to_owned(),
        own_account_type: Some(1),
        own_account_no: "1999999".to_owned(),
        ..BulkHeader::default()
    };
    let items: Vec<_> = (0..RECORDS).map(|n| made::item((&bank, BRANCH), n, AMOUNT)).collect();
    let (making, db) = (ctx.clone(), &site.services.db);
    let id = db.write_blocking(move |conn| {
        let made = made::draft(conn, &making, owner, (&header, &items, on));
        made.map_err(|error| DbError::Unavailable(error.to_string()))
    })?;
    let sending = ctx.clone();
    db.write_blocking(move |conn| made::send(conn, &sending, owner.user_id, id))?;
    let taken = accept::accept_sent(&site.services, ctx, &|| true)?;
    ensure!(taken.accepted == 1, "the file was not accepted: {taken:?}");
    Ok(())
}

/// The longest that something took until it was over.
fn slowest(is_over: &AtomicBool, mut act: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut slowest = 0.0_f64;
    while !is_over.load(Ordering::Relaxed) {
        let began = Instant::now();
        act()?;
        slowest = slowest.max(ms(began.elapsed()));
        std::thread::sleep(PAUSE);
    }
    Ok(slowest)
}

/// Another user's login takes a new session key.
fn write_something(site: &Site) -> Result<()> {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let (n, now) = (NEXT.fetch_add(1, Ordering::Relaxed), now()?);
    let login_id = Session::Company.login_id(0);
    let written = site.services.db.claim_blocking(move |conn| {
        web_sessions::insert(conn, &format!("w{n:042}"), &login_id, now)
    });
    match written {
        // Whoever waits that long reads that the portal is busy; the wait counts.
        Err(DbError::Deadline) => {
            println!("a write of somebody else was refused");
            Ok(())
        }
        written => Ok(written?),
    }
}

fn read_something(site: &Site, owner: Owner) -> Result<()> {
    let get = |conn: &mut DbConn| accounts::get(conn, owner.account_id);
    site.services.db.read_blocking(get)?;
    Ok(())
}
