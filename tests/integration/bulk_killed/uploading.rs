//! BFT011 while the program is killed.

use std::time::Duration;

use super::site::{Scene, forget_files, left_over, maker, upload, upload_form, whole_files};
use crate::browser::Browser;

const KILLS: u64 = 12;
/// Four chunks.
const RECORDS: usize = 6_500;
/// As soon as that a server dies.
const LIFE_MIN_MS: u64 = 40;

/// Uploads until the server dies: how many files were acknowledged, and the form that got no
/// answer, if one was sent.
async fn upload_until_death(browser: &Browser, file: &[u8]) -> (i64, Option<Vec<u8>>) {
    let mut acknowledged = 0;
    loop {
        let Some(form) = upload_form(browser, file).await else { return (acknowledged, None) };
        let Some(answer) = upload(browser, &form).await else {
            return (acknowledged, Some(form));
        };
        let answer = answer.expect_status(303);
        let location = answer.location.unwrap();
        assert!(!location.contains("report"), "{location}");
        acknowledged += 1;
    }
}

/// Nobody sees what is on its way.
async fn assert_hidden(browser: &Browser, files: i64) {
    let list = browser.get("/aoba/files/history").await.expect_screen("BFT040");
    assert!(!list.text().contains("アップロード中"), "{}", list.text());
    let shown = i64::try_from(list.table().len()).unwrap();
    assert_eq!(shown, files.min(50));
}

#[tokio::test]
async fn a_killed_upload_is_there_whole_or_goes_away() {
    let mut scene = Scene::new();
    let (server, db) = scene.start(0).await;
    forget_files(&db);
    let file = scene.file(&db, RECORDS, 1);
    drop(server);
    let mut unanswered: Option<(Browser, Vec<u8>)> = None;
    let (mut acknowledged, mut done_unseen, mut sent_again) = (0, 0, 0);
    for round in 0..=KILLS {
        // A form's key is free again two minutes after its server was killed.
        let (server, db) = scene.start(3).await;
        server.post("/qa/worker/run", &[]).await.unwrap();
        let extra = whole_files(&db) - acknowledged;
        assert!((0..=1).contains(&extra), "round {round}: {extra} more than acknowledged");
        assert!(extra == 0 || unanswered.is_some(), "round {round}: a file that nobody sent");
        done_unseen += extra;
        let browser = maker(&server).await;
        assert_hidden(&browser, acknowledged + extra).await;
        if let Some((earlier, form)) = unanswered.take() {
            // Whoever got no answer sends the same form again: one file, whatever was done before.
            upload(&earlier, &form).await.unwrap().expect_status(303);
            acknowledged += 1;
            sent_again += 1;
            assert_eq!(whole_files(&db), acknowledged, "round {round}");
        }
        if round == KILLS {
            break;
        }
        let killer = server.kill_after(Duration::from_millis(LIFE_MIN_MS + round * 7 % KILLS * 60));
        let (more, left) = upload_until_death(&browser, &file).await;
        killer.join().unwrap();
        acknowledged += more;
        unanswered = left.map(|form| (browser, form));
    }
    // An hour later the worker takes away what broke off.
    let (server, db) = scene.start(0).await;
    let (broken_off, _) = left_over(&db);
    drop(server);
    let (server, db) = scene.start(61).await;
    server.post("/qa/worker/run", &[]).await.unwrap();
    assert_eq!(left_over(&db), (0, 0), "of {broken_off}");
    assert_eq!(whole_files(&db), acknowledged);
    println!(
        "{acknowledged} uploads acknowledged, {sent_again} of them sent again of which \
         {done_unseen} were done before; {broken_off} broke off"
    );
    assert!(acknowledged > 0 && broken_off > 0, "{acknowledged} {broken_off}");
}
