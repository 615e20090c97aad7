//! The command line end to end: the built program on a database of its own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "cli/audit.rs"]
mod audit;
#[path = "support/database.rs"]
mod database;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/refusals.rs"]
mod refusals;
#[path = "cli/server.rs"]
mod server;
#[path = "cli/staff.rs"]
mod staff;
#[path = "cli/tokens.rs"]
mod tokens;
#[path = "cli/users.rs"]
mod users;
#[path = "cli/zengin.rs"]
mod zengin;

use database::TestDatabase;
use program::{Output, program};

#[test]
fn migrate_runs_once_and_says_what() {
    let database = TestDatabase::empty();
    let first = program(&["migrate", "--database", &database.url]).output();
    assert_eq!((first.code, first.stdout.lines().count()), (0, 1), "{first:?}");
    assert!(first.stdout.starts_with("migrated: "), "{first:?}");
    let second = program(&["migrate", "--database", &database.url]).output();
    assert_eq!((second.code, second.stdout.as_str()), (0, "the database is up to date\n"));
}

#[test]
fn profile_check_explains_or_names_every_mistake() {
    let good = program(&["profile", "check"]).output();
    assert_eq!(good.code, 0, "{good:?}");
    assert!(good.stdout.lines().count() > 100, "it explains five portals");
    let names = program(&["profile", "check", "--quiet"]).output();
    assert_eq!(names.stdout.lines().count(), 5, "{names:?}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.toml");
    std::fs::write(&path, "[portal]\nslug = 7\n").unwrap();
    let path = path.to_str().unwrap();
    let listed = program(&["profile", "check", path]).output();
    let as_folder =
        program(&["profile", "check", "--profiles", folder.path().to_str().unwrap()]).output();
    for Output { code, stdout, .. } in [listed, as_folder] {
        assert_eq!(code, 1, "{stdout}");
        assert!(stdout.lines().count() > 1 && stdout.contains("portal.slug"), "{stdout}");
    }
    let missing = program(&["profile", "check", "/no/such.toml"]).output();
    assert_eq!((missing.code, missing.stderr.lines().count()), (2, 1), "{missing:?}");
}

#[test]
fn ledger_check_finds_a_balance_that_its_postings_do_not_make() {
    let database = TestDatabase::new();
    let check = || program(&["ledger", "check"]).on(&database).output();
    let good = check();
    assert_eq!(good.code, 0, "{good:?}");
    let insert = "\
        INSERT INTO contracts (portal, number, name, created_at) \
            VALUES ('p', '1', 'n', '2026-01-01 00:00:00'); \
        INSERT INTO accounts (portal, contract_id, purpose, branch_code, branch_name, \
            account_type, number, holder_kana, floor, balance, opened_at) \
            VALUES ('p', 1, 'customer', '001', 'b', 'ordinary', '0000001', 'k', 0, 100, \
            '2026-01-01 00:00:00');";
    database.execute(insert, insert);
    let bad = check();
    assert_eq!(bad.code, 1, "{bad:?}");
    assert!(bad.stdout.contains("account 1 stores 100"), "{bad:?}");
}

#[test]
fn ledger_reverse_corrects_an_entry_once() {
    let database = TestDatabase::new();
    let insert = "\
        INSERT INTO contracts (portal, number, name, created_at) \
            VALUES ('shirakaba', '1', 'n', '2026-01-01 00:00:00'); \
        INSERT INTO accounts (portal, contract_id, purpose, branch_code, branch_name, \
            account_type, number, holder_kana, floor, balance, line_count, opened_at) \
            VALUES ('shirakaba', 1, 'customer', '001', 'b', 'ordinary', '0000001', 'k', 0, 300, \
            2, '2026-01-01 00:00:00'), ('shirakaba', NULL, 'suspense', '000', 'b', 'internal', \
            '9000001', '', 0, 0, 0, '2026-01-01 00:00:00'); \
        INSERT INTO ledger_entries (portal, kind, business_date, posted_at, idempotency_key, \
            description) VALUES ('shirakaba', 'x', '2026-01-01', '2026-01-01 00:00:00', 'a', 'x'), \
            ('shirakaba', 'x', '2026-01-01', '2026-01-01 00:00:00', 'b', 'x'); \
        INSERT INTO postings (entry_id, account_id, amount, booked_on, line_no, balance_after) \
            VALUES (1, 1, 400, '2026-01-01', 1, 400), (1, 2, -400, '2026-01-01', NULL, NULL), \
            (2, 1, -100, '2026-01-01', 2, 300), (2, 2, 100, '2026-01-01', NULL, NULL);";
    database.execute(insert, insert);
    let reverse = |entry: &str, reason: &str| {
        program(&["ledger", "reverse", entry, "--reason", reason]).on(&database).output()
    };
    let refused = |entry: &str, reason: &str, code: i32, part: &str| {
        let output = reverse(entry, reason);
        assert_eq!(output.code, code, "{entry}: {output:?}");
        assert!(output.stderr.contains(part), "{part}: {output:?}");
    };
    // The number of the correction is the database's: what was refused may have used one up.
    let corrected = |entry: &str| {
        let output = reverse(entry, "posted twice");
        let number =
            output.stdout.trim().strip_prefix(&format!("entry {entry}: corrected by entry "));
        number.unwrap_or_else(|| panic!("{output:?}")).to_owned()
    };
    refused("7", "typed wrong", 1, "entry 7: there is no such entry");
    refused("1", " ", 2, "--reason: say why");
    let below = "entry 1: refused by account 001 ordinary 0000001 (row 1): 300円";
    refused("1", "posted twice", 1, below);
    let correction = corrected("2");
    let again = format!("entry 2: was corrected by entry {correction}");
    refused("2", "posted twice", 1, &again);
    let itself = format!("entry {correction}: is a correction itself");
    refused(&correction, "posted twice", 1, &itself);
    assert_ne!(corrected("1"), correction);
    assert_eq!(program(&["ledger", "check"]).on(&database).output().code, 0);
}

#[test]
fn help_stands_alone() {
    for command in [
        &["serve"][..],
        &["demo"],
        &["migrate"],
        &["profile", "check"],
        &["token", "import"],
        &["token", "list"],
        &["token", "ship"],
        &["user", "release"],
        &["user", "unlock"],
        &["key", "reseal"],
        &["staff", "add"],
        &["staff", "change"],
        &["user", "hold"],
        &["user", "limit"],
        &["user", "lift-stop"],
        &["token", "revoke"],
        &["audit", "verify"],
        &["ledger", "check"],
        &["ledger", "reverse"],
    ] {
        let help = program(&[command, &["--help"]].concat()).output();
        assert_eq!(help.code, 0);
        let has_example = help.stdout.contains("madoguchi ") && help.stdout.contains("--config");
        assert!(has_example, "{command:?}: {}", help.stdout);
    }
}
