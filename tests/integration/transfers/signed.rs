//! Transfers that the token app signs.

use std::ops::Deref;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use futures_util::future::join_all;
use madoguchi::db::queries::challenges;

use super::site::Money;
use crate::browser::{Browser, Page};
use crate::codes;
use crate::people::{APP, FK2, Person, TARO};

/// 一花, who has the token app.
const ICHIKA: Person =
    Person { login_id: "1000000011", password: "Demo#20260", confirm: "kakunin04" };
const FROM: &str = "1204633";
const TO: &str = "3301216";
const TODAY: &str = "2026-11-24";
/// Beyond the throttle's wait.
const WAIT: i64 = 61;

struct Signing {
    money: Money,
    browser: Browser,
}

impl Deref for Signing {
    type Target = Money;

    fn deref(&self) -> &Money {
        &self.money
    }
}

impl Signing {
    async fn new(more: &str) -> Signing {
        let money =
            if more.is_empty() { Money::new("shirakaba") } else { Money::with("shirakaba", more) };
        let browser = money.logged_in(ICHIKA).await;
        Signing { money, browser }
    }

    /// A new transfer between own accounts, at BTR004.
    async fn confirms(&self, amount: &str) -> Page {
        let input = self.to_own(&self.browser, FROM, TO).await;
        self.to_confirm(&self.browser, &input, amount, TODAY).await
    }

    async fn sends(&self, page: &Page, code: &str) -> Page {
        self.browser.submit(page, &[("signed", code)]).await
    }

    fn alarms(&self) -> (i64, i64, i64) {
        let noted = "SELECT COUNT(*) FROM challenges WHERE alarmed_at IS NOT NULL";
        let audited = "SELECT COUNT(*) FROM audit_lines WHERE operation = 'signed.alarm'";
        (self.number(noted), self.number(audited), self.mails("signature_refused"))
    }

    fn failures(&self) -> String {
        self.token(APP, "failures")
    }
}

