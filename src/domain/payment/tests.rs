//! Which sums a payment counts for, and what they may reach.

use super::*;
use crate::domain::limit::LimitAmounts;

fn limits(per_transaction: i64, daily: i64) -> LimitSet {
    let amounts = LimitAmounts { per_transaction: Yen(per_transaction), daily: Yen(daily) };
    [(LimitService::Transfer, amounts)].into()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn counted(amount: i64) -> Counted {
    Counted {
        service: LimitService::Transfer,
        amount: Yen(amount),
        on_day: day("2026-11-24"),
        is_payee_known: true,
    }
}

fn retail() -> LimitBasis {
    LimitBasis {
        contract: limits(100, 300),
        user: None,
        total_daily: None,
        has_token: true,
        hold: None,
        company_daily: None,
    }
}

fn short(all: Vec<Ceiling>) -> Vec<(TotalService, Option<i64>, Option<i64>, PaymentObstacle)> {
    all.iter()
        .map(|one| {
            let user_id = one.user_id.map(|id| id.0);
            (one.service, user_id, one.most.map(|most| most.0), one.obstacle)
        })
        .collect()
}

#[test]
fn a_customer_counts_for_the_service_and_for_everything() {
    use PaymentObstacle as O;
    use TotalService as S;
    let daily = (S::Transfer, None, Some(300), O::Daily);
    assert_eq!(
        short(ceilings(&retail(), &counted(100)).unwrap()),
        [daily, (S::All, None, None, O::DailyTotal)]
    );
    assert_eq!(ceilings(&retail(), &counted(101)), Err(O::PerTransaction));
    let without_token = LimitBasis { total_daily: Some(Yen(200)), ..retail() };
    assert_eq!(
        short(ceilings(&without_token, &counted(100)).unwrap()),
        [daily, (S::All, None, Some(200), O::DailyTotal)]
    );
    let pay_easy = Counted { service: LimitService::PayEasy, ..counted(1) };
    assert_eq!(ceilings(&retail(), &pay_easy), Err(O::PerTransaction), "no such service");
}

#[test]
fn a_user_of_a_company_has_sums_of_their_own() {
    use PaymentObstacle as O;
    use TotalService as S;
    let company = LimitBasis {
        user: Some((UserId(7), limits(50, 60))),
        total_daily: Some(Yen(200)),
        ..retail()
    };
    assert_eq!(
        short(ceilings(&company, &counted(50)).unwrap()),
        [
            (S::Transfer, None, Some(300), O::Daily),
            (S::All, Some(7), Some(200), O::DailyTotal),
            (S::All, None, None, O::DailyTotal),
            (S::Transfer, Some(7), Some(60), O::UserDaily),
        ]
    );
    assert_eq!(ceilings(&company, &counted(51)), Err(O::PerTransaction));
    let unapplied = LimitBasis { company_daily: Some(Yen(200)), ..company };
    assert_eq!(
        short(ceilings(&unapplied, &counted(50)).unwrap())[2],
        (S::All, None, Some(200), O::DailyTotal),
        "all users together"
    );
}

#[test]
fn without_a_token_the_missing_token_is_the_reason_where_it_limits() {
    use PaymentObstacle as O;
    use TotalService as S;
    let basis = |per_transaction, daily| LimitBasis {
        contract: limits(per_transaction, daily),
        total_daily: Some(Yen(200)),
        has_token: false,
        ..retail()
    };
    let all = (S::All, None, Some(200), O::NoToken);
    // Lowered to the limit without a token, or lower by the customer's own choice.
    for (per_transaction, daily, once, of_daily) in [
        (200, 200, O::NoToken, O::NoToken),
        (100, 200, O::PerTransaction, O::NoToken),
        (100, 150, O::PerTransaction, O::Daily),
    ] {
        let basis = basis(per_transaction, daily);
        assert_eq!(ceilings(&basis, &counted(per_transaction + 1)), Err(once));
        let found = short(ceilings(&basis, &counted(per_transaction)).unwrap());
        assert_eq!(found, [(S::Transfer, None, Some(daily), of_daily), all]);
    }
    let with_token = LimitBasis { has_token: true, ..basis(200, 200) };
    assert_eq!(ceilings(&with_token, &counted(201)), Err(O::PerTransaction));
    // The contract's limits are everybody's, whoever has a token.
    let company = LimitBasis { user: Some((UserId(7), limits(200, 200))), ..basis(300, 200) };
    assert_eq!(ceilings(&company, &counted(201)), Err(O::NoToken));
    let found = short(ceilings(&company, &counted(200)).unwrap());
    assert_eq!(found[0], (S::Transfer, None, Some(200), O::Daily));
    assert_eq!(found[1], (S::All, Some(7), Some(200), O::NoToken));
}

#[test]
fn a_hold_lets_little_through_and_nothing_to_the_unknown() {
    use PaymentObstacle as O;
    let at = |text: &str| text.parse::<UtcTime>().unwrap();
    let rules = Hold { hours: 24, daily_yen: 80 };
    let now = at("2026-11-24T01:00:00");
    let until = at("2026-11-24T14:59:59");
    assert_eq!(HoldBasis::at(&rules, (None, None), now), None);
    assert_eq!(HoldBasis::at(&rules, (None, Some(now)), now), None, "over at its end");
    let hold = HoldBasis::at(&rules, (None, Some(until)), now);
    assert!(hold.unwrap().from < at("2026-01-01T00:00:00"), "nobody knows since when");
    let known = HoldBasis::at(&rules, (Some(now), Some(until)), now).unwrap();
    assert_eq!((known.from, known.until), (now, until));
    let held = LimitBasis { hold, total_daily: Some(Yen(200)), ..retail() };
    let of_all = |basis: &LimitBasis, on: &str| {
        let counted = Counted { on_day: day(on), ..counted(10) };
        let all = ceilings(basis, &counted).unwrap();
        let all = all.iter().find(|one| one.service == TotalService::All).unwrap();
        (all.most.map(|most| most.0), all.obstacle)
    };
    assert_eq!(of_all(&held, "2026-11-24"), (Some(80), O::HoldDaily));
    assert_eq!(of_all(&held, "2026-11-25"), (Some(200), O::DailyTotal), "after the hold");
    let files = LimitBasis {
        contract: [(LimitService::Files, limits(100, 300)[&LimitService::Transfer])].into(),
        ..held.clone()
    };
    let file = Counted { service: LimitService::Files, on_day: day("2026-11-27"), ..counted(10) };
    let all = ceilings(&files, &file).unwrap();
    assert!(all.iter().any(|one| one.obstacle == O::HoldDaily), "files whatever their day");
    let lower = LimitBasis { total_daily: Some(Yen(70)), ..held.clone() };
    assert_eq!(of_all(&lower, "2026-11-24"), (Some(70), O::DailyTotal));
    for on in ["2026-11-24", "2026-11-25"] {
        let unknown = Counted { is_payee_known: false, on_day: day(on), ..counted(10) };
        assert_eq!(ceilings(&held, &unknown), Err(O::HoldPayee), "whatever the day");
    }
}

#[test]
fn a_reservation_can_be_taken_back_until_the_day_before() {
    let mut payment = Payment {
        id: PaymentId(1),
        portal: "p".into(),
        contract_id: ContractId(1),
        user_id: UserId(1),
        kind: PaymentKind::Transfer,
        state: PaymentState::Reserved,
        reason: None,
        account_id: AccountId(1),
        to_account_id: None,
        bank_code: "0001".into(),
        bank_name: String::new(),
        branch_code: "001".into(),
        branch_name: String::new(),
        account_type: Some(PayeeAccountType::Ordinary),
        number: "0000001".into(),
        holder_kana: String::new(),
        sender_kana: String::new(),
        amount_yen: Yen(1_000),
        net_yen: Yen(200),
        tax_yen: Yen(20),
        execute_on: day("2026-11-24"),
        receipt_number: 1,
        receipt_id: ReceiptId(1),
        entry_id: None,
        requested_at: "2026-11-20T00:00:00".parse().unwrap(),
        ended_at: None,
    };
    assert_eq!(payment.total(), Yen(1_220));
    // Midnight of Japan is 15:00 of UTC.
    for (now, standing) in [
        ("2026-11-23T14:59:59.999999", PaymentStanding::Reserved),
        ("2026-11-23T15:00:00", PaymentStanding::Accepted),
        ("2026-11-24T00:30:00", PaymentStanding::Accepted),
    ] {
        let now = now.parse().unwrap();
        assert_eq!(payment.standing(now), standing, "{now}");
        assert_eq!(payment.can_cancel(now), standing == PaymentStanding::Reserved);
    }
    let now = "2026-11-20T00:00:00".parse().unwrap();
    for (state, standing) in [
        (PaymentState::Done, PaymentStanding::Done),
        (PaymentState::Cancelled, PaymentStanding::Cancelled),
        (PaymentState::Failed, PaymentStanding::Failed),
    ] {
        payment.state = state;
        assert_eq!((payment.standing(now), payment.can_cancel(now)), (standing, false));
    }
}
