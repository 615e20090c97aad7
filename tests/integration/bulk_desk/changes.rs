//! Before and after the day from which files need a one-time password: 2017-07-24 07:00 in `aoba`.

use super::site::{Desk, OF_B, Spec, TANTO_B};
use crate::aoba::site::{AOBA, TANTO_A};
use madoguchi::primitives::clock::parse_rfc3339;

fn at(app: &Desk, text: &str) {
    app.set_clock(parse_rfc3339(&format!("{text}+09:00")).unwrap());
}

/// A file that can be sent then.
fn write(app: &Desk) -> i64 {
    let id = app.write(&Spec::waiting());
    app.execute(&format!(
        "UPDATE bulk_files SET value_date = '2017-07-28', deadline_at = '2017-07-25 03:00:00' \
         WHERE id = {id}"
    ));
    id
}

#[tokio::test]
async fn the_confirming_secret_until_the_date_and_a_code_from_it_on() {
    let app = Desk::without_tokens();
    at(&app, "2017-07-24T06:50:00");
    let (first, second, third) = (write(&app), write(&app), write(&app));
    let b = app.logged_in(TANTO_B).await;
    let page = b.get("/aoba/files/approval").await.expect_screen("BFT020");
    assert!(page.form_having("confirm").names.contains(&"confirm".to_owned()));
    let proof = ("confirm", TANTO_B.confirm);
    at(&app, "2017-07-24T06:59:59");
    app.act(&b, "approval", &[first], proof).await.expect_status(303);
    assert_eq!(app.history(first)[1], "approve_last approved confirm");
    // The form stands open while the date comes.
    let page = b.get("/aoba/files/approval").await.expect_screen("BFT020");
    let form = page.keyed_form();
    at(&app, "2017-07-24T07:00:00");
    let mut fields = form.filled(&[proof]);
    fields.push((app.tick(second), "on".to_owned()));
    b.post(&form.action, &fields).await.expect_status(403);
    assert_eq!(app.file(second, "state"), "waiting");
    let page = b.get("/aoba/files/approval").await.expect_screen("BFT020");
    assert!(page.text().contains("まだご利用になれません"), "{}", page.text());
    // With a token.
    app.execute(&format!("UPDATE tokens SET state = 'in_use' WHERE serial = '{OF_B}'"));
    app.execute(&format!(
        "UPDATE users SET token_status = 'in_use', \
         token_id = (SELECT id FROM tokens WHERE serial = '{OF_B}') WHERE id = {}",
        app.id_of(TANTO_B)
    ));
    app.approve(&b, &[third]).await.expect_status(303);
    assert_eq!(app.history(third)[1], "approve_last approved otp");
}

#[tokio::test]
async fn the_home_page_tells_from_thirty_days_before_what_changes_and_who_has_no_token() {
    let app = Desk::without_tokens();
    let told = "お手続きに必要なものが変わります";
    for (now, is_told) in [
        ("2017-06-24T06:59:00", false),
        ("2017-06-24T07:00:00", true),
        ("2017-07-24T06:59:00", true),
        ("2017-07-24T07:00:00", false),
    ] {
        at(&app, now);
        let a = app.logged_in(TANTO_A).await;
        for path in ["", "files"] {
            let page = a.get(&format!("/aoba/{path}")).await.expect_status(200);
            assert_eq!(page.text().contains(told), is_told, "{now} {path}");
        }
    }
    at(&app, "2017-07-20T09:00:00");
    let top = app.logged_in(TANTO_A).await.get("/aoba/").await.expect_screen("BTP001");
    let row = top.table().into_iter().find(|row| row[0] == "ファイルの承認").unwrap();
    assert!(row[1].contains("利用者確認暗証番号"), "{row:?}");
    assert!(row[1].contains("2017年7月24日 6時59分59秒まで"), "{row:?}");
    assert!(row[2].contains("ワンタイムパスワード"), "{row:?}");
    assert!(row[2].contains("2017年7月24日 7時00分00秒から"), "{row:?}");
    let names = top.fact("トークンをまだお持ちでない利用者").unwrap();
    assert_eq!(names, "担当者A、担当者B、担当者C");
    let top = app.logged_in(AOBA).await.get("/aoba/").await.expect_screen("BTP001");
    assert!(top.text().contains("「利用者一覧」から登録してください"), "{}", top.text());
}
