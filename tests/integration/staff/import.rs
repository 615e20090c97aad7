//! STF030, a key file through the browser: looked at, then imported, once.

use super::support::{AUDITOR, CHECKER, CLERK, Member, logged_in};
use crate::app::TestApp;
use crate::browser::{Browser, Page};
use crate::dump::{assert_unchanged, dump};

const PATH: &str = "/shirakaba/staff/stock/import";
const BOUNDARY: &str = "----tests7MA4YWxkTrZu0gW";

fn csv(rows: &[(&str, &str)]) -> String {
    let lines = rows.iter().map(|(serial, secret)| format!("{serial},{secret},totp,6,30\n"));
    format!("serial,secret,type,digits,period\n{}", lines.collect::<String>())
}

fn secret(number: u8) -> String {
    format!("f{number:02}1").repeat(10)
}

fn body(fields: &[(&str, &str)], file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
            .bytes(),
        );
    }
    body.extend(
        format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"C:\\\\keys\\\\maker.csv\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        )
        .bytes(),
    );
    body.extend(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    body
}

async fn uploads(browser: &Browser, format: &str, key: (&str, &str), file: &[u8]) -> Page {
    let form = browser.get(PATH).await.expect_screen("STF030").form();
    let token = form.hidden("csrf_token").unwrap().to_owned();
    let fields = [
        ("csrf_token", token.as_str()),
        ("kind", "hardware"),
        ("format", format),
        ("shared_key", key.0),
        ("password", key.1),
    ];
    posts(browser, body(&fields, file)).await
}

async fn posts(browser: &Browser, body: Vec<u8>) -> Page {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    browser.post_bytes(PATH, &kind, body).await
}

async fn previewed(app: &TestApp, who: Member, file: &str) -> (Browser, Page) {
    let browser = logged_in(app, "shirakaba", who).await;
    let answer = uploads(&browser, "csv", ("", ""), file.as_bytes()).await.expect_status(303);
    let page = browser.follow(answer).await.expect_screen("STF030");
    (browser, page)
}

#[tokio::test]
async fn nothing_is_stock_before_the_confirmation_and_each_serial_once() {
    let app = TestApp::demo("shirakaba");
    let (good, long) = (secret(1), secret(2));
    let file = csv(&[
        ("2V0799999001", &good),
        ("2V0799999002", &long),
        ("2V0716016FK1", &good),
        ("2V0799999003", "abcd"),
        ("2V0799999004", &good),
        ("2V0799999004", &good),
    ]);
    let before = app.number("SELECT COUNT(*) FROM tokens");
    let (clerk, page) = previewed(&app, CLERK, &file).await;
    assert_eq!(page.fact("ファイル").as_deref(), Some("maker.csv"));
    assert_eq!(page.fact("取り込むもの").as_deref(), Some("2件"));
    assert_eq!(page.fact("すでにあるもの（取り込みません）").as_deref(), Some("1件"));
    assert_eq!(page.fact("取り込めないもの").as_deref(), Some("3件"));
    assert_eq!(app.number("SELECT COUNT(*) FROM tokens"), before);
    let everything = format!("{:?}", dump(&app)).to_lowercase();
    assert!(!everything.contains(&good) && !page.body.contains(&good), "sealed until then");

    // Only whoever uploaded it sees it.
    let checker = logged_in(&app, "shirakaba", CHECKER).await;
    checker.get(&page.path).await.expect_status(404);
    clerk.post(&page.path, &page.form().filled(&[("note", "")])).await.expect_status(422);
    let fields = page.form().filled(&[("note", "N-1")]);
    let (a, b) = tokio::join!(clerk.post(&page.path, &fields), clerk.post(&page.path, &fields));
    assert_eq!((a.status, b.status), (303, 303), "{} {}", a.text(), b.text());
    assert_eq!(a.location, b.location);
    assert_eq!(app.number("SELECT COUNT(*) FROM tokens"), before + 2);
    assert_eq!(app.audited("token.import", "2 of 3 rows, kind hardware"), 1);
    let receipt = clerk.get(&a.location.unwrap()).await;
    assert!(receipt.fact("結果").unwrap().contains("2件"), "{}", receipt.text());
    clerk.get(&page.path).await.expect_status(404);
    assert_eq!(app.number("SELECT COUNT(*) FROM key_imports"), 0);
    let stock = clerk.get("/shirakaba/staff/stock?state=stock&q=2V07999").await;
    assert!(stock.text().contains("2V0799999001"), "{}", stock.text());
}

