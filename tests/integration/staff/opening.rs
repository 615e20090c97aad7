//! STF011 and STF013: customers and contracts opened, their first letters, what is added.

use super::support::{
    AUDITOR, CHECKER, CLERK, approves_letter, decides, logged_in, read_pdf, sends, user_of,
};
use crate::app::TestApp;
use crate::browser::Page;
use crate::dump::dump;
use crate::people::Person;

type Values = Vec<(&'static str, &'static str)>;

const NEW: &str = "/staff/contracts/new";

fn customer() -> Values {
    vec![
        ("form_number", "K-2026-100"),
        ("number", "1000000777"),
        ("name", "白樺 新太"),
        ("name_kana", "しらかば シンタ"),
        ("telephone", "090-0000-0777"),
        ("mail_address", "shinta@example.jp"),
        ("branch_code", "００１"),
        ("branch_name", "本店営業部"),
        ("account_type", "ordinary"),
        ("account_number", "7000001"),
    ]
}

fn with(values: &Values, name: &'static str, value: &'static str) -> Values {
    values.iter().map(|(n, v)| if *n == name { (name, value) } else { (*n, *v) }).collect()
}

/// The characters, each in a box of its own, with the kind of each below.
fn password_in(text: &str) -> String {
    let lines: Vec<Vec<&str>> =
        text.lines().map(|line| line.split_whitespace().collect()).collect();
    let is_kind = |part: &&str| ["大文字", "小文字", "数字"].contains(part);
    let kinds = lines.iter().find(|line| line.len() > 3 && line.iter().all(is_kind));
    let count = kinds.expect("the kinds of characters").len();
    let is_character = |part: &&str| part.len() == 1;
    let found = lines.iter().find(|line| line.len() == count && line.iter().all(is_character));
    found.expect("the characters").concat()
}

