//! What a server refuses to start with: one line, which says what to do, and exit code 2.

use std::net::TcpListener;

use crate::database::{KEYS, TestDatabase};
use crate::program::{Program, program};

/// The one line.
#[track_caller]
fn refusal(program: Program) -> String {
    let output = program.output();
    assert_eq!(output.code, 2, "{output:?}");
    assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
    assert_eq!(output.stdout, "", "{output:?}");
    output.stderr
}

#[track_caller]
fn assert_refused(program: Program, parts: &[&str]) {
    let line = refusal(program);
    for part in parts {
        assert!(line.contains(part), "{part} is missing in: {line}");
    }
}

fn serve() -> Program {
    program(&["serve", "--listen", "127.0.0.1:0"])
}

#[test]
fn keys() {
    let database = TestDatabase::new();
    let demo = madoguchi::startup::DEMO_KEYS;
    let renamed = demo.replace("demo:", "mine:");
    let with = |keys: &str| serve().on(&database).with("MADOGUCHI_KEYS", keys);
    assert_refused(with(""), &["no sealing key", "MADOGUCHI_KEYS", "openssl rand"]);
    assert_refused(with("a:AAAA"), &["key number 1"]);
    for keys in [demo, &renamed, &format!("{KEYS},{demo}")] {
        assert_refused(with(keys), &["demo's key", "openssl rand"]);
    }
}

#[test]
fn directories_of_banks() {
    let database = TestDatabase::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("banks.txt");
    let path = file.to_str().unwrap();
    let with = || serve().on(&database).with("MADOGUCHI_DIRECTORY", path);
    assert_refused(with(), &["MADOGUCHI_DIRECTORY", "banks.txt", "bin/directory"]);
    let check = || program(&["directory", "check", path]).output();
    assert_eq!(check().code, 2);
    let good =
        "madoguchi directory 1\nas_of\t2026-08-24\n0001\tひので\tヒノデ\n001\t本店\tホンテン\n";
    std::fs::write(&file, good.replace("001\t本店", "01\t本店")).unwrap();
    assert_refused(with(), &["line 4", "bin/directory --to FILE"]);
    let found = check();
    assert!(found.code == 1 && found.stdout.contains("banks.txt: line 4: "), "{found:?}");
    std::fs::write(&file, good).unwrap();
    let line = "1 banks, 1 branches, as of 2026-08-24\n";
    let found = check();
    assert!(found.code == 0 && found.stdout.ends_with(line), "{found:?}");
    let show = || program(&["directory", "show"]);
    let shown = show().with("MADOGUCHI_DIRECTORY", path).output();
    assert!(shown.code == 0 && shown.stdout == format!("{path}: {line}"), "{shown:?}");
    assert!(show().output().stdout.starts_with("built in: "), "{:?}", show().output());
}

