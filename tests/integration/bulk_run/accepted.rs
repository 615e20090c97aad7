//! 受付: what was sent is accepted, or rejected with its reason.

use super::site::Files;

const SENT: &str = "給与（本社分）";

#[tokio::test]
async fn what_was_sent_is_accepted_once_and_nobody_is_paid() {
    let files = Files::new();
    let id = files.id(SENT);
    let balance = files.balance(&files.account_of(id));
    assert_eq!(files.of(id, "state"), "sent");
    files.only(id);
    assert_eq!(files.works(), "accepted 1 file");
    assert_eq!((files.of(id, "state"), files.events(id, "accept")), ("accepted".to_owned(), 1));
    assert_eq!(files.works(), "nothing to do");
    assert_eq!(files.balance(&files.account_of(id)), balance);
    assert_eq!(files.audited("bulk.accept", "salary, 20 records"), 1);
    assert_eq!(files.mails("bulk_rejected"), 0);
    files.assert_sound();
}

#[tokio::test]
async fn what_cannot_be_taken_is_rejected_with_its_reason() {
    for (reason, change) in [
        ("service", "DELETE FROM bulk_services WHERE kind = 'salary'"),
        (
            "contract_closed",
            "UPDATE contracts SET closed_at = '2026-11-24 00:30:00' WHERE id = {c}",
        ),
        ("account", "UPDATE accounts SET closed_at = '2026-11-24 00:30:00' WHERE id = {a}"),
        ("stopped", "UPDATE users SET stopped_at = '2026-11-24 00:30:00' WHERE id = {s}"),
        ("content", "UPDATE bulk_files SET total_yen = total_yen + 1 WHERE id = {f}"),
        ("content", "UPDATE bulk_files SET item_count = item_count + 1 WHERE id = {f}"),
        ("content", "DELETE FROM bulk_chunks WHERE file_id = {f}"),
        (
            "content",
            "UPDATE bulk_chunks SET bytes = (SELECT bytes FROM bulk_chunks AS other \
            WHERE other.file_id <> {f} ORDER BY other.file_id LIMIT 1) WHERE file_id = {f}",
        ),
    ] {
        let files = Files::new();
        let id = files.id(SENT);
        files.only(id);
        let change = change
            .replace("{f}", &id.to_string())
            .replace("{c}", &files.of(id, "contract_id"))
            .replace("{a}", &files.of(id, "account_id"))
            .replace("{s}", &files.of(id, "sender_id"));
        files.execute(&change);
        assert_eq!(files.works(), "rejected 1 file", "{change}");
        let stands = (files.of(id, "state"), files.of(id, "reason"));
        assert_eq!(stands, ("rejected".to_owned(), reason.to_owned()), "{change}");
        assert_eq!((files.events(id, "reject"), files.audited("bulk.reject", reason)), (1, 1));
        // Whoever made, approved and sent it.
        assert_eq!(files.mails("bulk_rejected"), 3, "{change}");
        let mail = files.last_mail("bulk_rejected");
        assert!(mail.contains("給与（本社分）") && mail.contains("お取り扱い"), "{mail}");
        assert_eq!(files.works(), "nothing to do");
    }
}
