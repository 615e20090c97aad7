//! The life of a file through HTTP: every state, act and person, held against the table of the
//! domain.

use madoguchi::domain::bulk_file::{BulkAct, BulkActor, BulkState, decide};

use super::site::{Desk, OF_B, OF_C, Spec, TANTO_B, TANTO_C};
use crate::aoba::site::{Member, TANTO_A};
use crate::browser::{Browser, Fields};

const ACTS: [BulkAct; 5] =
    [BulkAct::ApproveLast, BulkAct::Return, BulkAct::Withdraw, BulkAct::Send, BulkAct::Delete];

const NOBODY: BulkActor = BulkActor {
    may_make: false,
    may_approve: false,
    may_send: false,
    is_maker: false,
    has_approved: false,
    maker_may_approve: false,
};

/// What the form of an act on a file carries, whatever pages would show it.
fn form(app: &Desk, (act, id): (BulkAct, i64), code: &str, no: usize) -> (String, Fields) {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let draft = format!("{}.{}", app.file(id, "submission"), app.file(id, "content_sha256"));
    let mut fields = vec![field("request_key", &format!("{no:043}"))];
    let path = match act {
        BulkAct::Send => {
            fields.push((app.tick(id), "on".to_owned()));
            fields.push(field("otp", code));
            "sending".to_owned()
        }
        BulkAct::Return => {
            fields.extend([field("draft", &draft), field("comment", "理由")]);
            format!("approval/{id}/return")
        }
        BulkAct::Withdraw | BulkAct::Delete => {
            fields.push(field("draft", &draft));
            format!("history/{id}/{act}")
        }
        _ => {
            fields.extend([field("draft", &draft), field("otp", code)]);
            format!("approval/{id}")
        }
    };
    (format!("/aoba/files/{path}"), fields)
}

#[tokio::test]
async fn every_state_act_and_person_is_as_the_domain_says() {
    let app = Desk::new();
    let people: [(Member, &str, BulkActor); 3] = [
        (TANTO_A, "", BulkActor { may_make: true, is_maker: true, ..NOBODY }),
        (TANTO_B, OF_B, BulkActor { may_approve: true, ..NOBODY }),
        (TANTO_C, OF_C, BulkActor { may_send: true, ..NOBODY }),
    ];
    let mut id = app.write(&Spec::waiting());
    let states = BulkState::ALL.iter().copied();
    let states: Vec<BulkState> = states
        .filter(|state| !matches!(state, BulkState::Uploading | BulkState::Deleted))
        .collect();
    let (mut no, mut done) = (0, 0);
    for (who, serial, actor) in people {
        let browser: Browser = app.logged_in(who).await;
        let csrf = browser.get("/aoba/files").await.form_to("/logout").hidden;
        for &state in &states {
            for act in ACTS {
                app.put(id, (state, 1));
                no += 1;
                let code = if serial.is_empty() { "123456".into() } else { app.next_code(serial) };
                let (path, mut fields) = form(&app, (act, id), &code, no);
                fields.extend(csrf.clone());
                let answer = browser.post(&path, &fields).await;
                let is_by_code = matches!(act, BulkAct::ApproveLast | BulkAct::Send);
                // Whoever has no token gives no code.
                let is_able = !(is_by_code && serial.is_empty());
                let expected = match decide(state, act, Some(actor)) {
                    Ok(to) if is_able => to,
                    _ => state,
                };
                let at = format!("{} {state} {act}: {} {}", who.id, answer.status, answer.text());
                assert_eq!(app.file(id, "state"), expected.to_string(), "{at}");
                let is_done = answer.status == 303;
                assert_eq!(is_done, expected != state, "{at}");
                assert!(is_done || matches!(answer.status, 403 | 409), "{at}");
                done += usize::from(is_done);
                if expected == BulkState::Deleted {
                    id = app.write(&Spec::waiting());
                }
            }
        }
    }
    // A withdraws once and deletes four times; B approves, returns and withdraws (twice); C sends.
    assert_eq!(done, 10);
}
