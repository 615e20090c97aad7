//! The mailer against a real mail server (aiosmtpd): mails arrive once, in order, and none is lost
//! while the server is down or refuses.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "mailer/authority.rs"]
mod authority;
#[path = "support/database.rs"]
mod database;
#[path = "mailer/smtp_server.rs"]
mod smtp_server;
#[path = "mailer/tls.rs"]
mod tls;

use madoguchi::db::DbError;
use madoguchi::db::queries::mails;
use madoguchi::domain::mail::{Mail, MailKind, MailState, NewMail};
use madoguchi::jobs::worker::Worker;
use madoguchi::mail::transport::MailTransport;
use madoguchi::operations::Services;
use madoguchi::primitives::clock::Clock;
use madoguchi::primitives::ids::UserId;

use database::TestDatabase;
use smtp_server::{Answers, SmtpServer, free_port};

/// A database with two people.
fn database() -> TestDatabase {
    let database = TestDatabase::new();
    for number in 1..=2 {
        let insert = format!(
            "INSERT INTO contracts (portal, number, name, created_at) \
                 VALUES ('p', '{number}', 'n', '2026-01-01 00:00:00'); \
             INSERT INTO users (portal, contract_id, login_id, role, name, login_secret_hash, \
                 confirm_secret_hash, setup_state, token_status, login_otp_chosen, created_at) \
                 VALUES ('p', {number}, '{number}', 'customer', 'n', 'x', 'x', 'done', \
                 'unregistered', false, '2026-01-01 00:00:00');"
        );
        database.execute(&insert, &insert);
    }
    database
}

/// Puts a mail into the out-box as an act does.
fn write(services: &Services, user: i64, subject: &str) {
    write_of(services, user, subject, MailKind::TokenStarted);
}

fn write_of(services: &Services, user: i64, subject: &str, kind: MailKind) {
    let mail = NewMail {
        portal: "p".to_owned(),
        user_id: Some(UserId(user)),
        kind,
        to_address: format!("user{user}@example.jp"),
        from_address: "しらかば信用金庫 <direct@shirakaba.example.jp>".to_owned(),
        subject: subject.to_owned(),
        body: "利用を開始しました。\n".to_owned(),
        state: MailState::Waiting,
        created_at: services.clock.now(),
        next_attempt_at: Clock::real_now(),
    };
    let insert = move |conn: &mut _| mails::insert(conn, mail.clone());
    services.db.write_blocking::<_, DbError>(insert).unwrap();
}

fn outbox(services: &Services) -> Vec<Mail> {
    let list = |conn: &mut _| mails::list_newest(conn, 100);
    let mut mails = services.db.read_blocking::<_, DbError>(list).unwrap();
    mails.reverse();
    mails
}

fn states(services: &Services) -> Vec<MailState> {
    outbox(services).iter().map(|mail| mail.state).collect()
}

/// Makes every pause after a failure end now.
fn end_pauses(database: &TestDatabase) {
    let update = "UPDATE mails SET next_attempt_at = '2026-01-01 00:00:00'";
    database.execute(update, update);
}

fn worker(services: &Services, port: u16) -> Worker {
    let transport = MailTransport::smtp(&format!("smtp://127.0.0.1:{port}"), None).unwrap();
    Worker::new(services.clone(), Some(transport)).unwrap()
}

/// What the mailer says about one run.
fn run(worker: &Worker) -> String {
    let runs = worker.run_due_once();
    runs.into_iter().find(|run| run.name == "mailer").unwrap().did
}