#[test]
fn databases() {
    let no_database = || serve().with("MADOGUCHI_KEYS", KEYS);
    assert_refused(no_database(), &["MADOGUCHI_DATABASE_URL", "sqlite:PATH"]);
    for (url, parts) in [
        ("mysql://x", ["--database", "sqlite:PATH"]),
        ("sqlite:/no/such/folder/x.db", ["/no/such/folder", "make it"]),
        ("sqlite:/tmp/madoguchi-is-not-there.db", ["no such file", "madoguchi migrate"]),
        ("postgres://nobody@127.0.0.1:9/none", ["127.0.0.1:9", "the server runs"]),
        ("postgres://a:secret@b@c/d", ["unescaped", "%40"]),
    ] {
        let line = refusal(no_database().with("MADOGUCHI_DATABASE_URL", url));
        assert!(!line.contains("secret"), "{line}");
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is no database, but long enough to be read as one\n".repeat(99))
        .unwrap();
    let url = format!("sqlite:{}", text.display());
    assert_refused(no_database().with("MADOGUCHI_DATABASE_URL", &url), &["text.db", "check"]);
}

#[test]
fn an_old_database_or_the_demos() {
    let database = TestDatabase::empty();
    if database.url.starts_with("sqlite:") {
        std::fs::write(database.url.trim_start_matches("sqlite:"), "").unwrap();
    }
    assert_refused(serve().on(&database), &["migrations have to be run", "madoguchi migrate"]);
    let database = TestDatabase::new();
    let mark = "INSERT INTO settings (name, value) VALUES ('demo', '1')";
    database.execute(mark, mark);
    assert_refused(serve().on(&database), &["demo data", "database of its own"]);
}

#[test]
fn addresses() {
    let database = TestDatabase::new();
    let public = |flags: &[&str]| {
        let arguments = [&["serve", "--listen", "0.0.0.0:0"], flags].concat();
        program(&arguments).on(&database)
    };
    assert_refused(public(&[]), &["without TLS", "--allow-plain-http"]);
    let plain = ["--public-url", "http://bank.example.jp"];
    assert_refused(public(&plain), &["without TLS", "https://"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_refused(program(&["serve", "--listen", &address]).on(&database), &["--listen"]);
    let demo = ["demo", "--listen", "0.0.0.0:0", "--allow-public-demo"];
    for arguments in [&demo[..3], &demo[..]] {
        let parts = ["127.0.0.1", "--allow-public-demo twice"];
        assert_refused(program(arguments).with("HOME", "/no/such/home"), &parts);
    }
}

#[test]
fn portals_and_profiles() {
    let database = TestDatabase::new();
    let serve = |name: &str, value: &str| serve().on(&database).with(name, value);
    assert_refused(serve("MADOGUCHI_SERVE", "nothere"), &["no portal nothere", "shirakaba"]);
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().to_str().unwrap();
    assert_refused(serve("MADOGUCHI_PROFILES", empty), &["no *.toml"]);
    assert_refused(serve("MADOGUCHI_PROFILES", "/no/such"), &["/no/such", "folder"]);
    std::fs::write(folder.path().join("a.toml"), "[portal]\n").unwrap();
    assert_refused(serve("MADOGUCHI_PROFILES", empty), &["a.toml", "profile check"]);
}

#[test]
fn settings() {
    let database = TestDatabase::new();
    for (name, value, parts) in [
        ("MADOGUCHI_LISTN", "x", ["MADOGUCHI_LISTN is not a setting", "MADOGUCHI_LISTEN"]),
        ("MADOGUCHI_REDIS_URL", "redis://x", ["sessions in the database", "remove"]),
        ("MADOGUCHI_SMTP_URL", "smtp://mail.example.jp", ["without TLS", "smtps://"]),
        ("MADOGUCHI_SMTP_URL", "mail.example.jp", ["MADOGUCHI_SMTP_URL", "smtps://"]),
        ("MADOGUCHI_PUBLIC_URL", "bank", ["MADOGUCHI_PUBLIC_URL", "https://"]),
    ] {
        assert_refused(serve().on(&database).with(name, value), &parts);
    }
}

#[test]
fn the_mail_servers_authority() {
    let database = TestDatabase::new();
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing\n").unwrap();
    let serve = |url: &str, path: &str| {
        serve().on(&database).with("MADOGUCHI_SMTP_URL", url).with("MADOGUCHI_SMTP_CA", path)
    };
    let tls = "smtps://mail.example.jp";
    assert_refused(serve(tls, "/no/such.pem"), &["MADOGUCHI_SMTP_CA", "/no/such.pem", "PEM"]);
    let empty = empty.to_str().unwrap();
    assert_refused(serve(tls, empty), &["MADOGUCHI_SMTP_CA", "certificate", "PEM"]);
    let parts = ["MADOGUCHI_SMTP_CA", "no TLS", "smtps://"];
    assert_refused(serve("smtp://127.0.0.1", "/dev/null"), &parts);
}

#[test]
fn the_demo_takes_no_database_of_customers() {
    let database = TestDatabase::new();
    let insert = "\
        INSERT INTO contracts (portal, number, name, created_at) \
            VALUES ('shirakaba', '1', 'n', '2026-01-01 00:00:00'); \
        INSERT INTO users (portal, contract_id, login_id, role, name, login_secret_hash, \
            confirm_secret_hash, setup_state, token_status, login_otp_chosen, created_at) \
            VALUES ('shirakaba', 1, '1000000001', 'customer', 'n', 'x', 'x', 'done', \
            'unregistered', false, '2026-01-01 00:00:00');";
    database.execute(insert, insert);
    let demo = program(&["demo", "--listen", "127.0.0.1:0", "--reset"]).on(&database);
    assert_refused(demo, &["other data", "--database"]);
}
