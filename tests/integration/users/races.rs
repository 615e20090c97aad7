//! Two administrators at once: one acts, the other is told.

use super::site::{Company, HANAKO, NewUser, SABURO, SHINJIN};
use crate::browser::Page;
use crate::people::Person;

/// One went on to its result, the other got 409.
#[track_caller]
fn expect_one_winner(answers: [&Page; 2]) -> usize {
    let done: Vec<usize> = (0..2).filter(|at| answers[*at].status == 303).collect();
    assert_eq!(done.len(), 1, "{answers:?}");
    assert_eq!(answers[1 - done[0]].status, 409, "{answers:?}");
    done[0]
}

#[tokio::test]
async fn of_two_who_change_one_user_one_does() {
    for _ in 0..3 {
        let app = Company::new();
        let (one, other) = (app.logged_in(HANAKO).await, app.logged_in(SABURO).await);
        let mut pages = Vec::new();
        for (browser, name) in [(&one, "データ甲"), (&other, "データ乙")] {
            let page = app.begins(browser, "sachikodt", "change").await;
            let values = [("name", name), ("role", "general"), ("mail_address", "")];
            let page = browser.follow(browser.submit(&page, &values).await).await;
            let page = app.ticks(browser, &page, &["balance"], &["7010046"], [""; 4]).await;
            pages.push(page.expect_screen("BAU033"));
        }
        let proofs = ([("confirm", HANAKO.confirm)], [("confirm", SABURO.confirm)]);
        let answers =
            tokio::join!(one.submit(&pages[0], &proofs.0), other.submit(&pages[1], &proofs.1));
        let winner = expect_one_winner([&answers.0, &answers.1]);
        assert_eq!(app.of("sachikodt", "name"), ["データ甲", "データ乙"][winner]);
        let loser = if winner == 0 { &answers.1 } else { &answers.0 };
        assert_eq!(loser.screen(), "BAU030");
        assert!(loser.text().contains("先にこの利用者の情報を変更しました"), "{}", loser.text());
        assert_eq!(loser.fact("利用者名"), Some(app.of("sachikodt", "name")));
        assert_eq!(app.lines("user.change", "sachikodt"), 1);
    }
}

#[tokio::test]
async fn of_two_who_reset_one_password_one_does() {
    for _ in 0..3 {
        let app = Company::new();
        let (one, other) = (app.logged_in(HANAKO).await, app.logged_in(SABURO).await);
        let lists = (app.list(&one, "reset").await, app.list(&other, "reset").await);
        let values = |who: Person| [("hand_over", "print"), ("confirm", who.confirm)];
        let (first, second) = (values(HANAKO), values(SABURO));
        let answers = tokio::join!(
            app.ticks_of(&one, &lists.0, &["sachikodt"], &first),
            app.ticks_of(&other, &lists.1, &["sachikodt"], &second)
        );
        expect_one_winner([&answers.0, &answers.1]);
        assert_eq!(app.lines("user.reset_password", "sachikodt"), 1);
        assert_eq!(app.number("SELECT COUNT(*) FROM initial_passwords"), 1);
    }
}

/// Two master users, and no other who can log in.
async fn two_masters(app: &Company) -> Person {
    app.execute("UPDATE users SET role = 'master' WHERE login_id = 'hanakodt'");
    app.execute(&format!("DELETE FROM user_rights WHERE user_id = {}", app.id("hanakodt")));
    HANAKO
}

#[tokio::test]
async fn two_masters_who_pause_each_other_leave_one() {
    for _ in 0..4 {
        let app = Company::new();
        let hanako = two_masters(&app).await;
        let (one, other) = (app.logged_in(hanako).await, app.logged_in(SABURO).await);
        let lists = (app.list(&one, "pause").await, app.list(&other, "pause").await);
        let (first, second) = (
            [("act", "pause"), ("confirm", hanako.confirm), ("agreed", "yes")],
            [("act", "pause"), ("confirm", SABURO.confirm), ("agreed", "yes")],
        );
        tokio::join!(
            app.ticks_of(&one, &lists.0, &["saburodt"], &first),
            app.ticks_of(&other, &lists.1, &["hanakodt"], &second)
        );
        let left = "SELECT COUNT(*) FROM users WHERE role = 'master' AND paused_at IS NULL \
                    AND deleted_at IS NULL AND contract_id = \
                    (SELECT id FROM contracts WHERE number = '4000000001')";
        assert_eq!(app.number(left), 1);
    }
}

#[tokio::test]
async fn two_masters_who_delete_each_other_leave_one() {
    for _ in 0..3 {
        let app = Company::new();
        let hanako = two_masters(&app).await;
        let (one, other) = (app.logged_in(hanako).await, app.logged_in(SABURO).await);
        let first = app.begins(&one, "saburodt", "delete").await.expect_screen("BAU033");
        let second = app.begins(&other, "hanakodt", "delete").await.expect_screen("BAU033");
        let agreed = ("agreed", "yes");
        let proofs = ([("confirm", hanako.confirm), agreed], [("confirm", SABURO.confirm), agreed]);
        tokio::join!(one.submit(&first, &proofs.0), other.submit(&second, &proofs.1));
        let left = "SELECT COUNT(*) FROM users WHERE role = 'master' AND deleted_at IS NULL \
                    AND contract_id = (SELECT id FROM contracts WHERE number = '4000000001')";
        assert_eq!(app.number(left), 1);
    }
}

#[tokio::test]
async fn the_same_id_registered_twice_at_once_is_there_once() {
    for _ in 0..3 {
        let app = Company::new();
        let (one, other) = (app.logged_in(HANAKO).await, app.logged_in(SABURO).await);
        let first = app.to_confirm(&one, SHINJIN).await;
        let second = app.to_confirm(&other, NewUser { name: "データ別人", ..SHINJIN }).await;
        let proofs = ([("confirm", HANAKO.confirm)], [("confirm", SABURO.confirm)]);
        let answers = tokio::join!(one.submit(&first, &proofs.0), other.submit(&second, &proofs.1));
        let statuses = [answers.0.status, answers.1.status];
        assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [303, 409, 422].contains(status)), "{statuses:?}");
        assert_eq!(app.number("SELECT COUNT(*) FROM users WHERE login_id = 'shinjin01'"), 1);
    }
}
