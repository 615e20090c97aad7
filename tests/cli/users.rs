//! `user release`, `unlock`, `hold`, `limit` and `lift-stop`; `token revoke`.

use crate::database::TestDatabase;
use crate::program::{Output, program};

/// One user who is locked, and whose token is suspended; and one without a token.
const PEOPLE: &str = "\
    INSERT INTO contracts (portal, number, name, created_at) \
        VALUES ('shirakaba', '1', 'n', '2026-01-01 00:00:00'); \
    INSERT INTO tokens (portal, serial, kind, state, contract_id, algorithm, digits, \
        period_seconds, secret_sealed, sealing_key_id, failures, suspended_at, imported_at) \
        VALUES ('shirakaba', '2V0716016AA1', 'hardware', 'in_use', 1, 'sha1', 6, 30, BLOB, \
        'test', 5, '2026-01-01 00:00:00', '2026-01-01 00:00:00'); \
    INSERT INTO users (portal, contract_id, login_id, role, name, login_secret_hash, \
        confirm_secret_hash, setup_state, token_id, token_status, login_otp_chosen, created_at, \
        login_failures, login_locked_at, mail_address) \
        VALUES ('shirakaba', 1, '1000000001', 'customer', 'n', 'x', 'x', 'done', 1, 'in_use', \
        false, '2026-01-01 00:00:00', 5, '2026-01-01 00:00:00', 'a@example.jp'); \
    INSERT INTO users (portal, contract_id, login_id, role, name, login_secret_hash, \
        confirm_secret_hash, setup_state, token_status, login_otp_chosen, created_at) \
        VALUES ('shirakaba', 1, '1000000002', 'customer', 'n', 'x', 'x', 'done', \
        'unregistered', false, '2026-01-01 00:00:00');";

fn database() -> TestDatabase {
    let database = TestDatabase::new();
    let sqlite = PEOPLE.replace("BLOB", "x'00'");
    let postgres = PEOPLE.replace("BLOB", "'\\x00'");
    database.execute(&sqlite, &postgres);
    database
}

fn user(database: &TestDatabase, command: &str, login_id: &str) -> Output {
    program(&["user", command, "--portal", "shirakaba", login_id]).on(database).output()
}

#[test]
fn a_suspension_is_released_once() {
    let database = database();
    let released = user(&database, "release", "1000000001");
    assert_eq!((released.code, released.stdout.as_str()), (0, "released: 1000000001\n"));
    for (login_id, part) in [
        ("1000000001", "is not suspended"),
        ("1000000002", "has no token"),
        ("1000000009", "has no user"),
    ] {
        let output = user(&database, "release", login_id);
        assert_eq!(output.code, 1, "{output:?}");
        assert!(output.stdout.contains(part), "{output:?}");
    }
}

#[test]
fn a_lock_is_opened_once() {
    let database = database();
    let unlocked = user(&database, "unlock", "1000000001");
    assert_eq!((unlocked.code, unlocked.stdout.as_str()), (0, "unlocked: 1000000001\n"));
    for (login_id, part) in [("1000000001", "nothing of"), ("1000000009", "has no user")] {
        let output = user(&database, "unlock", login_id);
        assert_eq!(output.code, 1, "{output:?}");
        assert!(output.stdout.contains(part), "{output:?}");
    }
}

#[test]
fn a_hold_is_lengthened_and_lifted() {
    let database = database();
    let hold = |more: &[&str]| {
        let arguments = [&["user", "hold", "--portal", "shirakaba"], more].concat();
        program(&arguments).on(&database).output()
    };
    let until = ["--until", "2099-12-01T09:00:00+09:00", "1000000001"];
    let later = hold(&until);
    assert_eq!(later.code, 0, "{later:?}");
    assert_eq!(later.stdout, "hold of 1000000001: until 2099-12-01T09:00:00+09:00\n");
    let lifted = hold(&["--lift", "1000000001"]);
    assert_eq!((lifted.code, lifted.stdout.as_str()), (0, "hold of 1000000001: lifted\n"));
    for (arguments, code, part) in [
        (&["--lift", "1000000001"][..], 1, "has no hold"),
        (&["--lift", "1000000009"], 1, "has no user"),
        (&["--until", "2020-12-01T09:00:00+09:00", "1000000001"], 1, "has passed already"),
        (&["--until", "tomorrow", "1000000001"], 2, "write it as"),
        (&["1000000001"], 2, "--lift"),
    ] {
        let output = hold(arguments);
        assert_eq!(output.code, code, "{output:?}");
        let said = output.stdout.clone() + &output.stderr;
        assert!(said.contains(part), "{output:?}");
    }
}

