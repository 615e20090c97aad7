//! One answer of the picture card settles one act.

use futures_util::future::join_all;
use madoguchi::db::queries::users;
use madoguchi::domain::user::User;
use madoguchi::operations::proof::ProofRefusal;
use madoguchi::operations::proof::act::{self, ActProof, GivenProof};
use madoguchi::operations::token::confirmation::Confirmation;
use madoguchi::primitives::ids::UserId;

use crate::app::TestApp;
use crate::info::to_confirm;
use crate::people::{FK1, HANAKO, pictures_for};

const CHALLENGE: &str = "A1,C2,E4";

fn hanako(app: &TestApp) -> User {
    let id = UserId(app.user(HANAKO, "id").parse().unwrap());
    app.services.db.read_blocking(move |conn| users::get(conn, id)).unwrap()
}

/// Both acts compare the same answer before either comes to its outcome.
#[tokio::test]
async fn one_answer_of_the_picture_card_settles_one_act() {
    let app = TestApp::new();
    let (user, ctx) = (hanako(&app), app.ctx());
    let pictures = pictures_for(CHALLENGE).into_iter().map(str::to_owned).collect();
    let given = GivenProof { code: None, confirmation: Confirmation::Pictures(pictures) };
    let mut proofs: Vec<ActProof> = Vec::new();
    for _ in 0..2 {
        proofs.push(
            act::prove(&app.services, &ctx, act::Asked::of(&user, &given)).await.unwrap().unwrap(),
        );
    }
    let settle = |proof: ActProof| {
        let (ctx, user) = (ctx.clone(), user.clone());
        let settled = app
            .services
            .db
            .write_blocking(move |conn| act::settle_in_tx(conn, &ctx, &user, &proof));
        settled.unwrap()
    };
    assert_eq!(settle(proofs.remove(0)), Ok(()));
    let refused = ProofRefusal::PicturesWrong { remaining: None };
    assert_eq!(settle(proofs.remove(0)), Err(refused));
}

/// A start and changes of the telephone number with one answer, sent at once: one of them acts.
#[tokio::test]
async fn of_acts_sent_at_once_with_one_answer_one_is_done() {
    for round in 0..6 {
        let app = TestApp::new();
        let starting = app.browser();
        let start = app.begin(&starting, "start", HANAKO).await.expect_screen("BOM102");
        let mut changes = Vec::new();
        for number in 1..=4 {
            let browser = app.logged_in(HANAKO).await;
            let telephone = format!("090-0000-000{number}");
            changes
                .push((to_confirm(&browser, "shirakaba", "telephone", &telephone).await, browser));
        }
        // Each change begun ended the one before; that is undone, so that only the proof is left.
        app.execute("UPDATE flows SET step = 'confirm' WHERE operation = 'customer_info_change'");
        app.execute("UPDATE flows SET step = 'input' WHERE operation = 'token_start'");
        let pictures = pictures_for(CHALLENGE);
        let shown =
            [("picture_1", pictures[0]), ("picture_2", pictures[1]), ("picture_3", pictures[2])];
        let code = app.code(FK1);
        let typed = [("serial", FK1), ("otp", code.as_str()), ("login_choice", "required")];
        let start_values = [&typed[..], &shown[..]].concat();
        let (started, changed) = tokio::join!(
            starting.submit(&start, &start_values),
            join_all(changes.iter().map(|(page, browser)| browser.submit(page, &shown))),
        );
        let done = changed.iter().chain([&started]).filter(|page| page.is_done()).count();
        assert_eq!(done, 1, "round {round}: {started:?} {changed:?}");
        assert_eq!(app.number("SELECT COUNT(*) FROM receipts"), 1, "round {round}");
    }
}
