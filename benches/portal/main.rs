//! Measures the portal beside the least that could do the same work. Run it by `bin/bench`.
//!
//! Every figure comes with a baseline measured in alternation on the same machine within the same
//! minute. Only the ratios mean anything elsewhere.

mod alike;
#[path = "../../tests/mailer/authority.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "a part of the tests' mail server")]
mod authority;
#[path = "../../tests/support/cluster.rs"]
#[expect(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "a part of the tests")]
mod cluster;
mod files;
mod issue;
mod load;
mod logins;
mod mail;
mod otp;
mod pages;
mod program;
mod report;
mod seed;
mod site;
mod statements;
// The tests' server writes down what it is given, so that nothing can be lost unseen.
#[path = "../../tests/mailer/smtp_server.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "a server of the tests, used in part")]
mod smtp_server;
mod transfers;
mod users;
mod zengin;

use anyhow::{Result, bail};

/// How long and how often everything is measured.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Rounds, each with portal and baseline.
    pub rounds: usize,
    /// Seconds of one measurement.
    pub seconds: u64,
}

type Bench = fn(Effort) -> Result<()>;

const BENCHES: [(&str, Bench); 15] = [
    ("login-page", pages::login_page),
    ("top-page", pages::top_page),
    ("user-list", users::list),
    ("statements", statements::pages),
    ("transfers", transfers::sqlite::run),
    ("transfers-postgres", transfers::postgres::run),
    ("logins", logins::run),
    ("alike", alike::run),
    ("otp", otp::run),
    ("issue", issue::run),
    ("mail", mail::run),
    ("files", files::run),
    ("start", program::start),
    ("memory", program::memory),
    ("zengin", zengin::run),
];

fn main() -> Result<()> {
    let mut effort = Effort { rounds: 3, seconds: 5 };
    let mut names: Vec<String> = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || args.next().unwrap_or_default().parse::<u64>();
        match arg.as_str() {
            "--bench" => {} // Cargo's own.
            "--rounds" => effort.rounds = usize::try_from(number()?)?.max(1),
            "--seconds" => effort.seconds = number()?.max(1),
            program::BARE_SERVER => return program::serve_bare(u16::try_from(number()?)?),
            _ => names.push(arg),
        }
    }
    if let Some(wrong) = names.iter().find(|name| !BENCHES.iter().any(|(known, _)| known == name)) {
        let known: Vec<&str> = BENCHES.iter().map(|(name, _)| *name).collect();
        bail!("no bench is called {wrong}; there are {}", known.join(", "));
    }
    report::machine();
    let is_wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    for (name, run) in BENCHES.into_iter().filter(|(name, _)| is_wanted(name)) {
        println!("\n== {name} ==");
        run(effort)?;
    }
    Ok(())
}