#[tokio::test]
async fn a_customer_is_opened_from_the_application_once() {
    let app = TestApp::demo("shirakaba");
    let path = format!("/shirakaba{NEW}");
    let auditor = logged_in(&app, "shirakaba", AUDITOR).await;
    auditor.get(&path).await.expect_status(403);
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let good = customer();
    let table = [
        ("form_number", " "),
        ("number", "12345"),
        ("name", ""),
        ("name_kana", "白樺"),
        ("telephone", "12"),
        ("mail_address", "nobody"),
        ("branch_code", "1"),
        ("branch_name", "別の支店"),
        ("account_type", "internal"),
        // Fees are debited from 代表口座.
        ("account_type", "savings"),
        ("account_number", "abc"),
        // Taken: a customer's number, a customer's account.
        ("number", "1000000001"),
        ("account_number", "1203345"),
    ];
    for (name, value) in table {
        let answer = sends(&clerk, &path, &with(&good, name, value)).await.expect_status(422);
        assert!(!answer.summary().is_empty(), "{name} {value}");
        assert!(answer.body.contains("白樺 新太") || name == "name", "typed values stay: {name}");
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM applications"), 0);
    let form = clerk.get(&path).await.expect_screen("STF011").form();
    let fields = form.filled(&good);
    let (a, b) = tokio::join!(clerk.post(&path, &fields), clerk.post(&path, &fields));
    assert_eq!((a.status, b.status), (303, 303), "{} {}", a.text(), b.text());
    assert_eq!(a.location, b.location, "a double click opens once");
    let receipt = clerk.get(&a.location.unwrap()).await.expect_screen("STF002");
    assert!(receipt.fact("結果").unwrap().contains("1000000777"), "{}", receipt.text());
    let sql = "SELECT holder_kana AS value FROM accounts WHERE number = '7000001'";
    assert_eq!(app.texts(sql), ["ｼﾗｶﾊﾞ ｼﾝﾀ"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM unverified_addresses"), 1);
    // Another one of the same number.
    sends(&clerk, &path, &good).await.expect_status(422);
}

#[tokio::test]
async fn the_letter_takes_two_persons_and_opens_the_portal_once() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let path = format!("/shirakaba{NEW}");
    sends(&clerk, &path, &customer()).await.expect_status(303);
    // Nobody logs in before the letter; neither alone gets it.
    let id = app.number("SELECT id FROM staff_requests WHERE kind = 'user.issue_password'");
    let request = format!("/shirakaba/staff/requests/{id}");
    let own = clerk.get(&request).await.expect_screen("STF002");
    assert!(!own.has_form_to("/approve") && !own.has_form_to("/letter.pdf"));
    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    decides(&checker, &request, "approve").await.expect_status(303);
    let seen = checker.get(&request).await;
    assert!(!seen.has_form_to("/letter.pdf") && !seen.has_form_to("/letter"));
    assert!(seen.text().contains("申請した人だけ"), "{}", seen.text());
    let token = seen.form_to("/staff/logout").filled(&[]);
    for letter in ["letter", "letter.pdf"] {
        checker.post(&format!("{request}/{letter}"), &token).await.expect_status(403);
    }
    let form = clerk.get(&request).await.form_to("/letter.pdf");
    let fields = form.filled(&[]);
    let (a, b) = tokio::join!(clerk.post(&form.action, &fields), clerk.post(&form.action, &fields));
    let mut answers = [a.status, b.status];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409], "printed once");
    let letter = if a.status == 200 { a } else { b };
    assert!(letter.headers.iter().any(|(n, v)| n == "cache-control" && v == "no-store"));
    let text = read_pdf("pdftotext", &letter);
    for part in ["白樺 新太 様", "1000000777", "初期パスワードのお知らせ", "お問い合わせ"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let fonts = read_pdf("pdffonts", &letter);
    let embedded: Vec<_> = fonts.lines().skip(2).collect();
    assert!(!embedded.is_empty() && embedded.iter().all(|f| f.contains("yes yes yes")), "{fonts}");
    assert_eq!(app.audited("letter.print", &format!("request {id}")), 1);
    let password = password_in(&text);
    assert_eq!(password.len(), 12, "{text}");
    let everything = format!("{:?}", dump(&app));
    assert!(!everything.contains(&password), "nowhere in clear");

    let browser = app.browser();
    let page = browser.get("/shirakaba/login").await;
    let values = [("login_id", "1000000777"), ("password", password.as_str())];
    let answer = browser.submit(&page, &values).await;
    browser.follow(answer).await.expect_screen("BLG095");
}

#[tokio::test]
async fn without_a_font_the_letter_is_a_page() {
    let app = TestApp::demo_without_font("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    for (number, account, act) in
        [("1000000701", "7000011", "letter"), ("1000000702", "7000012", "letter.pdf")]
    {
        let values = with(&with(&customer(), "number", number), "account_number", account);
        let path = format!("/shirakaba{NEW}");
        sends(&clerk, &path, &values).await.expect_status(303);
        let request = approves_letter(&app, "shirakaba", &checker).await;
        let page = clerk.get(&request).await;
        assert!(page.text().contains("letter_font"), "{}", page.text());
        assert!(!page.has_form_to("/letter.pdf"));
        // Whoever had the page open before the font went gets the page all the same.
        let fields = page.form_to("/letter").filled(&[]);
        let printed = clerk.post(&format!("{request}/{act}"), &fields).await.expect_status(200);
        printed.clone().expect_screen("STF021");
        assert_eq!(printed.fact("初期パスワード").unwrap().len(), 12);
        assert_eq!(printed.text().contains("PDFではありません"), act == "letter.pdf");
        clerk.post(&format!("{request}/{act}"), &fields).await.expect_status(409);
    }
}

fn company() -> Values {
    vec![
        ("form_number", "H-2026-7"),
        ("number", ""),
        ("name", "いなほ新商事"),
        ("name_kana", "イナホシンショウジ"),
        ("user_name", "データ新子"),
        ("login_id", "shinkodt"),
        ("telephone", "0300000777"),
        ("mail_address", ""),
        ("branch_code", "077"),
        ("branch_name", "新しい支店"),
        ("account_type", "checking"),
        ("account_number", "7000021"),
        ("otp_applied", "2026/11/01"),
        ("otp_starts", "2026-12-01"),
    ]
}

#[tokio::test]
async fn a_company_gets_its_first_master_another_one_and_more_accounts() {
    let app = TestApp::demo("inaho");
    let clerk = logged_in(&app, "inaho", CLERK).await;
    let path = format!("/inaho{NEW}");
    for (name, value) in
        [("login_id", "hanakodt"), ("otp_starts", "2026-13-01"), ("otp_applied", "")]
    {
        let answer = sends(&clerk, &path, &with(&company(), name, value)).await.expect_status(422);
        assert!(!answer.summary().is_empty(), "{name}");
    }
    let receipt = sends(&clerk, &path, &company()).await.expect_status(303);
    let receipt = clerk.follow(receipt).await;
    let id = app.number("SELECT contract_id FROM users WHERE login_id = 'shinkodt'");
    assert!(receipt.body.contains(&format!("/inaho/staff/contracts/{id}")));
    let sql = format!(
        "SELECT otp_applied_on || ' ' || otp_starts_on AS value FROM contracts WHERE id = {id}"
    );
    assert_eq!(app.texts(&sql), ["2026-11-01 2026-12-01"]);
    let contract = format!("/inaho/staff/contracts/{id}");
    let page = clerk.get(&contract).await.expect_screen("STF013");
    assert_eq!(page.fact("カナ").as_deref(), Some("ｲﾅﾎｼﾝｼｮｳｼﾞ"));
    assert!(page.text().contains("データ新子") && page.text().contains("マスターユーザ"));

    let account = |number: &'static str| -> Values {
        vec![
            ("branch_code", "077"),
            ("branch_name", "新しい支店"),
            ("account_type", "ordinary"),
            ("account_number", number),
            ("holder_kana", "イナホシンショウジ"),
            ("note", "H-8"),
        ]
    };
    sends(&clerk, &format!("{contract}/account"), &account("70")).await.expect_status(422);
    // Two at once for one account: one gets it.
    let checker = logged_in(&app, "inaho", CHECKER).await;
    let forms = [&clerk, &checker].map(|who| async {
        let address = format!("{contract}/account");
        let form = who.get(&address).await.form();
        who.post(&address, &form.filled(&account("7000022"))).await.status
    });
    let [one, two] = forms;
    let (one, two) = tokio::join!(one, two);
    assert!(one.min(two) == 303 && [409, 422].contains(&one.max(two)), "{one} {two}");
    assert_eq!(app.number("SELECT COUNT(*) FROM accounts WHERE number = '7000022'"), 1);

    let master: Values = vec![
        ("user_name", "データ新吾"),
        ("login_id", "shingodt"),
        ("telephone", "0300000778"),
        ("mail_address", "shingodt@example.jp"),
        ("note", "H-9"),
    ];
    sends(&clerk, &format!("{contract}/user"), &master).await.expect_status(303);
    sends(&clerk, &format!("{contract}/user"), &master).await.expect_status(422);
    assert_eq!(app.number("SELECT COUNT(*) FROM users WHERE login_id = 'shingodt'"), 1);
    let request = approves_letter(&app, "inaho", &checker).await;
    let form = clerk.get(&request).await.form_to("/letter.pdf");
    let letter = clerk.post(&form.action, &form.filled(&[])).await.expect_status(200);
    let text = read_pdf("pdftotext", &letter);
    assert!(text.contains("データ新吾 様") && text.contains("shingodt"), "{text}");

    // Other portals' contracts, and portals without such users.
    let foreign = app.number("SELECT MIN(id) FROM contracts WHERE portal = 'kodama'");
    for below in ["", "/account", "/user", "/close"] {
        let path = format!("/inaho/staff/contracts/{foreign}{below}");
        clerk.get(&path).await.expect_status(404);
    }
}

#[tokio::test]
async fn an_administrator_begins_with_the_number_of_the_letter() {
    let app = TestApp::demo("aoba");
    let clerk = logged_in(&app, "aoba", CLERK).await;
    let values: Values = company()
        .into_iter()
        .filter(|(name, _)| !["login_id", "otp_starts"].contains(name))
        .map(|(name, value)| if name == "number" { (name, "9000000777") } else { (name, value) })
        .collect();
    let made = sends(&clerk, &format!("/aoba{NEW}"), &values).await;
    made.expect_status(303);
    let role = "SELECT role AS value FROM users WHERE login_id = '9000000777'";
    assert_eq!(app.texts(role), ["administrator"]);
    let id = app.number("SELECT contract_id FROM users WHERE login_id = '9000000777'");
    clerk.get(&format!("/aoba/staff/contracts/{id}/user")).await.expect_status(404);
    let checker = logged_in(&app, "aoba", CHECKER).await;
    let request = approves_letter(&app, "aoba", &checker).await;
    let form = clerk.get(&request).await.form_to("/letter");
    let letter: Page = clerk.post(&form.action, &form.filled(&[])).await.expect_screen("STF021");
    let number = letter.fact("ご契約先登録用暗証番号").unwrap();
    assert_eq!(number.len(), 4);
    let browser = app.browser();
    let page = browser.get("/aoba/activation").await.expect_screen("BAL010");
    let values = [("login_id", "9000000777"), ("registration_number", number.as_str())];
    let answer = browser.submit(&page, &values).await;
    browser.follow(answer).await.expect_screen("BAL011");
    assert!(user_of(&app, "aoba", "9000000777") > 0);
}

#[tokio::test]
async fn a_contract_applies_for_one_time_passwords_later() {
    let app = TestApp::demo("inaho");
    let id = app.number("SELECT contract_id FROM users WHERE login_id = 'yachiyodt'");
    let clerk = logged_in(&app, "inaho", CLERK).await;
    let contract = format!("/inaho/staff/contracts/{id}");
    let page = clerk.get(&contract).await.expect_screen("STF013");
    assert!(page.text().contains("申込みを登録する"), "{}", page.text());
    let path = format!("{contract}/otp");
    for values in [
        [("otp_applied", ""), ("otp_starts", ""), ("note", "K-1")],
        [("otp_applied", "2026-02-30"), ("otp_starts", ""), ("note", "K-1")],
        [("otp_applied", "2026-11-20"), ("otp_starts", ""), ("note", "")],
    ] {
        sends(&clerk, &path, &values).await.expect_status(422);
    }
    let values = [("otp_applied", "2026-11-20"), ("otp_starts", "2026-11-24"), ("note", "K-1")];
    sends(&clerk, &path, &values).await.expect_status(303);
    let own = format!(
        "SELECT COUNT(*) FROM contracts WHERE id = {id} AND otp_applied_on = '2026-11-20' \
         AND otp_starts_on = '2026-11-24'"
    );
    assert_eq!(app.number(&own), 1);
    let again = sends(&clerk, &path, &values).await.expect_status(422);
    assert!(again.summary().contains("すでに"), "{}", again.summary());
    // From the day on, its users register a token at login.
    let yachiyo = Person { login_id: "yachiyodt", password: "Demo#20260", confirm: "kakunin3B" };
    app.enter(&app.browser(), yachiyo).await.expect_screen("BLG020");
    // Of no other portal.
    let retail = app.number("SELECT MIN(contract_id) FROM users WHERE portal = 'shirakaba'");
    clerk.get(&format!("/inaho/staff/contracts/{retail}/otp")).await.expect_status(404);
}
