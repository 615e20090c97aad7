//! Floor 5: the command line. What is typed stands here as types; each command is one function that
//! is given its services and writes to the output it is handed.

pub mod audit;
pub mod certificate;
pub mod demo;
pub mod directory;
pub mod key;
pub mod ledger;
pub mod profile;
pub mod qa;
pub mod staff;
pub mod token;
pub mod user;
pub mod zengin;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::config::Flags;
use crate::db::DbError;
use crate::domain::portal::Profile;
use crate::operations::{Actor, Ctx, OperationError, Services};
use crate::primitives::ids::random_short_id;

const EXAMPLES: &str = "\
Examples:
  madoguchi demo                      Try it: http://127.0.0.1:8080/ with demo data
  madoguchi migrate --database sqlite:/var/lib/madoguchi/bank.db
  madoguchi serve --config /etc/madoguchi.toml
  madoguchi token import --portal PORTAL --kind hardware --format csv tokens.csv
  madoguchi audit verify

Settings: a flag wins over the environment, the environment over the file (--config), the file over
the default. NAME in the file is MADOGUCHI_NAME in the environment:
  listen                  address and port of the web server (127.0.0.1:8080)
  database_url            sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE
  public_url              the address browsers use, https://bank.example.jp
  keys                    sealing keys, ID:BASE64,ID:BASE64; the first seals, all open. Make one
                          with `openssl rand -base64 32`. Changing the first ends all sessions
  smtp_url                mail server, smtps://USER:PASSWORD@HOST:465; without it mails wait
  smtp_ca                 PEM file of an authority of your own for the mail server's certificate
  letter_font             font of letters as PDF, one whose licence allows embedding
                          (that of Debian's fonts-noto-cjk; without a font, letters are pages)
  pictures                demo only: folder of pictures of the screens (bin/screens makes them)
  directory               file of banks and branches in place of the list built in
  profiles                folder of portal profiles in place of those built in
  serve                   slugs of the portals to serve (all whose screens are built)
  login_tries_per_minute  tries with id and password of one network address (30; demo 1000)
  trust_forwarded_for     true behind a proxy of your own that sets X-Forwarded-For (false)
  tls_client_listen       address and port of a TLS listener that takes client certificates
  tls_client_certificate  PEM file of its own certificate chain (the demo makes one)
  tls_client_key          PEM file of the key to it
  client_certificate_header   instead of that listener, a header that a proxy of yours sets:
                          Client-Cert as in RFC 9440, or PEM as nginx escapes it
  client_certificate_proxies  that proxy's addresses; from others the header says nothing
  client_certificate_url  where browsers log on with a certificate (the listener, public_url)
  workers                 threads that answer requests (one for each core)
  log                     compact or json, with a level: json,debug (compact,info)

Exit codes: 0 done; 1 done, with findings or refusals; 2 not done, and one line says what to do.";

/// Internet-banking portal for small Japanese institutions.
#[derive(Debug, Parser)]
#[command(name = "madoguchi", version, about, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve customers.
    Serve(ServeArgs),
    /// Serve demo data, with public passwords and the QA console, to try and to test.
    Demo(DemoArgs),
    /// Bring the database up to date; makes a SQLite file that is missing.
    Migrate(DatabaseArgs),
    /// Portal profiles.
    #[command(subcommand)]
    Profile(profile::ProfileCommand),
    /// The directory of banks and branches.
    #[command(subcommand)]
    Directory(directory::DirectoryCommand),
    /// One-time-password tokens: stock, shipping, revocation.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Users: release of suspensions, unlocking, hold on transfers, emergency stop.
    #[command(subcommand)]
    User(user::UserCommand),
    /// The institution's staff, who log in to the staff console.
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// Client certificates (利用者電子証明書) and the authorities that issue them.
    #[command(subcommand)]
    Certificate(certificate::CertificateCommand),
    /// The sealing keys.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// The audit log.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// The ledger.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Files in the banks' fixed-length formats (全銀協規定形式): check, show and convert them.
    #[command(subcommand)]
    Zengin(zengin::ZenginCommand),
    /// For testers of the demo.
    #[command(subcommand)]
    Qa(qa::QaCommand),
}

/// Where a command finds its settings.
#[derive(Debug, Clone, Default, Args)]
pub struct DatabaseArgs {
    /// sqlite:PATH or postgres://USER@HOST/DATABASE. A password belongs into the environment
    /// (MADOGUCHI_DATABASE_URL) or the settings file: others on this machine can read the command
    /// line.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Settings file (TOML).
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of portal profiles in place of those built in.
    #[arg(long, value_name = "FOLDER")]
    pub profiles: Option<String>,
}

