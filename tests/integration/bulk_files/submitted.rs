//! 承認依頼.

use madoguchi::zengin::layout::LineEnd;

use super::site::{Site, item, send, written};
use crate::browser::{Browser, Page};

async fn hand_in(browser: &Browser, path: &str) -> Page {
    let form = browser.get(path).await.expect_screen("BFT012").form_to("/submit");
    browser.post(&form.action, &form.hidden).await
}

#[tokio::test]
async fn a_draft_waits_for_as_many_approvals_as_its_sum_needs() {
    let site = Site::new();
    let maker = site.maker().await;
    site.execute("UPDATE bulk_services SET second_approval_from_yen = 500");
    let page = site.uploaded(&maker, "general_transfer", 3).await;
    let answer = hand_in(&maker, &page.path).await.expect_status(303);
    let shown = maker.follow(answer).await.expect_screen("BFT012");
    assert_eq!(shown.fact("状態").as_deref(), Some("承認待ち"));
    // One business day before Tuesday, noon in Japan.
    assert_eq!(shown.fact("送信の期限").as_deref(), Some("2026年11月30日 12:00"));
    assert_eq!((site.only("submission"), site.only("approvals_needed")), ("1".into(), "1".into()));
    assert!(!shown.has_form_to("/submit"));
    let content = site.only("content_sha256");
    let details = "3 records, 306 yen, on 2026-12-01, 1 approvals needed, content";
    assert_eq!(site.audited("bulk.submit", &format!("{details} {}", &content[..12])), 1);
    // A change takes it back; with a larger sum two have to approve.
    let form = maker.get(&format!("{}/records/2", page.path)).await;
    assert!(form.text().contains("承認待ち"), "{}", form.text());
    let form = form.keyed_form();
    let values = [
        ("bank", "0001"),
        ("branch", "001"),
        ("account_type", "1"),
        ("number", "1"),
        ("name", "ｱ"),
        ("amount", "400"),
        ("new_code", "0"),
        ("ref1", ""),
        ("ref2", ""),
        ("edi", ""),
    ];
    maker.post(&form.action, &form.filled(&values)).await.expect_status(303);
    assert_eq!((site.only("state"), site.only("approvals_needed")), ("draft".into(), "0".into()));
    hand_in(&maker, &page.path).await.expect_status(303);
    assert_eq!((site.only("submission"), site.only("approvals_needed")), ("2".into(), "2".into()));
}

#[tokio::test]
async fn payroll_to_own_accounts_has_the_shorter_deadline() {
    let site = Site::new();
    let maker = site.maker().await;
    let header = site.header("salary");
    let own = |n: usize| {
        let mut own = item(n);
        own.bank_code = header.own_bank_code.clone();
        own.branch_code = header.own_branch_code.clone();
        own
    };
    let mut soon = header.clone();
    // Thursday; the usual deadline of payroll was last Friday.
    soon.value_date_mmdd = "1126".to_owned();
    for (items, status) in
        [((1..=3).map(own).collect::<Vec<_>>(), 303), ([own(1), item(2)].to_vec(), 422)]
    {
        let file = written(&soon, items.into_iter(), LineEnd::None);
        let answer = send(&maker, &[("kind", ""), ("account", "")], &file).await;
        let page = maker.follow(answer.expect_status(303)).await.expect_screen("BFT012");
        let answer = hand_in(&maker, &page.path).await.expect_status(status);
        if status == 303 {
            let shown = maker.follow(answer).await;
            assert_eq!(shown.fact("送信の期限").as_deref(), Some("2026年11月25日 12:00"));
        } else {
            assert!(answer.text().contains("この指定日では"), "{}", answer.text());
        }
    }
    assert_eq!((site.files("waiting"), site.files("draft")), (1, 1));
}

#[tokio::test]
async fn limits_days_and_content_are_looked_at_again() {
    let site = Site::new();
    let maker = site.maker().await;
    let page = site.uploaded(&maker, "general_transfer", 3).await;
    site.execute("UPDATE bulk_services SET file_limit_yen = 305");
    let refused = hand_in(&maker, &page.path).await.expect_status(422);
    assert!(refused.text().contains("305円"), "{}", refused.text());
    site.execute("UPDATE bulk_services SET file_limit_yen = 306, record_limit_yen = 102");
    let refused = hand_in(&maker, &page.path).await.expect_status(422);
    assert!(refused.text().contains("Z311"), "{}", refused.text());
    site.execute("UPDATE bulk_services SET record_limit_yen = 1000");
    site.advance(7 * 86_400);
    let maker = site.maker().await;
    let refused = hand_in(&maker, &page.path).await.expect_status(422);
    assert!(refused.text().contains("この指定日では"), "{}", refused.text());
    assert_eq!(site.files("draft"), 1);
}

#[tokio::test]
async fn the_button_pressed_twice_hands_in_once() {
    let site = Site::new();
    let maker = site.maker().await;
    let page = site.uploaded(&maker, "general_transfer", 3).await;
    let form = page.form_to("/submit");
    let (a, b) = tokio::join!(
        maker.post(&form.action, &form.hidden),
        maker.post(&form.action, &form.hidden)
    );
    assert_eq!((a.status, b.status), (303, 303), "{} {}", a.text(), b.text());
    assert_eq!(site.only("submission"), "1");
    let again = maker.post(&form.action, &form.hidden).await;
    assert_eq!(again.location, a.location);
    // Another page of the old content.
    let seen = form.filled(&[]);
    let other = seen.into_iter().map(|(name, value)| match name.as_str() {
        "request_key" => (name, "x".repeat(43)),
        _ => (name, value),
    });
    let late = maker.post(&form.action, &other.collect()).await;
    late.expect_status(409);
}
