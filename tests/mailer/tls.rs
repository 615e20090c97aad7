//! Mails over TLS: they go only to a server whose certificate holds, and wait otherwise.

use madoguchi::domain::mail::MailState;
use madoguchi::jobs::worker::Worker;
use madoguchi::mail::transport::MailTransport;
use madoguchi::operations::Services;

use crate::authority::{Authority, Identity};
use crate::smtp_server::{Answers, LOGIN, Protection, SmtpServer, free_port};
use crate::{database, end_pauses, outbox, run, states, write};

const BOTH: [Protection; 2] = [Protection::StartTls, Protection::Wrapped];

fn url(protection: Protection, login: &str, port: u16) -> String {
    match protection {
        Protection::Wrapped => format!("smtps://{login}localhost:{port}"),
        _ => format!("smtp://{login}localhost:{port}?tls=required"),
    }
}

/// A worker that trusts this authority beside the machine's.
fn worker(services: &Services, url: &str, trusted: Option<&Authority>) -> Worker {
    let pem = trusted.map(Authority::pem);
    let transport = MailTransport::smtp(url, pem.as_deref().map(str::as_bytes)).unwrap();
    Worker::new(services.clone(), Some(transport)).unwrap()
}

/// The first mail waits for another try; what was noted about the last one.
fn trouble(services: &Services) -> String {
    let mail = outbox(services).remove(0);
    assert_eq!((mail.state, mail.attempts), (MailState::Waiting, 1));
    mail.last_error.unwrap()
}

#[test]
fn mails_arrive_over_tls_from_a_server_of_a_trusted_authority() {
    for protection in BOTH {
        let database = database();
        let services = database.services();
        let authority = Authority::new("trusted");
        let identity = authority.certify("localhost");
        let server = SmtpServer::with_tls(free_port(), protection, &identity);
        for number in 1..=3 {
            write(&services, 1, &format!("件名{number}"));
        }
        let worker = worker(&services, &url(protection, "", server.port), Some(&authority));
        assert_eq!(run(&worker), "sent 3 mails", "{protection:?} {:?}", outbox(&services));
        let received = server.received();
        let subjects: Vec<&str> = received.iter().map(|mail| mail.subject.as_str()).collect();
        assert_eq!(subjects, ["件名1", "件名2", "件名3"]);
        assert!(received.iter().all(|mail| mail.tls.as_deref() == Some("TLSv1.3")), "{received:?}");
    }
}

#[test]
fn a_certificate_that_does_not_hold_gets_no_mail() {
    let trusted = Authority::new("trusted");
    let (stranger, impostor) = (Authority::new("stranger"), Authority::new("trusted"));
    let cases: [(Identity, Option<&Authority>, &str); 5] = [
        // The machine's own authorities know none of ours.
        (trusted.certify("localhost"), None, "UnknownIssuer"),
        (stranger.certify("localhost"), Some(&trusted), "UnknownIssuer"),
        (impostor.certify("localhost"), Some(&trusted), "BadSignature"),
        (trusted.certify("mail.example.jp"), Some(&trusted), "not valid for name"),
        (trusted.certify_until_2025("localhost"), Some(&trusted), "expired"),
    ];
    for (identity, authority, words) in cases {
        for protection in BOTH {
            let database = database();
            let services = database.services();
            write(&services, 1, "waits");
            let server = SmtpServer::with_tls(free_port(), protection, &identity);
            let (port, address) = (server.port, url(protection, "", server.port));
            let doubting = worker(&services, &address, authority);
            assert_eq!(run(&doubting), "sent 0 mails, put off 1");
            assert!(trouble(&services).contains(words), "{}", trouble(&services));
            assert!(server.received().is_empty());
            drop(server);

            // Nothing is lost by it: with a certificate that holds, the mail goes.
            let server = SmtpServer::with_tls(port, protection, &trusted.certify("localhost"));
            end_pauses(&database);
            assert_eq!(run(&worker(&services, &address, Some(&trusted))), "sent 1 mail");
            assert_eq!(server.received().len(), 1);
        }
    }
}

/// Somebody on the way who takes STARTTLS out of the server's greeting gets to read nothing.
#[test]
fn without_starttls_nothing_goes_out() {
    let database = database();
    let services = database.services();
    write(&services, 1, "waits");
    let server = SmtpServer::start(free_port(), Answers::Accept);
    let authority = Authority::new("trusted");
    for (authority, protection) in [(None, BOTH[0]), (Some(&authority), BOTH[0])] {
        end_pauses(&database);
        let worker = worker(&services, &url(protection, "", server.port), authority);
        assert_eq!(run(&worker), "sent 0 mails, put off 1");
    }
    let mail = outbox(&services).remove(0);
    assert!(mail.last_error.unwrap().contains("STARTTLS"));
    assert_eq!(states(&services), [MailState::Waiting]);
    assert!(server.received().is_empty());
}

#[test]
fn a_refused_login_is_no_refusal_of_the_mail() {
    for protection in BOTH {
        let database = database();
        let services = database.services();
        write(&services, 1, "waits");
        let authority = Authority::new("trusted");
        let identity = authority.certify("localhost");
        let server = SmtpServer::with_login(free_port(), protection, &identity);
        let [user, password] = LOGIN;
        let at = |login: &str| {
            let address = url(protection, login, server.port);
            worker(&services, &address, Some(&authority))
        };
        assert_eq!(run(&at(&format!("{user}:wrong@"))), "sent 0 mails, put off 1");
        let error = trouble(&services);
        assert!(error.contains("535") && !error.contains("wrong"), "{error}");
        // Without any: refused before the mail was looked at.
        end_pauses(&database);
        assert_eq!(run(&at("")), "sent 0 mails, put off 1");
        end_pauses(&database);
        assert_eq!(run(&at(&format!("{user}:{password}@"))), "sent 1 mail");
        assert!(server.received()[0].tls.is_some());
    }
}