#[test]
fn mails_arrive_in_order_with_a_message_id_of_their_own() {
    let database = database();
    let services = database.services();
    let server = SmtpServer::start(free_port(), Answers::Accept);
    for number in 1..=5 {
        write(&services, 1, &format!("件名{number}"));
        write(&services, 2, &format!("件名{number}"));
    }
    let worker = worker(&services, server.port);
    assert_eq!(run(&worker), "sent 10 mails");
    assert_eq!(run(&worker), "nothing to do");
    let received = server.received();
    for user in 1..=2 {
        let subjects: Vec<&str> = received
            .iter()
            .filter(|mail| mail.to == format!("user{user}@example.jp"))
            .map(|mail| mail.subject.as_str())
            .collect();
        assert_eq!(subjects, ["件名1", "件名2", "件名3", "件名4", "件名5"]);
    }
    let mut ids: Vec<&str> = received.iter().map(|mail| mail.message_id.as_str()).collect();
    assert!(ids.iter().all(|id| id.ends_with("@shirakaba.example.jp>")), "{ids:?}");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 10);
    assert!(received[0].body.contains("利用を開始しました。"), "{:?}", received[0]);
    assert!(states(&services).iter().all(|state| *state == MailState::Sent));
}

#[test]
fn a_server_that_is_down_costs_time_but_no_mail_and_no_order() {
    let database = database();
    let services = database.services();
    for number in 1..=6 {
        write(&services, 1, &format!("{number}"));
    }
    write(&services, 2, "other");
    let port = free_port();
    let worker = worker(&services, port);
    assert_eq!(run(&worker), "sent 0 mails, put off 2");
    // Later mails wait for the first one, which waits for its pause.
    assert_eq!(run(&worker), "nothing to do");
    let attempts: Vec<i32> = outbox(&services).iter().map(|mail| mail.attempts).collect();
    assert_eq!(attempts, [1, 0, 0, 0, 0, 0, 1]);
    end_pauses(&database);
    assert_eq!(run(&worker), "sent 0 mails, put off 2");
    end_pauses(&database);

    let server = SmtpServer::start(port, Answers::Accept);
    assert_eq!(run(&worker), "sent 7 mails");
    let received = server.received();
    let subjects: Vec<&str> = received
        .iter()
        .filter(|mail| mail.to == "user1@example.jp")
        .map(|mail| mail.subject.as_str())
        .collect();
    assert_eq!(subjects, ["1", "2", "3", "4", "5", "6"]);
    assert_eq!(received.len(), 7);
}

/// An hour in which the server is down, a minute at a time.
#[test]
fn an_hour_without_a_server_loses_nothing_and_keeps_each_persons_order() {
    let database = database();
    let services = database.services();
    for number in 1..=40 {
        write(&services, 1 + number % 2, &format!("{number:02}"));
    }
    let port = free_port();
    let worker = worker(&services, port);
    for _ in 0..60 {
        run(&worker);
        database.execute(
            "UPDATE mails SET next_attempt_at = \
             strftime('%Y-%m-%d %H:%M:%f', next_attempt_at, '-60 seconds')",
            "UPDATE mails SET next_attempt_at = next_attempt_at - INTERVAL '60 seconds'",
        );
    }
    assert_eq!(states(&services), [MailState::Waiting; 40]);
    let mut attempts: Vec<i32> = outbox(&services).iter().map(|mail| mail.attempts).collect();
    attempts.sort_unstable();
    // Pauses of 10, 20, 40 .. 640 s and then of 15 minutes: nine or ten tries of the first mail of
    // each person, none of the others.
    let (rest, first) = attempts.split_at(38);
    assert!(rest.iter().all(|tries| *tries == 0), "{attempts:?}");
    assert!(first.iter().all(|tries| (7..=11).contains(tries)), "{attempts:?}");

    let server = SmtpServer::start(port, Answers::Accept);
    end_pauses(&database);
    assert_eq!(run(&worker), "sent 40 mails");
    for person in ["user1@example.jp", "user2@example.jp"] {
        let received = server.received();
        let subjects: Vec<&String> =
            received.iter().filter(|mail| mail.to == person).map(|mail| &mail.subject).collect();
        assert_eq!(subjects.len(), 20);
        assert!(subjects.is_sorted(), "{subjects:?}");
    }
}

