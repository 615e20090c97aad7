use super::*;
use crate::primitives::clock::parse_rfc3339;

/// `on_request`: 200,000 yen without a token.
fn minori() -> Profile {
    profile("minori.toml", &[])
}

/// `at_once`: 500,000 yen without a token.
fn kodama() -> Profile {
    profile("kodama.toml", &[])
}

fn profile(file: &str, changes: &[(&str, &str)]) -> Profile {
    let all = Profile::builtin();
    let mut text = all.into_iter().find(|(name, _)| *name == file).unwrap().1.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    Profile::parse(file, &text).unwrap()
}

fn at(text: &str) -> UtcTime {
    parse_rfc3339(text).unwrap()
}

fn noon() -> UtcTime {
    at("2026-11-24T12:00:10+09:00")
}

fn amounts(per_transaction: i64, daily: i64) -> LimitAmounts {
    LimitAmounts { per_transaction: Yen(per_transaction), daily: Yen(daily) }
}

fn set(transfer: (i64, i64), pay_easy: (i64, i64)) -> LimitSet {
    LimitSet::from([
        (LimitService::Transfer, amounts(transfer.0, transfer.1)),
        (LimitService::PayEasy, amounts(pay_easy.0, pay_easy.1)),
    ])
}

fn row(transfer: (i64, i64), pay_easy: (i64, i64)) -> CustomerLimits {
    CustomerLimits {
        transfer_per_transaction_yen: Some(Yen(transfer.0)),
        transfer_daily_yen: Some(Yen(transfer.1)),
        pay_easy_per_transaction_yen: Some(Yen(pay_easy.0)),
        pay_easy_daily_yen: Some(Yen(pay_easy.1)),
        ..CustomerLimits::default()
    }
}

fn rising(row: CustomerLimits, transfer: (i64, i64), pay_easy: (i64, i64)) -> CustomerLimits {
    CustomerLimits {
        rise_transfer_per_transaction_yen: Some(Yen(transfer.0)),
        rise_transfer_daily_yen: Some(Yen(transfer.1)),
        rise_pay_easy_per_transaction_yen: Some(Yen(pay_easy.0)),
        rise_pay_easy_daily_yen: Some(Yen(pay_easy.1)),
        rise_requested_at: Some(noon()),
        rise_at: Some(at("2026-11-27T00:00:00+09:00")),
        ..row
    }
}

const LOW: (i64, i64) = (200_000, 200_000);
const HIGH: (i64, i64) = (500_000, 1_000_000);

#[test]
fn the_limit_without_a_token_holds_over_all_services_and_stays_after_a_start() {
    let profile = minori();
    for has_token in [false, true] {
        let standing = LimitStanding::at(&profile, &CustomerLimits::default(), has_token, noon());
        assert_eq!(standing.effective, set(LOW, LOW), "{has_token}");
        assert_eq!(standing.total_daily, Some(Yen(200_000)), "{has_token}");
        let most = if has_token { (1_000_000, 1_000_000) } else { (200_000, 200_000) };
        let maximum: Vec<_> = standing.maximum.values().map(|yen| yen.0).collect();
        assert_eq!(maximum, [most.0, most.1]);
    }
    // After a rise has taken effect it holds with the token only.
    let risen = row(HIGH, LOW);
    let with = LimitStanding::at(&profile, &risen, true, noon());
    assert_eq!((with.effective.clone(), with.total_daily), (set(HIGH, LOW), None));
    let without = LimitStanding::at(&profile, &risen, false, noon());
    assert_eq!((without.effective, without.total_daily), (set(LOW, LOW), Some(Yen(200_000))));
    assert_eq!(with.brought_back(&profile), Some(set(LOW, LOW)));
    let low = LimitStanding::at(&profile, &row(LOW, LOW), true, noon());
    assert_eq!(low.brought_back(&profile), None);
}

#[test]
fn where_the_profile_says_at_once_the_own_limits_hold_from_the_start_on() {
    let profile = kodama();
    let none = CustomerLimits::default();
    let without = LimitStanding::at(&profile, &none, false, noon());
    let half = (500_000, 500_000);
    assert_eq!((without.effective, without.total_daily), (set(half, half), Some(Yen(500_000))));
    let with = LimitStanding::at(&profile, &none, true, noon());
    let whole = (1_000_000, 1_000_000);
    assert_eq!((with.effective.clone(), with.total_daily), (set(whole, whole), None));
    assert_eq!(with.brought_back(&profile), None);
}

