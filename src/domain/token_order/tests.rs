//! Actor x act x state x channel, every cell; and what orders cost.

use super::*;
use crate::domain::portal::Profile;

fn fees(slug: &str) -> Fees {
    let file = format!("{slug}.toml");
    let (_, text) = Profile::builtin().into_iter().find(|(name, _)| *name == file).unwrap();
    Profile::parse(&file, text).unwrap().fees
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn every_cell_of_the_life_of_an_order_is_decided() {
    use OrderState as S;
    let mut possible = Vec::new();
    for actor in [OrderActor::Administrator, OrderActor::Staff] {
        for channel in OrderChannel::ALL {
            for act in OrderAct::ALL {
                for state in OrderState::ALL {
                    for is_free in [false, true] {
                        match decide(*state, *channel, is_free, act, actor) {
                            Ok(to) => possible.push((actor, *channel, act, *state, is_free, to)),
                            Err(OrderRefusal::NotTheirs) => {
                                let both = [OrderActor::Administrator, OrderActor::Staff];
                                let other = both.into_iter().find(|other| *other != actor).unwrap();
                                let theirs = decide(*state, *channel, is_free, act, other);
                                assert_ne!(theirs, Err(OrderRefusal::NotTheirs));
                            }
                            Err(OrderRefusal::State) => {}
                        }
                    }
                }
            }
        }
    }
    let (admin, staff) = (OrderActor::Administrator, OrderActor::Staff);
    let (portal, paper) = (OrderChannel::Portal, OrderChannel::Paper);
    let both = |actor, channel, act, from, to| {
        [(actor, channel, act, from, false, to), (actor, channel, act, from, true, to)]
    };
    let mut expected = Vec::new();
    for channel in [portal, paper] {
        expected.extend(both(admin, channel, OrderAct::Withdraw, S::Requested, S::Withdrawn));
        expected.push((staff, channel, OrderAct::Accept, S::Requested, false, S::Accepted));
        expected.push((staff, channel, OrderAct::Accept, S::Requested, true, S::Debited));
        expected.extend(both(staff, channel, OrderAct::Debit, S::Accepted, S::Debited));
        expected.extend(both(staff, channel, OrderAct::Ship, S::Debited, S::Shipped));
        expected.extend(both(staff, channel, OrderAct::Cancel, S::Requested, S::Withdrawn));
        expected.extend(both(staff, channel, OrderAct::Cancel, S::Accepted, S::Withdrawn));
        expected.push((staff, channel, OrderAct::Cancel, S::Debited, true, S::Withdrawn));
    }
    expected.extend(both(admin, portal, OrderAct::Receive, S::Shipped, S::Received));
    expected.extend(both(staff, paper, OrderAct::Receive, S::Shipped, S::Received));
    assert_eq!(possible.len(), expected.len());
    for cell in &expected {
        assert!(possible.contains(cell), "{cell:?}");
    }
}

#[test]
fn fees_by_reason_number_and_day() {
    use OrderItem::{Card, Hardware};
    use OrderReason as R;
    let aoba = fees("aoba");
    // Reason, number, whether the contract has had a token, day, net and tax.
    let tokens = [
        (R::Further, 1, false, "2016-06-01", 0, 0),
        (R::Further, 1, true, "2016-06-01", 1_000, 80),
        (R::Further, 3, false, "2016-06-01", 2_000, 160),
        (R::Further, 3, true, "2014-03-31", 3_000, 150),
        (R::Further, 3, true, "2014-04-01", 3_000, 240),
        (R::Further, 3, true, "2019-09-30", 3_000, 240),
        (R::Further, 3, true, "2019-10-01", 3_000, 300),
        (R::Faulty, 2, true, "2026-11-24", 2_000, 200),
        (R::Lost, 1, true, "2026-11-24", 1_000, 100),
        (R::Expired, 20, true, "2026-11-24", 0, 0),
        // Before there was such a tax.
        (R::Lost, 1, true, "1989-01-01", 1_000, 0),
    ];
    // A card costs the same for every reason, and the first token has nothing to do with it.
    let cards = [
        (R::Lost, 1, true, "2014-03-31", 1_500, 75),
        (R::Lost, 1, false, "2017-07-24", 1_500, 120),
        (R::Faulty, 1, true, "2019-09-30", 1_500, 120),
        (R::Faulty, 1, false, "2019-10-01", 1_500, 150),
    ];
    let all = tokens.map(|row| (Hardware, row)).into_iter().chain(cards.map(|row| (Card, row)));
    for (item, (reason, quantity, has_tokens, on, net_yen, tax_yen)) in all {
        let wanted = Wanted::new(item, reason, quantity).unwrap();
        let shown = fee(&aoba, wanted, has_tokens, day(on));
        assert_eq!(shown, Fee { net_yen, tax_yen }, "{wanted:?} {has_tokens} {on}");
    }
}

#[test]
fn of_a_card_there_is_one_in_place_of_the_old() {
    let is_placed = |item, reason, quantity| Wanted::new(item, reason, quantity).is_some();
    for item in OrderItem::ALL {
        for reason in OrderReason::ALL {
            let replaces = matches!(reason, OrderReason::Lost | OrderReason::Faulty);
            for (quantity, is_possible) in
                [(0, false), (1, true), (2, !item.is_card()), (20, !item.is_card()), (21, false)]
            {
                let expected = is_possible && (replaces || !item.is_card());
                assert_eq!(is_placed(*item, *reason, quantity), expected, "{item} {reason}");
            }
        }
        let kind = TokenKind::from_text(item.as_str());
        assert_eq!(item.kind(), kind);
        assert!(kind.is_none_or(|kind| OrderItem::from(kind) == *item));
    }
}

#[test]
fn the_tax_is_cut_to_whole_yen_on_the_sum_and_never_more_than_its_rate() {
    let mut odd = fees("aoba");
    for net in [1_i64, 9, 11, 99, 101, 333, 1_009, 12_345] {
        odd.token.further_yen = net;
        for quantity in 1..=QUANTITY_MAX {
            for on in ["2014-03-31", "2014-04-01", "2019-10-01"] {
                let on = day(on);
                let (item, reason) = (OrderItem::Hardware, OrderReason::Further);
                let shown = fee(&odd, Wanted { item, reason, quantity }, true, on);
                let rate = i64::from(odd.tax_percent(on));
                assert_eq!(shown.net_yen, net * i64::from(quantity));
                // 0 <= exact - tax < 1 yen, in hundredths.
                let rest = shown.net_yen * rate - shown.tax_yen * 100;
                assert!((0..100).contains(&rest), "{net} x {quantity} on {on}: {rest}");
                assert_eq!(shown.total_yen(), shown.net_yen + shown.tax_yen);
            }
        }
    }
}
