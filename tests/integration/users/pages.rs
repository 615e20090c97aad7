//! Pages of lists, read straight from the database, beside what looking at every user gives; and
//! the number of users that the database keeps.

use std::collections::BTreeSet;

use madoguchi::db::queries::member_lists::{self, COUNTED_MAX, MemberFilter, PageOf, Total};
use madoguchi::db::queries::{closing, members};
use madoguchi::db::{DbConn, DbError};
use madoguchi::domain::member::{Member, MemberState};
use madoguchi::domain::user::Role;
use madoguchi::primitives::ids::{ContractId, UserId};

use super::site::{Company, HANAKO, SABURO, SHINJIN};

const FAILURES_MAX: i32 = 5;
const SIZE: i64 = 20;
const MANY: i64 = 3_500;

impl Company {
    fn contract(&self) -> ContractId {
        ContractId(self.number("SELECT contract_id FROM users WHERE login_id = 'hanakodt'"))
    }

    /// Every way in which a user can stand, in each role, with tokens and without, some deleted.
    fn mix(&self) {
        for (set, which) in [
            ("paused_at = '2026-11-01 00:00:00'", "id % 8 = 0"),
            ("login_locked_at = '2026-11-01 00:00:00'", "id / 8 % 8 = 0"),
            ("confirm_locked_at = '2026-11-01 00:00:00'", "id / 64 % 4 = 0"),
            ("setup_state = 'initial'", "id / 3 % 3 = 0"),
            ("setup_state = 'mail_pending'", "id / 3 % 3 = 1"),
            ("deleted_at = '2026-11-01 00:00:00'", "id % 11 = 0"),
            ("role = 'administrator'", "id % 7 = 0"),
            ("role = 'master'", "id % 101 = 0"),
            ("name = 'Many ' || id", "id % 13 = 0"),
            ("token_id = (SELECT id FROM tokens WHERE serial = '23456789')", "id % 5 = 0"),
            ("token_id = (SELECT id FROM tokens WHERE serial = '78100641')", "id % 5 = 1"),
        ] {
            self.execute(&format!(
                "UPDATE users SET {set} WHERE login_id LIKE 'many%' AND {which}"
            ));
        }
    }

    /// The column beside the rule, deleted users too.
    fn assert_standing_is_the_rule(&self) {
        let columns = "COALESCE(CAST({} AS TEXT), '')";
        let columns = ["paused_at", "login_locked_at", "confirm_locked_at", "setup_state"]
            .map(|name| columns.replace("{}", name))
            .join(" || '/' || ");
        let sql = format!("SELECT DISTINCT {columns} || '/' || standing AS value FROM users");
        let mut seen = BTreeSet::new();
        for line in self.texts(&sql) {
            let parts: Vec<&str> = line.split('/').collect();
            let [paused, login, confirm, setup, standing] = parts[..] else { panic!("{line}") };
            let state = if !paused.is_empty() {
                "paused"
            } else if !login.is_empty() || !confirm.is_empty() {
                "locked"
            } else if setup == "initial" {
                "initial"
            } else {
                "active"
            };
            assert_eq!(standing, state, "{line}");
            seen.insert((
                !paused.is_empty(),
                !login.is_empty(),
                !confirm.is_empty(),
                setup.to_owned(),
            ));
        }
        assert_eq!(seen.len(), 24, "some combination is missing");
    }

    /// Contracts whose number of users is not what it should be.
    #[track_caller]
    fn assert_counted(&self, after: &str) {
        let wrong = self.number(
            "SELECT COUNT(*) FROM contracts WHERE user_count <> (SELECT COUNT(*) FROM users \
             WHERE contract_id = contracts.id AND deleted_at IS NULL)",
        );
        assert_eq!(wrong, 0, "after {after}");
    }
}

/// Everybody who is there.
fn all(conn: &mut DbConn, contract_id: ContractId) -> Result<Vec<Member>, DbError> {
    let ids: Vec<UserId> = (1..MANY + 1_000).map(UserId).collect();
    members::find_all(conn, contract_id, &ids)
}

