//! Once: a form sent twice, the same account from many sides at once, the most there can be.

use futures_util::future::join_all;
use madoguchi::db::queries::payees::{self, NewPayee};
use madoguchi::domain::payee::{PAYEES_MAX, PayeeAccountType, PayeeState};
use madoguchi::primitives::ids::{ContractId, UserId};

use super::site::{FUTABAS_ACCOUNT, ICHIRO, PayeeApp, values};

const REVIVE: &str =
    "UPDATE flows SET step = 'confirm' WHERE operation = 'payee_change' AND step = 'ended'";

fn new_payee(app: &PayeeApp, number: &str) -> NewPayee {
    let column = |name: &str| {
        let sql = format!("SELECT {name} FROM users WHERE login_id = '{}'", ICHIRO.login_id);
        app.number(&sql)
    };
    NewPayee {
        portal: "kodama".to_owned(),
        contract_id: ContractId(column("contract_id")),
        user_id: UserId(column("id")),
        bank_code: "0001".to_owned(),
        bank_name: "みずほ".to_owned(),
        branch_code: "001".to_owned(),
        branch_name: "東京営業部".to_owned(),
        account_type: PayeeAccountType::Ordinary,
        number: number.to_owned(),
        holder_kana: "ﾃﾞﾓ".to_owned(),
        nickname: String::new(),
        state: PayeeState::Registered,
        registered_at: app.now(),
        last_paid_at: None,
    }
}

#[tokio::test]
async fn the_same_account_is_registered_once() {
    let app = PayeeApp::new();
    let browser = app.inside().await;
    let page = app.to_confirm(&browser, FUTABAS_ACCOUNT, "").await;
    let proof = [("confirm", ICHIRO.confirm)];
    let answers = join_all((0..8).map(|_| browser.submit(&page, &proof))).await;
    assert!(answers.iter().all(|answer| answer.is_done()), "{answers:?}");
    assert_eq!((app.count(), app.mails("payee_changed")), (2, 1));

    // From four logins at once, as if none of their flows had ended the others.
    let mut pages = Vec::new();
    for _ in 0..4 {
        let browser = app.inside().await;
        let page = app.to_confirm(&browser, ["0001", "001", "1234567"], "").await;
        pages.push((browser, page));
    }
    app.execute(REVIVE);
    let answers = join_all(pages.iter().map(|(browser, page)| browser.submit(page, &proof))).await;
    let done = answers.iter().filter(|answer| answer.is_done()).count();
    let late = answers.iter().filter(|answer| answer.is_too_late()).count();
    assert_eq!((done, late), (1, 3), "{answers:?}");
    assert_eq!((app.count(), app.mails("payee_changed")), (3, 2));

    // Past every flow: the table's own guard.
    let new = new_payee(&app, "7654321");
    let inserts = (0..8).map(|_| {
        let new = new.clone();
        app.services.db.write(move |conn| payees::insert(conn, &new))
    });
    let made = join_all(inserts).await;
    assert_eq!(made.iter().filter(|made| *made.as_ref().unwrap()).count(), 1, "{made:?}");
    assert_eq!(app.count(), 4);
}

#[tokio::test]
async fn there_are_so_many_and_no_more() {
    let app = PayeeApp::new();
    let first = new_payee(&app, "0000001");
    let left = PAYEES_MAX - app.count() - 1;
    let filled = app.services.db.write_blocking(move |conn| {
        for number in 1..=left {
            let number = format!("{number:07}");
            payees::insert(conn, &NewPayee { number, ..first.clone() })?;
        }
        Ok::<_, madoguchi::db::DbError>(())
    });
    filled.unwrap();
    let (browser, other) = (app.inside().await, app.inside().await);
    let page = app.to_confirm(&other, ["0001", "001", "9000001"], "").await;
    app.registers(&browser, FUTABAS_ACCOUNT).await;
    app.execute(REVIVE);
    app.confirm(&other, &page).await.expect_status(409);
    let list = browser.get("/kodama/payees").await.expect_screen("BTR020");
    assert!(list.text().contains("500件のうち 1〜50件目"), "{}", list.text());
    assert!(list.text().contains("500件まで登録できます"), "{}", list.text());
    assert!(list.body.len() < 60 * 1024, "{}", list.body.len());
    let last = browser.get("/kodama/payees?page=10").await;
    assert!(last.text().contains("451〜500件目"), "{}", last.text());
    let input = browser.get("/kodama/payees/new?bank=0001&branch=001").await;
    let full = browser.submit(&input, &values("9000002", "")).await.expect_status(422);
    assert!(full.summary().contains("500件まで"), "{}", full.summary());
    assert_eq!(app.count(), PAYEES_MAX);
}

#[tokio::test]
async fn a_user_gets_so_many_names_a_day_and_no_more_of_many_at_once() {
    let app = PayeeApp::new();
    let browser = app.inside().await;
    let page = browser.get("/kodama/payees/new?bank=0001&branch=001").await.expect_screen("BTR021");
    let most = i64::from(app.ctx_of("kodama").profile.transfers.name_lookups_daily);
    let asked = || app.number("SELECT asked FROM name_lookups");
    // The first of all, which makes the row.
    browser.submit(&page, &values("1234567", "")).await.expect_status(303);
    assert_eq!(asked(), 1);
    app.execute(&format!("UPDATE name_lookups SET asked = {}", most - 3));
    let answers = join_all((0..8).map(|_| browser.submit(&page, &values("1234567", "")))).await;
    let told = answers.iter().filter(|answer| answer.status == 303).count();
    assert_eq!((told, asked()), (3, most), "{answers:?}");
    let refused = answers.iter().find(|answer| answer.status == 422).unwrap();
    assert!(refused.summary().contains("回数の上限"), "{}", refused.summary());
    // A name that is typed does not lead around it.
    browser.submit(&page, &values("1234567", "ｱｵｿﾞﾗ ｱｷ")).await.expect_status(422);
    // Another day begins anew.
    app.execute("UPDATE name_lookups SET on_day = '2020-01-01'");
    browser.submit(&page, &values("1234567", "")).await.expect_status(303);
    assert_eq!(asked(), 1);
}