#[test]
fn a_mandatory_token_leaves_nothing_without_one() {
    let profile = profile(
        "shirakaba.toml",
        &[
            ("token_mandatory = false", "token_mandatory = true"),
            ("without_token_daily_yen = 500_000\n", ""),
        ],
    );
    let none = CustomerLimits::default();
    let without = LimitStanding::at(&profile, &none, false, noon());
    assert_eq!((without.effective, without.total_daily), (set((0, 0), (0, 0)), Some(Yen(0))));
    assert_eq!(without.maximum[&LimitService::Transfer], Yen(0));
    let with = LimitStanding::at(&profile, &none, true, noon());
    assert_eq!(with.effective[&LimitService::Transfer], amounts(1_000_000, 1_000_000));
}

#[test]
fn the_application_binds_what_holds_and_what_can_be_asked_for() {
    let profile = minori();
    let applied = CustomerLimits { transfer_applied_yen: Some(Yen(300_000)), ..row(HIGH, LOW) };
    let standing = LimitStanding::at(&profile, &applied, true, noon());
    assert_eq!(standing.effective[&LimitService::Transfer], amounts(300_000, 300_000));
    assert_eq!(standing.maximum[&LimitService::Transfer], Yen(300_000));
    let above = CustomerLimits { transfer_applied_yen: Some(Yen(9_000_000)), ..row(HIGH, LOW) };
    let standing = LimitStanding::at(&profile, &above, true, noon());
    assert_eq!(standing.maximum[&LimitService::Transfer], Yen(5_000_000), "the profile's ceiling");
}

/// `daily_yen` is what every contract begins with. Where a rise goes up to the application, none is
/// on record for more; where it needs none, the screen's own ceiling is the bound.
#[test]
fn without_an_application_the_bound_follows_from_what_a_rise_rests_on() {
    let none = row(LOW, LOW);
    let most = |profile: &Profile, row: &CustomerLimits| {
        let standing = LimitStanding::at(profile, row, true, noon());
        standing.maximum.values().map(|yen| yen.0).collect::<Vec<_>>()
    };
    assert_eq!(most(&minori(), &none), [1_000_000, 1_000_000]);
    assert_eq!(most(&kodama(), &none), [5_000_000, 3_000_000]);
    let applied = CustomerLimits { transfer_applied_yen: Some(Yen(3_000_000)), ..none };
    assert_eq!(most(&minori(), &applied), [3_000_000, 1_000_000]);
    assert_eq!(most(&kodama(), &applied), [3_000_000, 3_000_000]);
}

#[test]
fn a_rise_holds_from_its_moment_on_and_not_before() {
    let profile = minori();
    let waiting = rising(row(LOW, LOW), HIGH, LOW);
    let due = waiting.rise_at.unwrap();
    let before = due - chrono::TimeDelta::microseconds(1);
    let standing = LimitStanding::at(&profile, &waiting, true, before);
    assert_eq!(standing.effective, set(LOW, LOW));
    assert_eq!(standing.pending.as_ref().map(|rise| rise.takes_effect_at), Some(due));
    assert!(waiting.rises_beyond_no_token(&profile));
    let changes = standing.pending_changes();
    assert_eq!(changes.len(), 2);
    assert!(changes.iter().all(|change| change.from == Some(due)));
    let standing = LimitStanding::at(&profile, &waiting, true, due);
    assert_eq!((standing.effective, standing.pending), (set(HIGH, LOW), None));
    assert_eq!(standing.total_daily, None);
    let without = LimitStanding::at(&profile, &waiting, false, due);
    assert_eq!(without.effective, set(LOW, LOW), "not without a token");
}