fn naive<'a>(all: &'a [Member], filter: &MemberFilter) -> Vec<&'a Member> {
    let has =
        |value: &str, part: &str| value.to_ascii_lowercase().contains(&part.to_ascii_lowercase());
    let fits = |member: &&Member| {
        let text = filter.text.as_deref().unwrap_or_default();
        (has(&member.login_id, text) || has(&member.name, text))
            && filter.role.is_none_or(|role| member.role == role)
            && filter.state.is_none_or(|state| member.state() == state)
            && filter.is_suspended.is_none_or(|is| member.is_suspended(FAILURES_MAX) == is)
    };
    let mut found: Vec<&Member> = all.iter().filter(fits).collect();
    if filter.is_by_name {
        found.sort_by_key(|member| (&member.name, &member.login_id));
    } else {
        found.sort_by_key(|member| &member.login_id);
    }
    found
}

fn filters() -> Vec<MemberFilter> {
    let texts = [None, Some("MANY10"), Some("多数8"), Some("89617"), Some("many 1"), Some("_")];
    let roles = [None, Some(Role::General), Some(Role::Administrator), Some(Role::Master)];
    let states = MemberState::ALL.iter().copied().map(Some).chain([None]);
    let mut all = Vec::new();
    for state in states {
        for role in roles {
            for text in texts {
                let text = text.map(str::to_owned);
                all.push(MemberFilter { text, role, state, ..MemberFilter::default() });
            }
            for is_suspended in [Some(true), Some(false)] {
                all.push(MemberFilter { is_suspended, role, state, ..MemberFilter::default() });
            }
        }
    }
    let by_name = all.clone().into_iter().map(|one| MemberFilter { is_by_name: true, ..one });
    all.extend(by_name);
    all
}

fn compare(
    conn: &mut DbConn,
    contract_id: ContractId,
    all: &[Member],
    filter: &MemberFilter,
) -> Result<(), DbError> {
    let expected = naive(all, filter);
    let count = i64::try_from(expected.len()).unwrap();
    let last = (count - 1).max(0) / SIZE;
    let is_whole = *filter == MemberFilter { is_by_name: filter.is_by_name, ..Default::default() };
    let pages: BTreeSet<i64> = [0, 1, last / 2, last / 2 + 1, last - 1, last, last + 1].into();
    for page in pages.into_iter().filter(|page| *page >= 0) {
        let what = format!("{filter:?}, page {page} of {count}");
        let page_of = PageOf { size: SIZE, page };
        let (found, total) = member_lists::list(conn, contract_id, filter, FAILURES_MAX, page_of)?;
        let skipped = expected.iter().skip(usize::try_from(page * SIZE).unwrap());
        let lines: Vec<&Member> = skipped.take(usize::try_from(SIZE).unwrap()).copied().collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), lines, "{what}");
        match total {
            Total::Exact(total) => assert_eq!(total, count, "{what}"),
            Total::AtLeast(total) => {
                assert!(!is_whole && total == COUNTED_MAX && count >= COUNTED_MAX, "{what}");
                // Whoever sees lines is told that there are more.
                assert!(found.is_empty() || page < last, "{what}");
            }
        }
        assert!(count >= COUNTED_MAX || total == Total::Exact(count), "{what}");
    }
    Ok(())
}

#[tokio::test]
async fn every_page_is_what_looking_at_everybody_gives() {
    let app = Company::new();
    app.fill(MANY);
    app.mix();
    app.assert_counted("many changes");
    app.assert_standing_is_the_rule();
    let contract_id = app.contract();
    let compared = app.services.db.read_blocking(|conn| {
        let all = all(conn, contract_id)?;
        assert_eq!(i64::try_from(all.len()).unwrap(), members::count(conn, contract_id)?);
        let masters = all
            .iter()
            .filter(|member| member.role == Role::Master && member.state() != MemberState::Paused);
        assert_eq!(
            i64::try_from(masters.count()).unwrap(),
            members::count_masters(conn, contract_id)?
        );
        for filter in filters() {
            compare(conn, contract_id, &all, &filter)?;
        }
        Ok::<_, DbError>(())
    });
    compared.unwrap();
}

