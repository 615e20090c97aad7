//! The demo's files: one in every state, with records that are what they say.

use super::site::Files;

#[tokio::test]
async fn every_state_has_a_file_with_whole_records() {
    let files = Files::new();
    for portal in ["aoba", "inaho"] {
        let states = files.texts(&format!(
            "SELECT DISTINCT state AS value FROM bulk_files WHERE portal = '{portal}' \
             ORDER BY state"
        ));
        let all = [
            "accepted",
            "approved",
            "done",
            "draft",
            "expired",
            "partly_failed",
            "rejected",
            "returned",
            "sent",
            "waiting",
            "withdrawn",
        ];
        assert_eq!(states, all, "{portal}");
    }
    let wrong = "SELECT COUNT(*) FROM bulk_files WHERE item_count <> \
                 (SELECT LENGTH(bytes) / 122 - 3 FROM bulk_chunks WHERE file_id = bulk_files.id)";
    assert_eq!(files.number(wrong), 0, "header, records, trailer, end");
    // The last line of each history is where the file stands.
    let apart = "SELECT COUNT(*) FROM bulk_files WHERE state <> (SELECT state FROM bulk_events \
                 WHERE file_id = bulk_files.id ORDER BY id DESC LIMIT 1)";
    assert_eq!(files.number(apart), 0);
    let posted = "SELECT COUNT(*) FROM bulk_results JOIN ledger_entries \
                  ON ledger_entries.id = bulk_results.entry_id";
    assert_eq!(files.number(posted), 4);
    files.assert_sound();
}

#[tokio::test]
async fn the_demos_files_go_their_way_as_the_days_pass() {
    let files = Files::new();
    let (salary, fees) = (files.id("給与（本社分）"), files.id("月謝 口座振替"));
    assert_eq!(files.works(), "accepted 2 files");
    files.on_the_day_of(salary, "09:00:00");
    let did = files.works();
    assert!(did.contains("executed") && !did.contains("rejected"), "{did}");
    assert_eq!(files.of(salary, "state"), "done");
    // Every third payer is at another bank.
    assert_eq!(files.of(fees, "state"), "partly_failed");
    // What nobody approved or sent is over by then.
    files.set_japan("2027-01-05 12:00:00");
    let did = files.works();
    assert!(did.contains("let expire"), "{did}");
    assert_eq!(files.number("SELECT COUNT(*) FROM bulk_files WHERE state = 'waiting'"), 0);
    files.assert_sound();
}
