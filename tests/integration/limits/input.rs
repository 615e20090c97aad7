//! What is typed into BLM001, and who gets there at all.

use super::site::{FUTABA, LOW, LimitApp, MINORI_TARO, MOMOKO, NATSUKO, values};
use crate::dump::{assert_unchanged, dump};

#[tokio::test]
async fn what_cannot_be_a_limit_is_named_beside_its_field_and_kept() {
    let app = LimitApp::new("minori");
    let browser = app.logged_in(MINORI_TARO).await;
    let before = dump(&app);
    let page = app.limits(&browser).await;
    let form = page.form_to("/limits");
    for (typed, words) in [
        ("", "を入力してください"),
        ("　", "を入力してください"),
        ("abc", "数字で入力してください"),
        ("二十万", "数字で入力してください"),
        ("20万", "数字で入力してください"),
        ("-100000", "数字で入力してください"),
        ("－100000", "数字で入力してください"),
        ("100000.5", "数字で入力してください"),
        ("1e5", "数字で入力してください"),
        ("0x186A0", "数字で入力してください"),
        ("' OR 1=1 --", "数字で入力してください"),
        ("99999999999999999999", "数字で入力してください"),
        ("0", "10,000円以上で"),
        ("000", "10,000円以上で"),
        ("9999", "10,000円以上で"),
        ("15000", "10,000円単位で"),
        ("200001", "10,000円単位で"),
        ("210000", "200,000円以下で"),
        ("999999999990000", "円以下で"),
    ] {
        for place in 0..4 {
            let mut amounts = [LOW; 4];
            amounts[place] = typed;
            let fields = form.filled(&values(amounts));
            let again = browser.post(&form.action, &fields).await;
            let again = again.expect_status(422).expect_screen("BLM001");
            let (name, _) = values(amounts)[place];
            let is_said = again.summary().contains(words)
                || typed == "15000" && again.summary().contains("1日あたりの限度額以下");
            assert!(is_said, "{name} {typed}: {}", again.summary());
            assert!(again.body.contains(&format!("href=\"#{name}\"")), "{name} {typed}");
            let kept = typed.replace('\'', "&#39;");
            assert!(again.body.contains(&kept), "{name} {typed}");
        }
    }
    let fields = form.filled(&values(["200000", "100000", LOW, LOW]));
    let again = browser.post(&form.action, &fields).await.expect_status(422);
    assert!(again.summary().contains("1日あたりの限度額以下で"), "{}", again.summary());
    let same = browser.post(&form.action, &form.filled(&values([LOW; 4]))).await;
    assert!(same.expect_status(422).summary().contains("今の限度額と同じです"));
    assert_unchanged(&before, &dump(&app), "what was typed wrong");
}

