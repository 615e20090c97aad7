//! The out-box's way to a mail server (aiosmtpd), beside the same mails sent over one connection by
//! lettre alone.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{Message, SmtpTransport, Transport};
use madoguchi::db::DbError;
use madoguchi::db::queries::{mails, users};
use madoguchi::domain::mail::{MailKind, MailState, NewMail};
use madoguchi::jobs::worker::Worker;
use madoguchi::mail::transport::MailTransport;
use madoguchi::primitives::clock::Clock;

use crate::Effort;
use crate::load::count;
use crate::report::{Disk, ratio_alone, steady_rounds};
use crate::seed;
use crate::site::{ISSUING_PORTAL, Site, now};
use crate::smtp_server::{Answers, SmtpServer, free_port};

/// Persons, each with as many mails, which have to keep their order.
const PERSONS: usize = 100;
const MAILS_EACH: usize = 4;
const SENDER: &str = "みのり信用組合 <direct@minori.example.jp>";
const SUBJECT: &str = "【みのり信用組合】ワンタイムパスワードの利用開始を受け付けました";
/// Longer than any run of the worker needs.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs the bench.
pub fn run(effort: Effort) -> Result<()> {
    let site = Site::new()?;
    seed::applicants(&site, PERSONS)?;
    let body =
        "トークンの利用を開始しました。お心当たりのない場合は、お電話ください。\n".repeat(12);
    println!("{} mails of {} bytes to {PERSONS} persons", PERSONS * MAILS_EACH, body.len());
    println!("{:<26} {:>9}", "", "mails/s");
    let ratios = steady_rounds(effort.rounds, || {
        let bare = bare_rate(&body)?;
        println!("{:<26} {bare:>9.1}", "bare lettre");
        let mut disk = Disk::watch(site.folder())?;
        let rate = out_box_rate(&site, &body)?;
        disk.look()?;
        println!("{:<26} {rate:>9.1}", "out-box");
        Ok(disk.is_steady().then_some(rate / bare))
    })?;
    ratio_alone("mails a second, of bare lettre's", &ratios);
    Ok(())
}

fn bare_rate(body: &str) -> Result<f64> {
    let server = SmtpServer::start(free_port(), Answers::Accept);
    let transport = SmtpTransport::builder_dangerous("127.0.0.1").port(server.port).build();
    let began = Instant::now();
    for n in 0..PERSONS * MAILS_EACH {
        let message = Message::builder()
            .from(SENDER.parse::<Mailbox>()?)
            .to(seed::address(n % PERSONS).parse::<Mailbox>()?)
            .subject(SUBJECT)
            .header(ContentType::TEXT_PLAIN)
            .body(body.to_owned())?;
        transport.send(&message)?;
    }
    let rate = count(PERSONS * MAILS_EACH) / began.elapsed().as_secs_f64();
    ensure!(server.received().len() == PERSONS * MAILS_EACH, "mails were lost");
    Ok(rate)
}

fn out_box_rate(site: &Site, body: &str) -> Result<f64> {
    write(site, body)?;
    let server = SmtpServer::start(free_port(), Answers::Accept);
    let transport = MailTransport::smtp(&format!("smtp://127.0.0.1:{}", server.port), None)
        .map_err(|wrong| anyhow!(wrong))?;
    let worker = Worker::new(site.services.clone(), Some(transport)).context("the worker")?;
    let began = Instant::now();
    while waiting(site)? > 0 {
        ensure!(began.elapsed() < PATIENCE, "the out-box does not empty itself");
        worker.run_due_once();
    }
    let rate = count(PERSONS * MAILS_EACH) / began.elapsed().as_secs_f64();
    check(&server)?;
    Ok(rate)
}

fn waiting(site: &Site) -> Result<i64> {
    let states = site.services.db.read_blocking::<_, DbError>(mails::count_by_state)?;
    Ok(states.iter().filter(|(state, _)| *state == MailState::Waiting).map(|(_, n)| n).sum())
}

/// Each person has got all mails, in the order of writing.
fn check(server: &SmtpServer) -> Result<()> {
    let received = server.received();
    ensure!(received.len() == PERSONS * MAILS_EACH, "{} mails arrived", received.len());
    for n in 0..PERSONS {
        let to = seed::address(n);
        let got: Vec<&str> = received
            .iter()
            .filter(|mail| mail.to == to)
            .filter_map(|mail| mail.subject.rsplit(' ').next())
            .collect();
        let expected: Vec<String> = (0..MAILS_EACH).map(|number| number.to_string()).collect();
        ensure!(got == expected, "mails to {to} came as {got:?}");
    }
    Ok(())
}

fn write(site: &Site, body: &str) -> Result<()> {
    let (body, now) = (body.to_owned(), now()?);
    site.services.db.write_blocking(move |conn| {
        for number in 0..MAILS_EACH {
            for n in 0..PERSONS {
                let user = users::find_by_login_id(conn, ISSUING_PORTAL, &seed::login_id(n))?;
                let mail = NewMail {
                    portal: ISSUING_PORTAL.to_owned(),
                    user_id: user.map(|user| user.id),
                    kind: MailKind::TokenStarted,
                    to_address: seed::address(n),
                    from_address: SENDER.to_owned(),
                    subject: format!("{SUBJECT} {number}"),
                    body: body.clone(),
                    state: MailState::Waiting,
                    created_at: now,
                    next_attempt_at: Clock::real_now(),
                };
                mails::insert(conn, mail)?;
            }
        }
        Ok::<_, DbError>(())
    })?;
    Ok(())
}
