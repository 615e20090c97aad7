//! Whatever is done in whatever order, with the clock moving: money is neither made nor lost, no
//! account falls below its floor, no limit is exceeded, and what is done twice is done once.

use madoguchi::db::DbConn;
use madoguchi::db::queries::{accounts, payments, users};
use madoguchi::domain::bill::{Bill, BillDraft, BillKind};
use madoguchi::domain::payee::{Destination, PayeeAccountType};
use madoguchi::domain::transfer::{DayRules, PayeeChoice, TransferDraft, TransferOrder};
use madoguchi::domain::user::User;
use madoguchi::operations::ledger::reverse::reverse;
use madoguchi::operations::pay_easy::pay::pay_in_tx;
use madoguchi::operations::payment::cancel::cancel_in_tx;
use madoguchi::operations::payment::run::run_batch;
use madoguchi::operations::transfer::make::make_in_tx;
use madoguchi::primitives::clock::jst_day;
use madoguchi::primitives::ids::{AccountId, PaymentId};
use madoguchi::primitives::yen::Yen;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::site::Money;

const CASES: u32 = 6;
const ACCOUNTS: [&str; 2] = ["1310072", "1310099"];
/// 花子's account.
const HANAKOS: &str = "1203345";
/// Without a token a day of `shirakaba`.
const DAILY: i64 = 500_000;

/// One thing that is done.
#[derive(Debug, Clone)]
enum Act {
    /// From one account to: the other own one, 花子's, another bank's; so much; in so many days.
    Transfer { from: usize, to: u8, yen: i64, ahead: u8 },
    /// From one account a bill of so much.
    Bill { from: usize, yen: i64 },
    /// Of the payments so far this one is taken back.
    Cancel(u8),
    /// Of the entries so far this one is corrected.
    Reverse(u8),
    /// So many hours pass.
    Wait(i64),
    /// The worker comes by, twice.
    Run,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let transfer = (0..2_usize, 0..3_u8, amounts(), 0..4_u8)
        .prop_map(|(from, to, yen, ahead)| Act::Transfer { from, to, yen, ahead });
    let one = prop_oneof![
        6 => transfer,
        2 => (0..2_usize, amounts()).prop_map(|(from, yen)| Act::Bill { from, yen }),
        1 => any::<u8>().prop_map(Act::Cancel),
        1 => any::<u8>().prop_map(Act::Reverse),
        2 => (1..30_i64).prop_map(Act::Wait),
        2 => Just(Act::Run),
    ];
    prop::collection::vec(one, 10..40)
}

fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![1..2_000_i64, 29_999..30_002_i64, 100_000..600_000_i64, 1_000_000..4_000_000_i64]
}

#[test]
fn random_acts_leave_the_ledger_and_the_limits_sound() {
    let mut runner = TestRunner::new(Config { cases: CASES, ..Config::default() });
    let result = runner.run(&acts(), |acts| {
        let money = Money::new("shirakaba");
        for act in &acts {
            does(&money, act);
        }
        money.assert_sound();
        let over = format!(
            "SELECT COUNT(*) FROM payment_totals WHERE service = 'all' AND counted_yen > {DAILY}"
        );
        prop_assert_eq!(money.number(&over), 0, "a day's limit is exceeded");
        prop_assert_eq!(money.number("SELECT COUNT(*) FROM accounts WHERE balance < floor"), 0);
        let twice = "SELECT COUNT(*) FROM (SELECT receipt_id FROM payments \
                     GROUP BY receipt_id HAVING COUNT(*) > 1) AS twice";
        prop_assert_eq!(money.number(twice), 0);
        Ok(())
    });
    result.unwrap();
}

fn does(money: &Money, act: &Act) {
    match *act {
        Act::Transfer { from, to, yen, ahead } => transfers(money, (from, to), yen, ahead),
        Act::Bill { from, yen } => pays_a_bill(money, ACCOUNTS[from], yen),
        Act::Cancel(which) => {
            let count = money.number("SELECT COUNT(*) FROM payments");
            let id = PaymentId(i64::from(which) % (count + 1) + 1);
            let ctx = money.ctx_of("shirakaba");
            drop(money.services.db.write_blocking(move |conn| {
                let user = jiro(conn);
                cancel_in_tx(conn, &ctx, &user, id)
            }));
        }
        Act::Reverse(which) => {
            let newest = money.number("SELECT MAX(id) FROM ledger_entries");
            let id = madoguchi::primitives::ids::EntryId(newest - i64::from(which % 8));
            let ctx = money.ctx_of("shirakaba");
            reverse(&money.services, &ctx, id, "test").unwrap();
        }
        Act::Wait(hours) => money.advance(hours * 3_600),
        Act::Run => {
            let ctx = money.ctx_of("shirakaba");
            for _ in 0..2 {
                run_batch(&money.services, &ctx, None, &|| true).unwrap();
            }
        }
    }
}