/// What the page's link asks the app to sign.
fn text_of(page: &Page) -> String {
    let url = page.link("トークンアプリで開く（新しいタブ）").expect("no link to the app");
    let payload = url.strip_prefix("/token/#sign=").unwrap();
    String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// What the app shows after 「内容が正しい」.
fn code_of(page: &Page) -> String {
    codes::signed(APP, &text_of(page))
}

#[tokio::test]
async fn the_app_signs_payee_amount_and_day_and_its_code_is_taken_once() {
    let site = Signing::new("").await;
    let page = site.confirms("12000").await;
    assert_eq!(page.form().names, ["signed"], "{}", page.text());
    assert!(page.text().contains("このコードで 12,000円 の振替を確定します。"), "{}", page.text());
    assert!(page.body.contains("<svg class=\"qr\""));
    let text = text_of(&page);
    let (body, nonce) = text.split_once("nonce=").unwrap();
    let expected = "madoguchi-sign=1\nportal=shirakaba\nserial=MDG4C7K2P9QA\nact=own_transfer\n\
        from=本店営業部 普通 ***4633\nbank=0984 しらかば信用金庫\nbranch=001 本店営業部\n\
        type=savings\nnumber=3301216\nname=ｼﾗｶﾊﾞ ｲﾁｶ\namount=12000\ndate=2026-11-24\n";
    assert_eq!((body, nonce.len()), (expected, 23));
    let again = site.browser.get(&page.path).await;
    assert_eq!(text_of(&again), text, "the same challenge while it holds");
    let other = site.confirms("12000").await;
    assert_ne!(text_of(&other), text, "another act has another nonce");

    for (code, words) in [("", "入力してください"), ("1234567", "8桁"), ("１２３４５６７x", "8桁")]
    {
        let refused = site.sends(&other, code).await.expect_status(422);
        assert!(refused.summary().contains(words), "{code}: {}", refused.summary());
    }
    assert_eq!(site.failures(), "0", "what is no code is not counted");
    let code = code_of(&other);
    let wrong = if code == "00000000" { "00000001" } else { "00000000" };
    let refused = site.sends(&other, wrong).await.expect_status(422);
    assert!(refused.summary().contains("取引確認コードを確認できませんでした"), "{refused:?}");
    assert_eq!((site.failures(), site.audited("signed.check", "wrong")), ("1".into(), 1));
    assert_eq!(text_of(&refused), text_of(&other));
    let spaced = format!("{} {}", &code[..4], &code[4..]);
    let answer = site.sends(&refused, &spaced).await;
    site.browser.follow(answer).await.expect_screen("BTR005");
    assert_eq!((site.payments("done"), site.failures()), (1, "0".into()));

    // The code is spent, also for an act that is just the same.
    site.advance(WAIT);
    let third = site.confirms("12000").await;
    let meant = [("repeat", "yes"), ("signed", code.as_str())];
    let refused = site.browser.submit(&third, &meant).await.expect_status(422);
    assert!(refused.summary().contains("もう使えません"), "{}", refused.summary());
    assert_eq!((site.payments("done"), site.alarms()), (1, (0, 0, 0)));
    site.assert_sound();
}

#[tokio::test]
async fn others_and_other_acts_are_asked_for_one_time_passwords_as_before() {
    let site = Signing::new("").await;
    let input = site.to_own(&site.browser, FROM, TO).await;
    let page = site.to_confirm(&site.browser, &input, "3000", "2026-11-26").await;
    assert!(page.text().contains("の振替予約を確定します"), "{}", page.text());
    let answer = site.sends(&page, &code_of(&page)).await;
    site.browser.follow(answer).await.expect_screen("BTR005");
    assert_eq!(site.payments("reserved"), 1);
    let id = site.number("SELECT id FROM payments WHERE state = 'reserved'");
    let detail = site.browser.get(&site.at(&format!("payments/{id}"))).await;
    let begin = detail.expect_screen("BTR032").form_to("/cancel");
    let answer = site.browser.post(&begin.action, &begin.hidden).await;
    let cancel = site.browser.follow(answer).await.expect_screen("BTR031");
    assert_eq!(cancel.form().names, ["otp"], "{}", cancel.text());

    let taro = site.logged_in_with_code(TARO, FK2).await;
    let input = site.to_own(&taro, "1203346", "3301128").await;
    let page = site.to_confirm(&taro, &input, "100", TODAY).await;
    assert_eq!(page.form().names, ["otp"]);
    assert!(!page.body.contains("#sign="));
}

#[tokio::test]
async fn a_challenge_holds_for_five_minutes() {
    let site = Signing::new("").await;
    let page = site.confirms("500").await;
    assert!(page.text().contains("10時5分0秒") || page.text().contains("10時05分00秒"));
    let code = code_of(&page);
    site.advance(300);
    let refused = site.sends(&page, &code).await.expect_status(422);
    assert!(refused.summary().contains("5分を過ぎたか"), "{}", refused.summary());
    assert_eq!((site.failures(), site.alarms()), ("1".into(), (0, 0, 0)));
    assert_ne!(text_of(&refused), text_of(&page));
    site.advance(299);
    let answer = site.sends(&refused, &code_of(&refused)).await;
    site.browser.follow(answer).await.expect_screen("BTR005");
    // Long forgotten, it is a wrong code like any other.
    site.advance(1_900);
    let browser = site.money.logged_in(ICHIKA).await;
    let site = Signing { browser, ..site };
    let page = site.confirms("700").await;
    let refused = site.sends(&page, &code).await.expect_status(422);
    assert!(refused.summary().contains("確認できませんでした"), "{}", refused.summary());
}

#[tokio::test]
async fn what_changed_after_signing_is_refused_and_an_alarm() {
    let site = Signing::new("").await;
    let signed = site.confirms("1000").await;
    let code = code_of(&signed);
    // Another amount in the same flow, sent with the page's own draft.
    site.browser.post(&signed.form_to("/back").action, &signed.form_to("/back").hidden).await;
    let input = site.browser.get(signed.path.trim_end_matches("/confirm")).await;
    let changed = site.to_confirm(&site.browser, &input, "900000", TODAY).await;
    let refused = site.sends(&changed, &code).await.expect_status(422);
    assert!(refused.summary().contains("内容が違うため"), "{}", refused.summary());
    assert_eq!((site.alarms(), site.failures()), ((1, 1, 1), "1".into()));
    let details = "signed: own_transfer of 1000 yen to 0984-001 ***1216 on 2026-11-24; \
                   sent: own_transfer of 900000 yen to 0984-001 ***1216 on 2026-11-24";
    assert_eq!(site.audited("signed.alarm", details), 1);
    let mail = site.last_mail("signature_refused");
    assert!(mail.contains("受け付けませんでした") && mail.contains("停止コード"), "{mail}");

    // The page that was signed, sent after the draft was changed in another tab: nothing is done,
    // and it is noted once for each challenge.
    site.advance(WAIT);
    let again = site.sends(&signed, &code).await.expect_status(422);
    assert!(again.summary().contains("ほかの画面で内容が変更された"), "{}", again.summary());
    assert_eq!((site.alarms(), site.failures()), ((1, 1, 1), "2".into()));
    // Nor is a code for the new content taken from the old page.
    let fresh = site.browser.get(&signed.path).await;
    let stale = site.sends(&signed, &code_of(&fresh)).await.expect_status(422);
    assert!(stale.summary().contains("もう使えません"), "{}", stale.summary());
    assert_eq!((site.payments("done"), site.alarms()), (0, (1, 1, 1)));

    // The fifth in a row suspends the token.
    site.advance(WAIT);
    for n in 3..=4 {
        let fresh = site.browser.get(&signed.path).await;
        let refused = site.sends(&fresh, &format!("0000000{n}")).await;
        assert_eq!(refused.status, if n == 3 { 422 } else { 303 }, "{refused:?}");
        site.advance(WAIT);
    }
    assert!(site.is_suspended(APP));
    assert_eq!(site.mails("token_suspended"), 1);
    site.assert_sound();
}

#[tokio::test]
async fn of_five_that_send_one_signed_code_at_once_one_wins() {
    let more = "\n[tokens.throttle]\nrepeat_seconds = 0\nwait_after = 0\nfailures_max = 10\n";
    let site = Signing::new(more).await;
    let first = site.confirms("800").await;
    let mut pages = vec![first];
    for _ in 0..4 {
        let path = pages[0].path.clone();
        pages.push(site.browser.get(&path).await.expect_screen("BTR004"));
    }
    let code = code_of(&pages[4]);
    assert_eq!(code, code_of(&pages[0]));
    let answers = join_all(pages.iter().map(|page| site.sends(page, &code))).await;
    // Who comes when the first one is done may be asked first whether the same is meant once more.
    let is_asked = |answer: &&Page| answer.summary().contains("もう一度振り込む場合は");
    let unpaid = answers.iter().filter(|answer| answer.status == 422);
    let compared = unpaid.filter(|answer| !is_asked(answer)).count();
    assert!(answers.iter().any(|answer| answer.status == 303), "{answers:?}");
    assert_eq!(site.payments("done"), 1);
    let used = "SELECT COUNT(*) FROM challenges WHERE used_at IS NOT NULL";
    assert_eq!((site.number(used), site.alarms()), (1, (0, 0, 0)));
    let refused = site.audited("signed.check", "signed for what is over");
    assert!(refused >= i64::try_from(compared).unwrap(), "{refused} of {compared}");
    site.assert_sound();
}

/// Nothing but the WHERE of the update decides.
#[tokio::test]
async fn a_challenge_is_used_in_its_flow_for_its_text_in_time_and_once() {
    let site = Signing::new("").await;
    let page = site.confirms("500").await;
    let flow = site.texts("SELECT flow_id AS value FROM challenges").remove(0);
    let text = text_of(&page);
    let body = text[..text.find("nonce=").unwrap()].to_owned();
    let id = site.number("SELECT id FROM challenges");
    let now = site.now();
    let uses = |flow: &str, body: &str, after: TimeDelta| {
        let (flow, body) = (flow.to_owned(), body.to_owned());
        let used = site
            .services
            .db
            .write_blocking(move |conn| challenges::use_up(conn, id, (&flow, &body), now + after));
        used.unwrap()
    };
    let (at_once, late) = (TimeDelta::zero(), TimeDelta::minutes(5));
    assert!(!uses("AAAAAAAAAAAAAAAAAAAAAA", &body, at_once), "another flow");
    assert!(!uses(&flow, &body.replace("500", "501"), at_once), "another text");
    assert!(!uses(&flow, &body, late), "too late");
    site.execute("UPDATE challenges SET closed_at = shown_at");
    assert!(!uses(&flow, &body, at_once), "closed");
    site.execute("UPDATE challenges SET closed_at = NULL");
    assert!(uses(&flow, &body, late - TimeDelta::seconds(1)));
    assert!(!uses(&flow, &body, at_once), "once");
}

#[tokio::test]
async fn nobody_is_shown_so_many_that_one_is_forgotten() {
    let app = Signing::new("").await;
    app.confirms("1000").await;
    // As if as many pages had been opened as a user may.
    for number in 1..40 {
        app.execute(&format!(
            "INSERT INTO challenges (portal, flow_id, user_id, token_id, body, nonce, shown_at, \
             expires_at, closed_at) SELECT portal, flow_id, user_id, token_id, body, \
             '{number:022}', shown_at, expires_at, shown_at FROM challenges \
             WHERE id = (SELECT MIN(id) FROM challenges)"
        ));
    }
    let input = app.to_own(&app.browser, FROM, TO).await;
    let answer = app.browser.submit(&input, &[("amount", "2000"), ("on", TODAY)]).await;
    let check = answer.location.clone().unwrap();
    app.browser.follow(answer).await.expect_status(429);
    // Half an hour later none of them is known any more.
    app.execute("UPDATE challenges SET shown_at = '2026-11-24 00:00:00'");
    app.browser.get(&check).await.expect_screen("BTR004");
}