#[test]
fn what_a_customer_applied_for_is_written_down() {
    let database = database();
    let limit = |more: &[&str]| {
        let arguments = [&["user", "limit", "--portal", "shirakaba"], more].concat();
        program(&arguments).on(&database).output()
    };
    let transfers = ["--service", "transfer", "--yen", "3000000", "1000000001"];
    let written = limit(&transfers);
    let said = "1000000001: transfer at most 3000000 yen a day\n";
    assert_eq!((written.code, written.stdout.as_str()), (0, said), "{written:?}");
    let pay_easy = limit(&["--service", "pay_easy", "--yen", "0", "1000000001"]);
    assert_eq!(pay_easy.code, 0, "{pay_easy:?}");
    for (arguments, code, part) in [
        (&transfers[..], 1, "written down already"),
        (&["--service", "transfer", "--yen", "1", "1000000009"], 1, "has no user"),
        (&["--service", "files", "--yen", "1", "1000000001"], 1, "the portal has no files"),
        (&["--service", "loans", "--yen", "1", "1000000001"], 2, "write transfer, pay_easy or"),
        (&["--service", "transfer", "--yen=-1", "1000000001"], 2, "--yen"),
        (&["--service", "transfer", "--yen", "200000000000", "1000000001"], 2, "--yen"),
        (&["--service", "transfer", "1000000001"], 2, "--yen"),
    ] {
        let output = limit(arguments);
        assert_eq!(output.code, code, "{output:?}");
        let said = output.stdout.clone() + &output.stderr;
        assert!(said.contains(part), "{output:?}");
    }
}

#[test]
fn an_emergency_stop_is_lifted_once_and_the_token_named() {
    let database = database();
    let stop = "UPDATE users SET stopped_at = '2026-01-01 00:00:00'";
    database.execute(stop, stop);
    let lifted = user(&database, "lift-stop", "1000000001");
    assert_eq!(lifted.code, 0, "{lifted:?}");
    for part in ["lifted: 1000000001", "2V0716016AA1 stays suspended", "user release", "revoke"] {
        assert!(lifted.stdout.contains(part), "{part}: {lifted:?}");
    }
    let without = user(&database, "lift-stop", "1000000002");
    let only = "emergency stop lifted: 1000000002\n";
    assert_eq!((without.code, without.stdout.as_str()), (0, only));
    for (login_id, part) in [("1000000001", "is stopped"), ("1000000009", "has no user")] {
        let output = user(&database, "lift-stop", login_id);
        assert_eq!(output.code, 1, "{output:?}");
        assert!(output.stdout.contains(part), "{output:?}");
    }
}

#[test]
fn a_token_is_revoked_once() {
    let database = database();
    let revoke = |serial: &str, reason: &str| {
        program(&["token", "revoke", "--portal", "shirakaba", serial, "--reason", reason])
            .on(&database)
            .output()
    };
    let revoked = revoke("2v07-16016-aa1", "lost");
    assert_eq!(revoked.code, 0, "{revoked:?}");
    assert!(revoked.stdout.contains("2V0716016AA1: revoked for 1000000001; the next"));
    for (serial, reason, code, part) in [
        ("2V0716016AA1", "other", 1, "nobody uses it"),
        ("2V0716016ZZZ", "uninstalled", 1, "no such token"),
        ("2V0716016AA1", "bored", 2, "lost, uninstalled, other"),
    ] {
        let output = revoke(serial, reason);
        assert_eq!(output.code, code, "{output:?}");
        let said = output.stdout.clone() + &output.stderr;
        assert!(said.contains(part), "{output:?}");
    }
}

/// A database marked as the demo's opens with the demo's key, which nobody has to set.
#[test]
fn commands_open_a_demo_database_by_themselves() {
    let database = database();
    let mark = "INSERT INTO settings (name, value) VALUES ('demo', '1')";
    database.execute(mark, mark);
    let unlock = ["user", "unlock", "--portal", "shirakaba", "1000000001"];
    let arguments = [&unlock[..], &["--database", &database.url]].concat();
    let output = program(&arguments).output();
    assert_eq!(output.code, 0, "{output:?}");
}