#[tokio::test]
async fn the_kept_number_follows_every_act() {
    let app = Company::new();
    app.assert_counted("the demo's loading");
    let contract_id = app.contract();
    let count = || app.services.db.read_blocking(|conn| members::count(conn, contract_id)).unwrap();
    let before = count();
    let browser = app.logged_in(SABURO).await;
    let page = app.to_confirm(&browser, SHINJIN).await;
    app.confirms(&browser, &page, SABURO).await.expect_screen("BAU034");
    app.assert_counted("a registration");
    let page = app.begins(&browser, "shinjin01", "delete").await.expect_screen("BAU033");
    app.confirms(&browser, &page, SABURO).await.expect_screen("BAU034");
    app.assert_counted("a deletion");
    let list = app.list(&browser, "leave").await;
    let both = ["jirodt", "sachikodt"];
    app.ticks_of(&browser, &list, &both, &[("confirm", SABURO.confirm)]).await.expect_status(303);
    app.assert_counted("two who left");
    app.pauses(&browser, SABURO, "pause", "hanakodt").await;
    app.assert_counted("a pause");
    assert_eq!(count(), before - 2);
    let list = browser.get("/inaho/admin/members").await.expect_screen("BAU030");
    assert!(list.text().contains(&format!("{}件のうち", before - 2)), "{}", list.text());

    // What no act does, but a person at the database might.
    app.execute("UPDATE users SET deleted_at = NULL WHERE login_id = 'jirodt'");
    app.assert_counted("one who comes back");
    let other = "(SELECT contract_id FROM users WHERE login_id = 'yachiyodt')";
    app.execute(&format!("UPDATE users SET contract_id = {other} WHERE login_id = 'jirodt'"));
    app.assert_counted("one who changes the company");
    let gone = app.id("sachikodt");
    app.execute(&format!("UPDATE users SET contract_id = {other} WHERE id = {gone}"));
    app.assert_counted("one who is deleted and changes the company");
    app.fill(3);
    app.execute("DELETE FROM users WHERE login_id IN ('many100001', 'many100002')");
    app.assert_counted("rows that are gone");
    let now = app.now();
    let closed =
        app.services.db.write_blocking(move |conn| closing::delete_users(conn, contract_id, now));
    assert_eq!(i64::try_from(closed.unwrap()).unwrap(), before - 1);
    app.assert_counted("the end of the contract");
    assert_eq!(count(), 0);
}

/// The person of the `n`th of many users, who has what 花子 has.
fn administrator(login_id: &'static str) -> crate::people::Person {
    crate::people::Person { login_id, ..HANAKO }
}

/// Four register and four delete, each their own.
#[tokio::test]
async fn of_eight_acts_at_once_all_are_counted() {
    let app = Company::new();
    app.fill(12);
    let hanako = |column: &str| {
        format!("{column} = (SELECT h.{column} FROM users h WHERE h.login_id = 'hanakodt')")
    };
    let columns = ["login_secret_hash", "confirm_secret_hash", "token_id", "token_status"];
    app.execute(&format!(
        "UPDATE users SET role = 'administrator', {} WHERE login_id <= 'many100008' \
         AND login_id LIKE 'many%'",
        columns.map(hanako).join(", ")
    ));
    let before = app.number("SELECT user_count FROM contracts WHERE number = '4000000001'");
    let mut pages = Vec::new();
    for (n, login_id) in [
        "many100001",
        "many100002",
        "many100003",
        "many100004",
        "many100005",
        "many100006",
        "many100007",
        "many100008",
    ]
    .into_iter()
    .enumerate()
    {
        let browser = app.logged_in(administrator(login_id)).await;
        let page = if n < 4 {
            let own = format!("neunin0{n}");
            let new = super::site::NewUser { login_id: &own, name: "新人", ..SHINJIN };
            app.to_confirm(&browser, new).await
        } else {
            let target = format!("many{}", 100_005 + n);
            app.begins(&browser, &target, "delete").await.expect_screen("BAU033")
        };
        pages.push((browser, page));
    }
    let proof = [("confirm", HANAKO.confirm)];
    let acts = pages.iter().map(|(browser, page)| browser.submit(page, &proof));
    for answer in futures_util::future::join_all(acts).await {
        answer.expect_status(303);
    }
    app.assert_counted("eight acts at once");
    assert_eq!(app.number("SELECT COUNT(*) FROM users WHERE login_id LIKE 'neu%'"), 4);
    let gone = "SELECT COUNT(*) FROM users WHERE login_id LIKE 'many%' AND deleted_at IS NOT NULL";
    assert_eq!(app.number(gone), 4);
    let after = app.number("SELECT user_count FROM contracts WHERE number = '4000000001'");
    assert_eq!(after, before);
}