#[test]
fn a_refusal_for_now_is_tried_again_and_one_for_good_is_given_up() {
    let database = database();
    let services = database.services();
    write(&services, 1, "first");
    write(&services, 1, "second");
    let server = SmtpServer::start(free_port(), Answers::RefuseForNow);
    assert_eq!(run(&worker(&services, server.port)), "sent 0 mails, put off 1");
    assert_eq!(states(&services), [MailState::Waiting, MailState::Waiting]);
    drop(server);

    end_pauses(&database);
    let server = SmtpServer::start(free_port(), Answers::RefuseForGood);
    assert_eq!(run(&worker(&services, server.port)), "sent 0 mails, gave up 2");
    assert_eq!(states(&services), [MailState::Dead, MailState::Dead]);
    let error = outbox(&services)[0].last_error.clone().unwrap();
    assert!(error.contains("550"), "{error}");
}

/// A process that died after the server's answer and before its own note sends again, under the
/// same Message-ID.
#[test]
fn a_mail_sent_twice_has_one_message_id() {
    let database = database();
    let services = database.services();
    let server = SmtpServer::start(free_port(), Answers::Accept);
    write(&services, 1, "twice");
    let worker = worker(&services, server.port);
    assert_eq!(run(&worker), "sent 1 mail");
    let forget = "UPDATE mails SET state = 'waiting', sent_at = NULL, attempts = 0";
    database.execute(forget, forget);
    assert_eq!(run(&worker), "sent 1 mail");
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].message_id, received[1].message_id);
}

#[test]
fn of_two_processes_one_sends() {
    let database = database();
    let services = database.services();
    let server = SmtpServer::start(free_port(), Answers::Accept);
    for number in 1..=20 {
        write(&services, 1, &format!("{number}"));
    }
    let workers = [worker(&services, server.port), worker(&services, server.port)];
    let threads: Vec<_> = workers.iter().map(|worker| worker.start().unwrap()).collect();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while states(&services).contains(&MailState::Waiting) {
        assert!(std::time::Instant::now() < deadline, "mails are still waiting");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    drop(threads);
    let subjects: Vec<String> = server.received().into_iter().map(|mail| mail.subject).collect();
    let expected: Vec<String> = (1..=20).map(|number| number.to_string()).collect();
    assert_eq!(subjects, expected);
}

#[test]
fn the_demos_mailbox_takes_mails_at_once_and_without_a_server_they_wait() {
    let database = database();
    let services = database.services();
    write(&services, 1, "demo");
    let none = Worker::new(services.clone(), None).unwrap();
    assert!(run(&none).contains("stay in the out-box"));
    assert_eq!(states(&services), [MailState::Waiting]);
    let mailbox = Worker::of_demo(services.clone(), Some(MailTransport::Mailbox)).unwrap();
    assert_eq!(run(&mailbox), "sent 1 mail");
    assert_eq!(states(&services), [MailState::Sent]);
    assert!(!outbox(&services)[0].body.is_empty(), "the mailbox still shows it");
}

/// Verification codes and stop codes are of use to whoever reads them: once a mail is sent, its
/// text is gone from the out-box. What waits keeps it, and so does what carries no code.
#[test]
fn the_text_of_a_mail_with_a_code_is_forgotten_once_it_is_sent() {
    let database = database();
    let services = database.services();
    let kinds = [
        MailKind::MailCode,
        MailKind::TokenIssueCode,
        MailKind::TokenStarted,
        MailKind::TokenIssueGuide,
        MailKind::TokenExpiring,
    ];
    for kind in kinds {
        write_of(&services, 1, kind.as_str(), kind);
    }
    let port = free_port();
    let worker = worker(&services, port);
    assert_eq!(run(&worker), "sent 0 mails, put off 1");
    assert!(outbox(&services).iter().all(|mail| !mail.body.is_empty()), "not sent yet");
    end_pauses(&database);
    let server = SmtpServer::start(port, Answers::Accept);
    assert_eq!(run(&worker), "sent 5 mails");
    assert!(server.received().iter().all(|mail| mail.body.contains("利用を開始しました。")));
    let kept: Vec<bool> = outbox(&services).iter().map(|mail| !mail.body.is_empty()).collect();
    assert_eq!(kept, [false, false, false, true, true]);
}