/// What a server takes beside.
#[derive(Debug, Clone, Default, Args)]
pub struct ServerArgs {
    /// Address and port to listen on [default: 127.0.0.1:8080]; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// The address under which browsers see the server, as https://bank.example.jp.
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Address and port of the TLS listener for log-ons with a client certificate.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub tls_client_listen: Option<String>,
    /// Slugs of the portals to serve, with commas.
    #[arg(long, value_name = "SLUGS")]
    pub serve: Option<String>,
    /// Threads that answer requests [default: one for each core].
    #[arg(long, value_name = "NUMBER")]
    pub workers: Option<String>,
    /// Log: compact or json, with a level, as json,debug [default: compact,info].
    #[arg(long, value_name = "FORMAT,LEVEL")]
    pub log: Option<String>,
    /// Database, settings file, profiles.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

const SERVE_EXAMPLES: &str = "\
Before the first start:
  export MADOGUCHI_DATABASE_URL=sqlite:/var/lib/madoguchi/bank.db
  export MADOGUCHI_KEYS=\"k1:$(openssl rand -base64 32)\"   (keep it: it opens what is sealed)
  madoguchi migrate
Then, behind a proxy that does TLS:
  MADOGUCHI_PUBLIC_URL=https://bank.example.jp madoguchi serve

SIGTERM and SIGINT let running requests finish; a second signal doesn't wait.";

/// `serve`.
#[derive(Debug, Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub struct ServeArgs {
    /// Settings.
    #[command(flatten)]
    pub server: ServerArgs,
    /// Serve beyond this machine although customers' passwords would travel without TLS.
    #[arg(long)]
    pub allow_plain_http: bool,
}

const DEMO_EXAMPLES: &str = "\
Examples:
  madoguchi demo                                   keeps its data from one start to the next
  madoguchi demo --reset                           begins with fresh data
  madoguchi demo --listen 127.0.0.1:0 --database sqlite:/tmp/try.db

Without --database the data are in madoguchi/madoguchi-demo.db below $XDG_DATA_HOME, else below
~/.local/share, else in the current directory; the first line printed says where.";

/// `demo`.
#[derive(Debug, Args)]
#[command(after_help = DEMO_EXAMPLES)]
pub struct DemoArgs {
    /// Settings.
    #[command(flatten)]
    pub server: ServerArgs,
    /// Throw the demo's data away and load them afresh.
    #[arg(long)]
    pub reset: bool,
    /// Write sample files for ファイル伝送 into this folder, good and broken, made for the day.
    #[arg(long, value_name = "FOLDER", overrides_with = "samples")]
    pub samples: Option<PathBuf>,
    /// Listen beyond this machine although all passwords are public and the console needs none;
    /// has to be given twice.
    #[arg(long, action = ArgAction::Count)]
    pub allow_public_demo: u8,
}

impl DatabaseArgs {
    /// The flags by the settings' names.
    #[must_use]
    pub fn flags(&self) -> Flags {
        Flags { config: self.config.clone(), ..Flags::default() }
            .with("database_url", self.database.as_deref())
            .with("profiles", self.profiles.as_deref())
    }
}

impl ServerArgs {
    /// The flags by the settings' names.
    #[must_use]
    pub fn flags(&self) -> Flags {
        self.database
            .flags()
            .with("listen", self.listen.as_deref())
            .with("public_url", self.public_url.as_deref())
            .with("tls_client_listen", self.tls_client_listen.as_deref())
            .with("serve", self.serve.as_deref())
            .with("workers", self.workers.as_deref())
            .with("log", self.log.as_deref())
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All done, nothing found: 0.
    Done,
    /// Done, with refusals or findings, which are printed: 1.
    Findings,
    /// Nothing was done; the output says why and what to do: 2.
    Refused,
}

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Findings => 1,
            Exit::Refused => 2,
        }
    }
}

/// Why a command could not be carried out; one line.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Something given is wrong; the text says what to do.
    #[error("{0}")]
    Wrong(String),
    /// The database.
    #[error("{0}; check the database, then run the command again")]
    Db(#[from] DbError),
    /// An operation.
    #[error("{0}")]
    Operation(#[from] OperationError),
    /// No randomness.
    #[error("the operating system gives no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
    /// The output cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

/// Who runs commands, as the audit log shall keep it.
#[derive(Debug, Clone)]
pub struct Operator {
    /// Name of the user on this machine.
    pub name: String,
}

/// The profile of `portal`.
fn profile(services: &Services, portal: &str) -> Result<Arc<Profile>, CommandError> {
    services.profiles.get(portal).cloned().ok_or_else(|| {
        let known: Vec<&str> = services.profiles.keys().map(String::as_str).collect();
        CommandError::Wrong(format!(
            "--portal: there is no portal {portal}; choose from {}",
            known.join(", ")
        ))
    })
}

/// The act of `command` in `portal`, now.
fn ctx(
    services: &Services,
    operator: &Operator,
    portal: &str,
    command: &str,
) -> Result<Ctx, CommandError> {
    Ok(Ctx {
        profile: profile(services, portal)?,
        actor: Actor::command(&operator.name),
        source: format!("command {command}"),
        request_id: random_short_id()?,
        now: services.clock.now(),
        keys: Arc::clone(&services.keys),
        public_url: services.public_url.clone(),
    })
}

#[cfg(test)]
mod tests;