#[tokio::test]
async fn of_two_imports_of_the_same_serials_each_serial_is_taken_once() {
    let app = TestApp::demo("shirakaba");
    let serials: Vec<String> = (0..40).map(|n| format!("2V07888880{n:02}")).collect();
    let key = secret(7);
    let rows: Vec<_> = serials.iter().map(|serial| (serial.as_str(), key.as_str())).collect();
    let file = csv(&rows);
    let (clerk, one) = previewed(&app, CLERK, &file).await;
    let (checker, two) = previewed(&app, CHECKER, &file).await;
    let (a, b) = (one.form().filled(&[("note", "N")]), two.form().filled(&[("note", "N")]));
    let (a, b) = tokio::join!(clerk.post(&one.path, &a), checker.post(&two.path, &b));
    assert_eq!((a.status, b.status), (303, 303), "{} {}", a.text(), b.text());
    let taken = "SELECT COUNT(*) FROM tokens WHERE serial LIKE '2V0788888%'";
    assert_eq!(app.number(taken), 40);
    let results = app.texts("SELECT result AS value FROM staff_requests ORDER BY result");
    let counts: Vec<i64> =
        results.iter().map(|r| r.split(' ').next().unwrap().parse().unwrap()).collect();
    assert_eq!(counts.iter().sum::<i64>(), 40, "{results:?}");
    // A preview ends.
    app.advance(60);
    let (again, page) = previewed(&app, CLERK, &csv(&[("2V0777770001", &key)])).await;
    app.execute("UPDATE key_imports SET expires_at = created_at");
    again.get(&page.path).await.expect_status(404);
    again.post(&page.path, &page.form().filled(&[("note", "N")])).await.expect_status(404);
}

#[tokio::test]
async fn files_and_forms_that_are_none_are_refused_and_change_nothing() {
    let app = TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let before = dump(&app);
    let good = csv(&[("2V0799999001", &secret(1))]);
    let table: [(&str, (&str, &str), &[u8]); 8] = [
        ("csv", ("", ""), b""),
        ("csv", ("", ""), b"no,header\n"),
        ("csv", ("", ""), &[0xff, 0xfe, 0x00]),
        ("csv", ("", "password"), good.as_bytes()),
        ("pskc", ("", ""), good.as_bytes()),
        ("pskc", ("xyz", ""), b"<a/>"),
        ("pskc", ("00112233445566778899aabbccddeeff", "both"), b"<a/>"),
        ("other", ("", ""), good.as_bytes()),
    ];
    for (format, key, file) in table {
        let answer = uploads(&clerk, format, key, file).await.expect_status(422);
        assert!(!answer.summary().is_empty(), "{format} {key:?}");
        assert!(!answer.body.contains("00112233445566"), "no key comes back");
    }
    let many: Vec<String> = (0..2_001).map(|n| format!("2V076{n:07}")).collect();
    let key = secret(3);
    let rows: Vec<_> = many.iter().map(|serial| (serial.as_str(), key.as_str())).collect();
    let answer = uploads(&clerk, "csv", ("", ""), csv(&rows).as_bytes()).await.expect_status(422);
    assert!(answer.summary().contains("2000件までに分ける"), "{}", answer.summary());
    uploads(&clerk, "csv", ("", ""), &vec![b'a'; 2 * 1024 * 1024 + 1]).await.expect_status(413);
    // Forged, twice, broken, of another kind.
    let fields = [("csrf_token", "x"), ("kind", "hardware"), ("format", "csv")];
    posts(&clerk, body(&fields, good.as_bytes())).await.expect_status(403);
    posts(&clerk, b"--broken".to_vec()).await.expect_status(400);
    clerk.post_bytes(PATH, "text/plain", good.clone().into_bytes()).await.expect_status(403);
    let auditor = logged_in(&app, "shirakaba", AUDITOR).await;
    posts(&auditor, body(&fields, good.as_bytes())).await.expect_status(403);
    let mut after = dump(&app);
    for table in ["staff_logins", "staff_members"] {
        after.insert(table.to_owned(), before[table].clone());
    }
    assert_unchanged(&before, &after, "refused files");
}

#[tokio::test]
async fn an_encrypted_container_is_read_with_its_key() {
    let app = TestApp::demo("shirakaba");
    let path = format!("{}/tests/data/pskc/rfc6030_figure7.xml", env!("CARGO_MANIFEST_DIR"));
    let sample = std::fs::read(path).unwrap();
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    for key in [("", ""), ("", "wrong"), ("31323334353637383930313233343536", "")] {
        uploads(&clerk, "pskc", key, &sample).await.expect_status(422);
    }
    let answer = uploads(&clerk, "pskc", ("", "qwerty"), &sample).await.expect_status(303);
    // Its one key counts events: shown with the reason, and nothing to import.
    let page = clerk.follow(answer).await.expect_screen("STF030");
    assert_eq!(page.fact("取り込めないもの").as_deref(), Some("1件"), "{}", page.text());
    assert!(!page.text().contains("在庫に取り込む"), "{}", page.text());
}