/// Staff may lower the application while a rise waits: what is announced is what will hold.
#[test]
fn a_waiting_rise_leads_no_further_than_what_will_hold() {
    let profile = minori();
    let waiting = rising(row(LOW, LOW), HIGH, LOW);
    let due = waiting.rise_at.unwrap();
    for (applied, after, changes) in [
        (3_000_000, Some(HIGH), 2),
        (600_000, Some((500_000, 600_000)), 2),
        (300_000, Some((300_000, 300_000)), 2),
        (200_000, None, 0),
        (100_000, None, 0),
    ] {
        let row = CustomerLimits { transfer_applied_yen: Some(Yen(applied)), ..waiting.clone() };
        let before = LimitStanding::at(&profile, &row, true, noon());
        assert_eq!(before.pending_changes().len(), changes, "{applied}");
        let then = LimitStanding::at(&profile, &row, true, due);
        let to = before.pending.as_ref().map(|rise| rise.to.clone());
        assert_eq!(to, after.map(|after| set(after, LOW)), "{applied}");
        assert_eq!(to.unwrap_or(before.effective), then.effective, "{applied}");
        assert!(row.rises_beyond_no_token(&profile), "{applied}: staff may raise it again");
    }
    // Nor beyond the limit without a token: what was left as it shows stays as it shows.
    let (whole, half) = ((1_000_000, 1_000_000), (500_000, 500_000));
    let waiting = rising(row((100_000, 100_000), whole), (300_000, 300_000), whole);
    let standing = LimitStanding::at(&kodama(), &waiting, false, noon());
    let to = standing.pending.as_ref().map(|rise| rise.to.clone());
    assert_eq!(to, Some(set((300_000, 300_000), half)));
    assert_eq!(standing.pending_changes().len(), 2);
}

#[test]
fn what_the_application_changes_at_once_is_named() {
    let profile = minori();
    let held = LimitStanding::at(&profile, &row(LOW, LOW), true, noon());
    let lower = CustomerLimits { transfer_applied_yen: Some(Yen(150_000)), ..row(LOW, LOW) };
    let lower = LimitStanding::at(&profile, &lower, true, noon());
    let changes = held.changes_to(&lower);
    assert_eq!(changes.len(), 2);
    for change in &changes {
        assert_eq!((change.service, change.from), (LimitService::Transfer, None));
        assert_eq!((change.before, change.after), (Yen(200_000), Yen(150_000)));
    }
    assert_eq!(held.changes_to(&held), []);
}