#[tokio::test]
async fn full_width_commas_and_the_unit_are_taken_as_meant() {
    let app = LimitApp::new("minori");
    let browser = app.logged_in(MINORI_TARO).await;
    let form = app.limits(&browser).await.form_to("/limits");
    let fields = form.filled(&values(["１０，０００円", " 20,000 ", "¥10000", "20000"]));
    let answer = browser.post(&form.action, &fields).await.expect_status(303);
    let page = browser.follow(answer).await.expect_screen("BLM002").text();
    for part in ["10,000円", "20,000円"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test]
async fn fields_that_are_missing_repeated_unknown_or_over_long_are_no_form_of_ours() {
    let app = LimitApp::new("minori");
    let browser = app.logged_in(MINORI_TARO).await;
    let before = dump(&app);
    let page = app.limits(&browser).await;
    let form = page.form_to("/limits");
    let good = form.filled(&values(["10000", "20000", "10000", "20000"]));
    let mut bad = Vec::new();
    for place in 0..4 {
        let mut without = good.clone();
        without.remove(place);
        let mut twice = good.clone();
        twice.push(good[place].clone());
        let mut long = good.clone();
        long[place].1 = "1".repeat(300);
        bad.extend([without, twice, long]);
    }
    let mut unknown = good.clone();
    unknown.push(("files_daily".to_owned(), "1".to_owned()));
    bad.push(unknown);
    for fields in bad {
        let answer = browser.post(&form.action, &fields).await;
        answer.expect_status(400).expect_screen("BER400");
    }
    let mut forged = good.clone();
    for (name, value) in &mut forged {
        if name == "csrf_token" {
            *value = "A".repeat(43);
        }
    }
    browser.post(&form.action, &forged).await.expect_status(403);
    assert_unchanged(&before, &dump(&app), "what is no form of ours");
}

#[tokio::test]
async fn somebody_elses_flow_is_not_found() {
    let app = LimitApp::new("minori");
    let browser = app.inside(NATSUKO).await;
    let page = app.to_confirm(&browser, ["300000", "500000", LOW, LOW]).await;
    let other = app.logged_in(MINORI_TARO).await;
    let flow = page.path.strip_suffix("/confirm").unwrap().to_owned();
    let form = page.form_to("/confirm");
    let own = app.limits(&other).await.form_to("/limits").hidden;
    for step in ["", "/confirm", "/result"] {
        other.get(&format!("{flow}{step}")).await.expect_status(404);
    }
    for step in ["", "/confirm", "/back", "/cancel"] {
        other.post(&format!("{flow}{step}"), &own).await.expect_status(404);
    }
    // Nor for her own other login, nor without any.
    let elsewhere = app.inside(NATSUKO).await;
    elsewhere.get(&page.path).await.expect_status(404);
    let nobody = app.browser().get(&page.path).await.expect_status(303);
    assert!(nobody.location.unwrap().ends_with("/login"));
    app.confirm(&browser, &page, NATSUKO).await.expect_screen("BLM003");
    assert_eq!(form.action, page.path);
    other.get(&format!("{flow}/result")).await.expect_status(404);
}

#[tokio::test]
async fn a_flow_of_another_kind_has_no_page_here_nor_this_one_there() {
    let app = LimitApp::new("minori");
    let browser = app.logged_in(MOMOKO).await;
    let overview = browser.get("/minori/token/menu").await;
    let form = overview.form_to("/token/menu/start");
    let answer = browser.post(&form.action, &form.hidden).await;
    let start = browser.follow(answer).await.expect_screen("BOT011");
    let id = start.path.rsplit('/').next().unwrap().to_owned();
    browser.get(&format!("/minori/limits/{id}/confirm")).await.expect_status(404);
    let page = app.to_confirm(&browser, ["10000", "10000", LOW, LOW]).await;
    let id = page.path.split('/').nth(3).unwrap();
    browser.get(&format!("/minori/token/menu/start/{id}")).await.expect_status(404);
    // The younger flow goes on, the older is over.
    let over = browser.follow(browser.get(&start.path).await).await;
    over.expect_screen("BOT000");
}

#[tokio::test]
async fn who_stopped_everything_or_has_to_register_first_changes_no_limits() {
    let app = LimitApp::new("kodama");
    let browser = app.inside(FUTABA).await;
    let page = app.limits(&browser).await;
    app.execute("UPDATE users SET stopped_at = '2026-11-24 00:00:00'");
    let form = page.form_to("/limits");
    let fields = form.filled(&values(["10000", "20000", "10000", "20000"]));
    let answer = browser.post(&form.action, &fields).await.expect_status(403);
    assert!(answer.text().contains("緊急停止"), "{}", answer.text());
    browser.get("/kodama/limits").await.expect_status(403);

    let app = LimitApp::new("minori");
    let browser = app.inside(NATSUKO).await;
    let page = app.to_confirm(&browser, ["10000", "20000", LOW, LOW]).await;
    app.execute("UPDATE tokens SET expires_at = '2026-11-24 03:00:00' WHERE serial = '300000004'");
    for path in ["/minori/limits", &page.path] {
        let answer = browser.get(path).await;
        assert_ne!(browser.follow(answer).await.screen(), "BLM001");
    }
    let answer = browser.submit(&page, &[("otp", "12345678")]).await;
    assert!(!answer.is_done());
}

#[tokio::test]
async fn a_portal_without_transfers_has_no_limits() {
    let text = crate::app::profile_text("kodama");
    let text = text
        .replace("transfers = true\n", "transfers = false\n")
        .lines()
        .filter(|line| !line.starts_with("transfer = { per_transaction"))
        .filter(|line| !line.contains("operation = \"transfer"))
        .filter(|line| !line.contains("operation = \"payee.change"))
        .collect::<Vec<_>>()
        .join("\n");
    let app = crate::app::TestApp::demo_of("kodama", &text);
    let browser = app.logged_in(super::site::ICHIRO).await;
    let top = browser.get("/kodama/").await;
    assert!(!top.body.contains("/kodama/limits"), "{}", top.text());
    browser.get("/kodama/limits").await.expect_status(404);
    browser.post("/kodama/limits", &Vec::new()).await.expect_status(404);
}

#[tokio::test]
async fn who_has_no_token_is_told_what_comes_before_more() {
    let app = LimitApp::new("minori");
    let beyond = "これを超える限度額は、ワンタイムパスワードの利用開始のあとにお申し込みください。";
    let browser = app.inside(MINORI_TARO).await;
    let page = app.limits(&browser).await;
    let amounts = values(["200000", "1000000", LOW, LOW]);
    let again = browser.submit(&page, &amounts).await.expect_status(422).expect_screen("BLM001");
    assert!(again.summary().contains(beyond), "{}", again.summary());
    // With one, it is the application that has to be raised.
    let browser = app.inside(NATSUKO).await;
    let page = app.limits(&browser).await;
    let amounts = values(["200000", "9000000", LOW, LOW]);
    let again = browser.submit(&page, &amounts).await.expect_status(422);
    assert!(!again.summary().contains(beyond), "{}", again.summary());
}

/// What can be asked for without an application on record: nothing beyond what every contract of
/// the portal begins with.
#[tokio::test]
async fn without_an_application_a_rise_goes_no_further_than_the_profile() {
    let app = LimitApp::new("minori");
    app.execute("UPDATE limits SET transfer_applied_yen = NULL, pay_easy_applied_yen = NULL");
    let browser = app.inside(NATSUKO).await;
    let page = app.limits(&browser).await;
    let beyond = values([LOW, "1010000", LOW, LOW]);
    let again = browser.submit(&page, &beyond).await.expect_status(422).expect_screen("BLM001");
    assert!(again.summary().contains("1,000,000円以下で"), "{}", again.summary());
    app.to_confirm(&browser, [LOW, "1000000", LOW, LOW]).await;
}