fn transfers(money: &Money, (from, to): (usize, u8), yen: i64, ahead: u8) {
    let ctx = money.ctx_of("shirakaba");
    let id = |number: &str| AccountId(money.account(number).parse().unwrap());
    let (from_id, other, hanako) = (id(ACCOUNTS[from]), id(ACCOUNTS[1 - from]), id(HANAKOS));
    drop(money.services.db.write_blocking(move |conn| {
        let user = jiro(conn);
        let account = accounts::get(conn, from_id)?;
        let (choice, to_account) = match to {
            0 => (PayeeChoice::Own(other), Some(other)),
            1 => (PayeeChoice::Other, Some(hanako)),
            _ => (PayeeChoice::Other, None),
        };
        let destination = match to_account {
            Some(id) => Destination::of_account(&ctx.profile, &accounts::get(conn, id)?),
            None => elsewhere(),
        };
        let days = DayRules::at(&ctx.profile, to_account.is_none(), ctx.now);
        let wished = days.today + chrono::Days::new(u64::from(ahead));
        let execute_on = if days.check(wished).is_ok() { wished } else { days.first };
        let mut draft = TransferDraft {
            from: from_id,
            to: destination,
            to_account,
            is_own_contract: to == 0,
            is_name_found: true,
            typed_holder: String::new(),
            choice,
            is_registered: false,
            order: None,
        };
        let fee = draft.fee(&ctx.profile, &account, Yen(yen), execute_on);
        draft.order = Some(TransferOrder {
            amount: Yen(yen),
            execute_on,
            sender_kana: account.holder_kana.clone(),
            typed_sender: String::new(),
            fee_yen: fee.net_yen,
            tax_yen: fee.tax_yen,
            is_at_once: days.is_at_once(execute_on),
        });
        let before = account.balance;
        let made = make_in_tx(conn, &ctx, &user, &draft)?;
        // What the page would have shown is what happens.
        let after = accounts::get(conn, from_id)?.balance;
        let is_at_once = days.is_at_once(execute_on);
        let total = if is_at_once { made.total().0 } else { 0 };
        assert_eq!(after.0, before.0 - total);
        assert_eq!(payments::get(conn, made.id)?, made);
        Ok::<_, madoguchi::operations::payment::PaymentAbort>(())
    }));
}

fn pays_a_bill(money: &Money, from: &str, yen: i64) {
    let ctx = money.ctx_of("shirakaba");
    let from = AccountId(money.account(from).parse().unwrap());
    drop(money.services.db.write_blocking(move |conn| {
        let user = jiro(conn);
        let today = jst_day(ctx.now);
        let bill = Bill {
            reference: "1".into(),
            agency: "90101".into(),
            agency_name: "しらかば市".into(),
            agency_kana: "ｼﾗｶﾊﾞｼ".into(),
            kind: BillKind::Charge,
            payer_number: "1".into(),
            category: String::new(),
            content: "料金".into(),
            payer_kana: "ｼﾗｶﾊﾞ ｼﾞﾛｳ".into(),
            amount: Yen(yen),
            late: Yen(0),
            due_on: today,
            payable_until: today,
        };
        let before = accounts::get(conn, from)?.balance;
        let paid = pay_in_tx(conn, &ctx, &user, &BillDraft { bill, from: Some(from) })?;
        assert_eq!(accounts::get(conn, from)?.balance.0, before.0 - yen);
        assert_eq!(payments::get(conn, paid.id)?, paid);
        Ok::<_, madoguchi::operations::payment::PaymentAbort>(())
    }));
}

fn jiro(conn: &mut DbConn) -> User {
    users::find_by_login_id(conn, "shirakaba", "1000000003").unwrap().unwrap()
}

fn elsewhere() -> Destination {
    Destination {
        bank_code: "0001".into(),
        bank_name: "みずほ".into(),
        branch_code: "001".into(),
        branch_name: "東京営業部".into(),
        account_type: PayeeAccountType::Ordinary,
        number: "1234567".into(),
        holder_kana: "ｳﾐﾍﾞ ﾁﾋﾛ".into(),
    }
}
