//! `audit verify` on a log that was tampered with below the triggers.

use madoguchi::db::DbError;
use madoguchi::domain::audit::AuditResult;
use madoguchi::jobs::worker::Worker;
use madoguchi::operations::{Actor, Ctx, Services, audit};

use crate::database::TestDatabase;
use crate::program::{Output, program};

const LINES: usize = 10;

/// Writes lines as acts do.
pub fn write_lines(services: &Services, count: usize) {
    let ctx = Ctx {
        profile: services.profiles["shirakaba"].clone(),
        actor: Actor::system("test"),
        source: "test".to_owned(),
        request_id: String::new(),
        now: services.clock.now(),
        keys: services.keys.clone(),
        public_url: None,
    };
    let write = move |conn: &mut _| -> Result<(), DbError> {
        for number in 1..=count {
            let object = format!("thing {number}");
            audit::write(conn, &ctx, "test.act", &object, AuditResult::Done, "")?;
        }
        Ok(())
    };
    services.db.write_blocking(write).unwrap();
}

/// A log of ten lines, sealed by the worker.
fn sealed_log() -> TestDatabase {
    let database = TestDatabase::new();
    let services = database.services();
    write_lines(&services, LINES);
    let runs = Worker::new(services, None).unwrap().run_due_once();
    let sealer = runs.iter().find(|run| run.name == "audit_sealer").unwrap();
    assert_eq!(sealer.did, "sealed 10 lines");
    database
}

/// Runs a statement on a table although its triggers forbid it.
fn tamper(database: &TestDatabase, table: &str, statement: &str) {
    let sqlite =
        format!("DROP TRIGGER {table}_no_update; DROP TRIGGER {table}_no_delete; {statement};");
    let postgres = format!("ALTER TABLE {table} DISABLE TRIGGER USER; {statement};");
    database.execute(&sqlite, &postgres);
}

fn verify(database: &TestDatabase) -> Output {
    program(&["audit", "verify"]).on(database).output()
}

#[test]
fn an_untouched_log_is_intact_and_its_tail_is_no_gap() {
    let database = sealed_log();
    let output = verify(&database);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stdout.contains("10 lines sealed, 1 signed heads, 0 lines"), "{output:?}");
    write_lines(&database.services(), 1);
    let output = verify(&database);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stdout.contains("1 lines not sealed yet"), "{output:?}");
}

#[test]
fn what_was_done_to_the_log_is_named() {
    for (table, statement, finding) in [
        ("audit_lines", "DELETE FROM audit_lines WHERE id = 4", "line 4 (seal 4) is missing"),
        (
            "audit_lines",
            "UPDATE audit_lines SET object = 'thing 5' WHERE id = 4",
            "line 4 (seal 4) was changed",
        ),
        ("audit_seals", "DELETE FROM audit_seals WHERE no = 3", "seal 3 is missing"),
        (
            "audit_seals",
            "UPDATE audit_seals SET hash = prev_hash WHERE no = 3",
            "line 3 (seal 3) was changed",
        ),
        ("audit_seals", "DELETE FROM audit_seals WHERE no > 8", "its end is missing"),
        ("audit_heads", "UPDATE audit_heads SET signature = 'AAAA'", "signed head at seal 10"),
    ] {
        let database = sealed_log();
        tamper(&database, table, statement);
        let output = verify(&database);
        assert_eq!(output.code, 1, "{statement}: {output:?}");
        assert_eq!(output.stdout.lines().count(), 1, "{statement}: {output:?}");
        assert!(output.stdout.contains(finding), "{statement}: {output:?}");
    }
}

/// The last two lines go together with their seals and the chain looks whole; the signed head
/// still knows.
#[test]
fn a_cut_off_end_shows() {
    let database = sealed_log();
    tamper(&database, "audit_seals", "DELETE FROM audit_seals WHERE no > 8");
    tamper(&database, "audit_lines", "DELETE FROM audit_lines WHERE id > 8");
    let output = verify(&database);
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stdout.contains("the log ends at seal 8, but seal 10 was signed"), "{output:?}");
}

/// On PostgreSQL a line can be committed long after lines with higher ids were sealed.
#[test]
fn a_line_far_behind_the_end_is_sealed_in_the_end() {
    let database = sealed_log();
    let late = "INSERT INTO audit_lines (id, happened_at, portal, actor_kind, actor, source, \
                operation, object, result, details, request_id) SELECT id - 5000, happened_at, \
                portal, actor_kind, actor, source, operation, object, result, details, \
                request_id FROM audit_lines WHERE id = 1";
    database.execute(late, late);
    let runs = Worker::new(database.services(), None).unwrap().run_due_once();
    assert!(runs.iter().any(|run| run.did == "sealed 1 line"), "{runs:?}");
    assert_eq!(verify(&database).code, 0);
}
