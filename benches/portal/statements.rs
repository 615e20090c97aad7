//! The statement of an account with 100,000 movements (BAC010) beside that of one with 100.

use anyhow::{Result, anyhow};
use chrono::TimeDelta;
use madoguchi::db::DbError;
use madoguchi::db::queries::contracts;
use madoguchi::db::queries::demo::{self, AccountRow, DemoRows, EntryRow, PostingRow};
use madoguchi::domain::ledger::{AccountPurpose, AccountType};
use madoguchi::primitives::clock::{UtcTime, jst_day};
use madoguchi::primitives::ids::{AccountId, ContractId, EntryId};
use madoguchi::primitives::yen::Yen;

use crate::Effort;
use crate::load::{Request, Requests};
use crate::pages::{Side, compare};
use crate::seed::{self, Session};
use crate::site::{PORTAL, Site, now};

/// Small and large.
const SIZES: [i64; 2] = [100, 100_000];
const NAMES: [&str; 2] = ["100 movements", "100,000 movements"];
/// Over how many days they are spread.
const DAYS: i64 = 700;
/// Above those of the seeded customers.
const FIRST_ACCOUNT: i64 = 1_000_000;
const INTERNAL: AccountId = AccountId(FIRST_ACCOUNT + 2);
/// At most one and a half times as long.
const AIM: f64 = 1.0 / 1.5;
/// Looks at 2,000 lines beside 100: the bound of a search.
const AIM_OF_BOUND: f64 = 0.1;

/// Each page of the large account beside that of the small one, from one server.
pub fn pages(effort: Effort) -> Result<()> {
    let site = Site::new()?;
    seed::customers(&site, SIZES.len())?;
    fill(&site)?;
    let portal = site.serve()?;
    let day = |ago| jst_day(now().unwrap_or_default() - TimeDelta::days(ago));
    // Fifty lines of the one, fifty thousand of the other.
    let middle = format!("?from={}&to={}", day(360), day(10));
    for (name, query, aim) in [
        ("first page", "", AIM),
        ("last page", "?before=51", AIM),
        ("days in the middle", middle.as_str(), AIM),
        ("found by text", "?q=%E3%81%A7%E3%82%93%E3%81%8D", AIM),
        ("nothing found", "?q=nothing", AIM_OF_BOUND),
    ] {
        println!("\n{name}");
        let requests = |n: usize| -> Result<Requests> {
            let id = FIRST_ACCOUNT + i64::try_from(n)?;
            let path = format!("/{PORTAL}/accounts/{id}/statement{query}");
            let cookies = Session::Complete.cookies(&site, n)?;
            let request = Request { cookies, ..Request::get(path) };
            Requests::write(site.folder(), &format!("statement-{n}"), &[request])
        };
        let [small, large] = NAMES;
        let small = Side { name: small, server: &portal, requests: requests(0)? };
        let large = Side { name: large, server: &portal, requests: requests(1)? };
        compare(effort, &small, &large, aim)?;
    }
    Ok(())
}

fn fill(site: &Site) -> Result<()> {
    let now = now()?;
    let mut holders = Vec::new();
    for n in 0..SIZES.len() {
        let number = seed::login_id(n);
        let find = |conn: &mut _| contracts::find_by_number(conn, PORTAL, &number);
        let found = site.services.db.read_blocking(find)?;
        holders.push(found.ok_or_else(|| anyhow!("no contract {number}"))?);
    }
    let mut rows = DemoRows::default();
    rows.accounts.push(account(INTERNAL, None, now, (0, Yen(0))));
    for ((place, size), holder) in (0..).zip(SIZES).zip(holders) {
        let id = AccountId(FIRST_ACCOUNT + place);
        let balance = movements(&mut rows, id, size, now);
        rows.accounts.push(account(id, Some(holder), now, (size, balance)));
    }
    site.services.db.write_blocking(move |conn| {
        demo::insert(conn, &rows)?;
        Ok::<_, DbError>(())
    })?;
    Ok(())
}

fn account(
    id: AccountId,
    contract_id: Option<ContractId>,
    now: UtcTime,
    (line_count, balance): (i64, Yen),
) -> AccountRow {
    let is_customers = contract_id.is_some();
    AccountRow {
        id,
        portal: PORTAL.to_owned(),
        contract_id,
        purpose: if is_customers { AccountPurpose::Customer } else { AccountPurpose::Suspense },
        branch_code: "001".to_owned(),
        branch_name: "本店営業部".to_owned(),
        account_type: if is_customers { AccountType::Checking } else { AccountType::Internal },
        number: format!("{:07}", id.0),
        holder_kana: "ｼﾗｶﾊﾞ ｼﾞﾛｳ".to_owned(),
        balance,
        line_count,
        booked_on: jst_day(now),
        opened_at: now,
    }
}

/// Money in and out in turn; every second line has the text that is searched for.
fn movements(rows: &mut DemoRows, id: AccountId, size: i64, now: UtcTime) -> Yen {
    let mut balance = Yen(0);
    for line_no in 1..=size {
        let is_in = line_no % 2 == 1;
        let amount = Yen(if is_in { 30_000 } else { -8_750 });
        balance = Yen(balance.0 + amount.0);
        let at = now - TimeDelta::minutes(DAYS * 24 * 60 * (size - line_no) / size);
        let entry_id = EntryId(i64::try_from(rows.entries.len()).unwrap_or(i64::MAX - 1) + 1);
        let booked_on = jst_day(at);
        rows.entries.push(EntryRow {
            id: entry_id,
            portal: PORTAL.to_owned(),
            kind: if is_in { "incoming_transfer" } else { "direct_debit" }.to_owned(),
            business_date: booked_on,
            posted_at: at,
            idempotency_key: format!("bench {id} {line_no}"),
            description: if is_in {
                "振込 ﾐﾔﾏｼﾖｳｼﾞ(ｶ"
            } else {
                "口座振替 ﾃﾞﾝｷ"
            }
            .to_owned(),
        });
        let posting = |account_id, amount, line: Option<(i64, Yen)>| {
            let (line_no, balance_after) = line.unzip();
            PostingRow { entry_id, account_id, amount, booked_on, line_no, balance_after }
        };
        rows.postings.push(posting(id, amount, Some((line_no, balance))));
        rows.postings.push(posting(INTERNAL, -amount, None));
    }
    balance
}
