//! BAC001 and BAC010 as a private customer sees them.

use chrono::{Datelike, TimeDelta};

use super::site::{AccountApp, FOREIGN, ICHIRO, Line, ORDINARY, SAVINGS, yen};
use crate::browser::{Browser, Page};

/// Everything on a page beside style sheet and script weighs less than this.
const PAGE_BYTES_MAX: usize = 30 * 1024;

/// The cells of a line, as the page shows them.
fn cells(line: &Line) -> Vec<String> {
    let day: chrono::NaiveDate = line.booked_on.parse().unwrap();
    let amount = yen(line.amount.abs());
    let (paid, received) = match line.amount < 0 {
        true => (amount, String::new()),
        false => (String::new(), amount),
    };
    let day = format!("{}年{}月{}日", day.year(), day.month(), day.day());
    vec![day, line.description.clone(), paid, received, yen(line.balance_after)]
}

fn newest_first(lines: &[Line]) -> Vec<Vec<String>> {
    lines.iter().rev().map(cells).collect()
}

async fn shown(browser: &Browser, path: &str) -> Page {
    browser.get(path).await.expect_status(200).expect_screen("BAC010")
}

#[tokio::test]
async fn balances_and_all_movements_show_as_the_ledger_has_them() {
    let app = AccountApp::new();
    let browser = app.logged_in(ICHIRO).await;
    let top = browser.get("/kodama/").await.expect_screen("BTP001");
    assert!(top.body.contains("/kodama/accounts\"") && top.body.contains("残高・入出金明細"));
    app.execute(&format!("UPDATE accounts SET floor = -50000 WHERE number = '{SAVINGS}'"));
    let page = browser.get("/kodama/accounts").await.expect_screen("BAC001");
    for (number, floor) in [(ORDINARY, 0), (SAVINGS, -50_000)] {
        let balance =
            app.number(&format!("SELECT balance FROM accounts WHERE number = '{number}'"));
        let row = page.table().into_iter().find(|row| row[2] == number).unwrap();
        assert_eq!(row[3..5], [yen(balance), yen(balance - floor)], "{number}");
        assert!(
            page.body.contains(&app.statement(number)) && top.body.contains(&app.statement(number))
        );
    }
    for number in [ORDINARY, SAVINGS] {
        let lines = app.lines(number);
        let mut page = shown(&browser, &app.statement(number)).await;
        assert!(page.text().contains(&format!("{}件のうち 1〜", lines.len())), "{}", page.text());
        let mut rows = page.table();
        let mut pages = 1;
        while let Some(next) = page.link("前の明細へ") {
            assert!(page.body.len() < PAGE_BYTES_MAX && page.table().len() == 50);
            page = shown(&browser, &next).await;
            rows.extend(page.table());
            pages += 1;
        }
        assert_eq!(rows, newest_first(&lines));
        assert_eq!(pages, lines.len().div_ceil(50));
        if pages > 2 {
            let first = shown(&browser, &app.statement(number)).await;
            let last = shown(&browser, &first.link("最も古い明細へ").unwrap()).await;
            assert_eq!(last.table(), page.table());
            let back = shown(&browser, &last.link("最新の明細へ").unwrap()).await;
            assert_eq!(back.table(), first.table());
        }
    }
    assert!(app.findings().is_empty());
}