#[test]
fn a_draft_of_an_older_version_is_read() {
    let draft = LimitDraft {
        act: LimitAct::Change,
        requested: set(HIGH, LOW),
        seen: set(LOW, LOW),
        rise_at: Some(noon()),
    };
    let text = serde_json::to_string(&draft).unwrap();
    assert_eq!(serde_json::from_str::<LimitDraft>(&text).unwrap(), draft);
    let older = text.replace(r#","rise_at":"2026-11-24T03:00:10""#, "");
    assert!(older.len() < text.len(), "{text}");
    let read: LimitDraft = serde_json::from_str(&older).unwrap();
    assert_eq!(read, LimitDraft { rise_at: None, ..draft });
}

#[test]
fn three_days_are_counted_by_the_day_in_japan() {
    let limits = minori().limits;
    for (asked, from) in [
        ("2026-11-24T00:00:00+09:00", "2026-11-27T00:00:00+09:00"),
        ("2026-11-24T23:59:59.999999+09:00", "2026-11-27T00:00:00+09:00"),
        ("2026-11-25T00:00:00+09:00", "2026-11-28T00:00:00+09:00"),
        ("2026-12-30T12:00:00+09:00", "2027-01-02T00:00:00+09:00"),
        ("2028-02-27T12:00:00+09:00", "2028-03-01T00:00:00+09:00"),
    ] {
        assert_eq!(rise_at(&limits, at(asked)), Some(at(from)), "{asked}");
    }
    assert_eq!(rise_at(&Limits { rise_after_days: 0, ..limits }, noon()), None);
}

#[test]
fn of_a_request_what_is_lower_holds_at_once_and_what_is_higher_waits() {
    let profile = minori();
    let now = row((100_000, 200_000), LOW);
    let standing = LimitStanding::at(&profile, &now, true, noon());
    let wanted = set((300_000, 500_000), (100_000, 150_000));
    let plan = standing.plan(&profile.limits, &wanted, noon()).unwrap();
    assert_eq!(plan.at_once, set((100_000, 200_000), (100_000, 150_000)));
    let due = at("2026-11-27T00:00:00+09:00");
    assert_eq!(plan.rise, Some((wanted.clone(), due)));
    let from: Vec<_> = plan.changes.iter().map(|change| change.from).collect();
    assert_eq!(from, [Some(due), Some(due), None, None]);
    let effective = standing.effective.clone();
    assert_eq!(standing.plan(&profile.limits, &effective, noon()), None, "nothing changes");
    let only_lower = set((100_000, 150_000), LOW);
    let plan = standing.plan(&profile.limits, &only_lower, noon()).unwrap();
    assert_eq!((plan.at_once, plan.rise), (only_lower, None));
    // Where a rise does not wait, all of it holds at once.
    let at_once = Limits { rise_after_days: 0, ..profile.limits };
    let plan = standing.plan(&at_once, &wanted, noon()).unwrap();
    assert_eq!((plan.at_once, plan.rise), (wanted, None));
    assert!(plan.changes.iter().all(|change| change.from.is_none()));
}

#[test]
fn what_a_request_leaves_as_it_shows_keeps_what_lies_behind_it() {
    let profile = kodama();
    let standing = LimitStanding::at(&profile, &CustomerLimits::default(), false, noon());
    let half = (500_000, 500_000);
    let plan = standing.plan(&profile.limits, &set(half, (100_000, 100_000)), noon()).unwrap();
    assert_eq!(plan.at_once, set((1_000_000, 1_000_000), (100_000, 100_000)));
    // Where the limit stays after a start, a rise of one service leaves the other where it is.
    let profile = minori();
    let standing = LimitStanding::at(&profile, &CustomerLimits::default(), true, noon());
    let plan = standing.plan(&profile.limits, &set(HIGH, LOW), noon()).unwrap();
    assert_eq!(plan.rise.unwrap().0, set(HIGH, LOW));
}

#[test]
fn what_cannot_be_asked_for_is_named() {
    use {LimitProblemKind as P, LimitService as S, LimitSpan as T};
    let profile = minori();
    let odd = CustomerLimits {
        transfer_applied_yen: Some(Yen(9_000_000)),
        pay_easy_applied_yen: Some(Yen(9_000_000)),
        ..row((123_456, 200_000), LOW)
    };
    let standing = LimitStanding::at(&profile, &odd, true, noon());
    let unit = Yen(10_000);
    let cases = [
        (set((0, 200_000), LOW), S::Transfer, T::PerTransaction, P::BelowUnit(unit)),
        (set((9_999, 200_000), LOW), S::Transfer, T::PerTransaction, P::BelowUnit(unit)),
        (set((10_001, 200_000), LOW), S::Transfer, T::PerTransaction, P::NotInUnit(unit)),
        (set((210_000, 200_000), LOW), S::Transfer, T::PerTransaction, P::AboveDaily),
        (set((10_000, 205_000), LOW), S::Transfer, T::Daily, P::NotInUnit(unit)),
        (set((10_000, 5_010_000), LOW), S::Transfer, T::Daily, P::AboveMaximum(Yen(5_000_000))),
        (
            set((10_000, 200_000), (10_000, 3_010_000)),
            S::PayEasy,
            T::Daily,
            P::AboveMaximum(Yen(3_000_000)),
        ),
    ];
    for (requested, service, span, why) in cases {
        let found = standing.problems(&profile.limits, &requested);
        assert_eq!(found, [LimitProblem { service, span, why }], "{requested:?}");
    }
    for good in [
        set((10_000, 10_000), (10_000, 10_000)),
        set((5_000_000, 5_000_000), (3_000_000, 3_000_000)),
        // What holds can be left as it is, in the unit or not.
        set((123_456, 200_000), LOW),
    ] {
        assert_eq!(standing.problems(&profile.limits, &good), [], "{good:?}");
    }
    let without = LimitStanding::at(&profile, &CustomerLimits::default(), false, noon());
    let found = without.problems(&profile.limits, &set((10_000, 210_000), LOW));
    assert_eq!(found[0].why, P::AboveMaximum(Yen(200_000)));
}
