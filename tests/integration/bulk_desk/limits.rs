//! What a file sends counts for the limits of its day.

use super::site::{Desk, Spec, TANTO_B, TANTO_C};
use madoguchi::domain::bulk_file::BulkKind;
use madoguchi::operations::bulk_file::give_back_in_tx;
use madoguchi::primitives::ids::BulkFileId;

fn of(yen: u64) -> Spec {
    Spec {
        items: vec![("1000001".into(), "ﾔﾏﾀﾞ ﾀﾛｳ".into(), yen)], ..Spec::approved()
    }
}

fn counted(app: &Desk, user: bool) -> i64 {
    let who = if user { "user_id > 0" } else { "user_id = 0" };
    app.number(&format!(
        "SELECT COALESCE(SUM(counted_yen), 0) FROM payment_totals \
         WHERE service = 'files' AND on_day = '2026-11-27' AND {who}"
    ))
}

#[tokio::test]
async fn what_is_sent_counts_on_the_day_of_the_file_and_no_further_than_its_limit() {
    let app = Desk::new();
    let c = app.logged_in(TANTO_C).await;
    let ids = [90_000_000, 100_000_000, 100_000_000, 20_000_000].map(|yen| app.write(&of(yen)));
    // 300 million a day by the profile: the fourth would be too much, whatever order they go in.
    let answer = app.send(&c, &ids).await.expect_status(303);
    let result = c.follow(answer).await.expect_screen("BFT031").text();
    assert!(result.contains("3件のデータを送信しました"), "{result}");
    assert!(result.contains("指定日のご契約の限度額を超えます"), "{result}");
    assert_eq!(app.file(ids[3], "state"), "approved");
    assert_eq!((counted(&app, false), counted(&app, true)), (290_000_000, 290_000_000));
    // A rejected one gives its part back.
    let id = BulkFileId(ids[0]);
    let done = app.services.db.write_blocking(move |conn| {
        let file = madoguchi::db::queries::bulk_files::get(conn, id)?;
        give_back_in_tx(conn, &file)
    });
    done.unwrap();
    assert_eq!((counted(&app, false), counted(&app, true)), (200_000_000, 200_000_000));
    app.send(&c, &[ids[3]]).await.expect_status(303);
    assert_eq!(app.file(ids[3], "state"), "sent");
}

#[tokio::test]
async fn nobody_approves_or_sends_more_than_the_own_limit() {
    let app = Desk::new();
    for who in [TANTO_B, TANTO_C] {
        app.execute(&format!(
            "INSERT INTO user_limits (user_id, service, per_transaction_yen, daily_yen) \
             VALUES ({}, 'files', 600000, 700000)",
            app.id_of(who)
        ));
    }
    let [first, second] = [0, 1].map(|_| app.write(&Spec::waiting()));
    let above = app.write(&Spec { state: Spec::waiting().state, ..of(600_001) });
    let b = app.logged_in(TANTO_B).await;
    let answer = app.approve(&b, &[above]).await.expect_status(409);
    assert!(answer.summary().contains("あなたの1回あたりの限度額"), "{}", answer.summary());
    app.approve(&b, &[first, second]).await.expect_status(303);
    let c = app.logged_in(TANTO_C).await;
    let answer = app.send(&c, &[first, second]).await.expect_status(303);
    let result = c.follow(answer).await.expect_screen("BFT031").text();
    assert!(result.contains("指定日のあなたの限度額を超えます"), "{result}");
    assert_eq!(counted(&app, true), 600_000);
}

#[tokio::test]
async fn a_collection_counts_for_no_limit() {
    let app = Desk::new();
    let spec = Spec { kind: BulkKind::DirectDebit, ..of(9_000_000) };
    let id = app.write(&spec);
    let c = app.logged_in(TANTO_C).await;
    app.send(&c, &[id]).await.expect_status(303);
    assert_eq!((app.file(id, "state"), counted(&app, false)), ("sent".into(), 0));
}

#[tokio::test]
async fn a_hold_lets_little_through_whatever_the_day() {
    let app = Desk::new();
    let hold = |until: &str| {
        app.execute(&format!(
            "UPDATE users SET hold_until = '{until}' WHERE id = {}",
            app.id_of(TANTO_C)
        ));
    };
    let [small, large, later] = [400_000, 500_000, 600_000].map(|yen| app.write(&of(yen)));
    let c = app.logged_in(TANTO_C).await;
    hold("2026-11-28 00:00:00");
    app.send(&c, &[small]).await.expect_status(303);
    let answer = app.send(&c, &[large]).await.expect_status(409);
    assert!(answer.summary().contains("安全のため"), "{}", answer.summary());
    // Whom a file pays is not looked at one by one: its day after the hold makes no difference.
    hold("2026-11-25 00:00:00");
    let answer = app.send(&c, &[later]).await.expect_status(409);
    assert!(answer.summary().contains("安全のため"), "{}", answer.summary());
    hold("2026-11-23 00:00:00");
    app.send(&c, &[later]).await.expect_status(303);
}