#[tokio::test]
async fn days_the_latest_and_texts_narrow_the_movements() {
    let app = AccountApp::new();
    let browser = app.logged_in(ICHIRO).await;
    let base = app.statement(ORDINARY);
    let all = app.lines(ORDINARY);
    let within = |from: &str, to: &str| -> Vec<Vec<String>> {
        let lines: Vec<Line> = all
            .iter()
            .filter(|line| (from..=to).contains(&line.booked_on.as_str()))
            .cloned()
            .collect();
        newest_first(&lines)
    };
    let october = within("2026-10-01", "2026-10-31");
    assert!((5..50).contains(&october.len()));
    for (from, to) in [
        ("2026-10-01", "2026-10-31"),
        ("2026/10/1", "20261031"),
        ("２０２６年１０月１日", " ２０２６．１０．３１ "),
    ] {
        let form = browser.get(&base).await.form_having("from");
        assert_eq!(form.action, base);
        let query = format!("{base}?from={}&to={}&q=", percent(from), percent(to));
        let page = shown(&browser, &query).await;
        assert_eq!(page.table(), october, "{from} {to}");
        assert!(page.body.contains(&format!("value=\"{}\"", from.trim())), "{from} is kept");
    }
    let page = shown(&browser, &base).await;
    for (label, rows) in [
        ("今月", within("2026-11-01", "2026-11-30")),
        ("先月", october),
        ("最新10件", newest_first(&all)[..10].to_vec()),
        ("最新30件", newest_first(&all)[..30].to_vec()),
        ("最新50件", newest_first(&all)[..50].to_vec()),
    ] {
        let page = shown(&browser, &page.link(label).unwrap()).await;
        assert_eq!(page.table(), rows, "{label}");
        assert!(label == "今月" || page.link("前の明細へ").is_none());
    }
    for (text, part) in [
        ("でんき", Some("ﾃﾞﾝｷ")),
        ("デンキ", Some("ﾃﾞﾝｷ")),
        ("ﾃﾞﾝｷ", Some("ﾃﾞﾝｷ")),
        ("口座振替", Some("口座振替")),
        ("atm", Some("ATM")),
        ("%", None),
        ("_", None),
        ("みつからない", None),
    ] {
        let mut page = shown(&browser, &format!("{base}?q={}", percent(text))).await;
        let mut rows = page.table();
        while let Some(next) = page.link("前の明細へ") {
            page = shown(&browser, &next).await;
            rows.extend(page.table());
        }
        let lines = all.iter().filter(|line| part.is_some_and(|p| line.description.contains(p)));
        let lines: Vec<Line> = lines.cloned().collect();
        assert_eq!(rows, newest_first(&lines), "{text}");
        assert_eq!(part.is_none(), page.text().contains("当てはまる明細はありません"), "{text}");
    }
    let both = format!("{base}?from=2026-10-01&to=2026-10-31&q={}", percent("でんき"));
    assert_eq!(shown(&browser, &both).await.table().len(), 1);
    // Nothing at all on such days, and pages before the first line.
    let savings = app.statement(SAVINGS);
    let page = shown(&browser, &format!("{savings}?from=2026-11-01&to=2026-11-01")).await;
    assert!(page.text().contains("この期間の明細はありません") && page.link("全銀形式").is_none());
    for before in ["1", "-5", "x", "99999999999999999999", "999999"] {
        browser.get(&format!("{base}?before={before}")).await.expect_status(200);
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn days_that_cannot_be_are_named_and_come_back() {
    let app = AccountApp::new();
    let browser = app.logged_in(ICHIRO).await;
    let base = app.statement(ORDINARY);
    for (from, to, at, words) in [
        ("きのう", "", "from", "開始日は、「2026-11-24」のように"),
        ("2026-02-29", "", "from", "年月日で入力してください"),
        ("2024-11-23", "", "from", "2024年11月24日以降の日を入力してください"),
        ("2026-11-25", "", "from", "開始日は、2026年11月24日まで"),
        ("", "2026-11-25", "to", "終了日は、2026年11月24日まで"),
        ("", "11/24", "to", "終了日は、「2026-11-24」のように"),
        ("2026-11-02", "2026-11-01", "to", "開始日と同じか、それより後"),
    ] {
        let query = format!("from={}&to={}&q=abc", percent(from), percent(to));
        let page = browser.get(&format!("{base}?{query}")).await;
        let page = page.expect_status(422).expect_screen("BAC010");
        assert!(page.summary().contains(words), "{from} {to}: {}", page.summary());
        assert!(page.body.contains(&format!("<a href=\"#{at}\">")), "{}", page.body);
        assert!(page.body.contains("<title>エラー: ") && page.table().is_empty());
        for kept in [from, to, "abc"].into_iter().filter(|typed| !typed.is_empty()) {
            assert!(page.body.contains(&format!("value=\"{kept}\"")), "{kept}");
        }
        let file = browser.get(&format!("{base}/file?{query}&format=csv")).await;
        file.expect_status(400).expect_screen("BER400");
    }
    for odd in ["csv2", "", "../csv"] {
        let file = browser.get(&format!("{base}/file?format={odd}")).await;
        file.expect_status(400).expect_screen("BER400");
    }
}

#[tokio::test]
async fn a_portal_shows_as_many_months_as_its_profile_says() {
    let app = AccountApp::of_months(1);
    let browser = app.logged_in(ICHIRO).await;
    let base = app.statement(ORDINARY);
    let page = browser.get(&format!("{base}?from=2026-10-23")).await.expect_status(422);
    let words = "2026年10月24日以降の日を入力してください";
    assert!(page.summary().contains(words), "{}", page.summary());
    let page = shown(&browser, &base).await;
    assert!(page.text().contains("2026年10月24日から照会できます"), "{}", page.text());
    let lines = app.lines_since(ORDINARY, "2026-10-24");
    assert!(!lines.is_empty() && lines.len() < app.lines(ORDINARY).len());
    assert!(page.text().contains(&format!("{}件", lines.len())), "{}", page.text());
}

#[tokio::test]
async fn nobody_elses_account_is_there() {
    let app = AccountApp::new();
    let foreign = app.id_of(FOREIGN);
    let internal = app.number("SELECT MIN(id) FROM accounts WHERE portal = 'kodama'");
    let of_another_portal = app.number("SELECT MIN(id) FROM accounts WHERE portal = 'shirakaba'");
    app.execute(&format!("UPDATE accounts SET closed_at = opened_at WHERE number = '{SAVINGS}'"));
    let browser = app.logged_in(ICHIRO).await;
    let closed = app.id_of(SAVINGS).to_string();
    let ids = [foreign, internal, of_another_portal, 0, -1, i64::MAX].map(|id| id.to_string());
    for id in ids.iter().map(String::as_str).chain([closed.as_str(), "x", "1e3"]) {
        for rest in ["statement", "statement?last=10", "statement/file?format=csv"] {
            let page = browser.get(&format!("/kodama/accounts/{id}/{rest}")).await;
            page.expect_status(404).expect_screen("BER404");
        }
    }
    let stranger = app.browser().get(&app.statement(ORDINARY)).await.expect_status(303);
    assert_eq!(stranger.location.as_deref(), Some("/kodama/login"));
    let page = browser.get("/kodama/accounts").await.expect_screen("BAC001");
    assert_eq!(page.table().len(), 1);
}

#[tokio::test]
async fn what_is_older_than_two_years_is_gone_from_the_pages() {
    let app = AccountApp::new();
    app.post(ORDINARY, -1_000, "2026-11-26", "翌営業日の扱い");
    app.set_clock(app.now() + TimeDelta::days(40));
    let earliest = "2025-01-03";
    let (kept, all) = (app.lines_since(ORDINARY, earliest), app.lines(ORDINARY));
    assert!(kept.len() + 20 < all.len());
    let browser = app.logged_in(ICHIRO).await;
    let base = app.statement(ORDINARY);
    let page = shown(&browser, &base).await;
    assert!(page.text().contains(&format!("{}件のうち 1〜50件目", kept.len())), "{}", page.text());
    let last = shown(&browser, &page.link("最も古い明細へ").unwrap()).await;
    assert_eq!(last.table().last(), kept.first().map(cells).as_ref());
    assert_eq!(last.table().len(), (kept.len() - 1) % 50 + 1);
    // An address made up for an older line shows nothing older.
    let page = shown(&browser, &format!("{base}?before={}", kept[0].line_no)).await;
    assert!(page.table().is_empty());
    browser.get(&format!("{base}?from=2025-01-02")).await.expect_status(422);
}
