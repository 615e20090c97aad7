//! Reads the command line and the settings, and starts what was asked for.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;

use madoguchi::cli::certificate::{CaArgs, CertificateCommand, RequireArgs, RevokeArgs};
use madoguchi::cli::demo::DemoInfo;
use madoguchi::cli::directory::{self, DirectoryCommand};
use madoguchi::cli::profile::ProfileCommand;
use madoguchi::cli::qa::{QaCommand, ReplayArgs};
use madoguchi::cli::staff::StaffCommand;
use madoguchi::cli::token::TokenCommand;
use madoguchi::cli::user::UserCommand;
use madoguchi::cli::zengin::ZenginCommand;
use madoguchi::cli::{
    Cli, Command, CommandError, DatabaseArgs, DemoArgs, Exit, Operator, ServeArgs, audit,
    certificate, demo, key, ledger, profile, qa, staff, token, user, zengin,
};
use madoguchi::config::{
    ENVIRONMENT_PREFIX, Flags, LogFormat, LogSettings, Purpose, Settings, SettingsError,
};
use madoguchi::db::DatabaseUrl;
use madoguchi::operations::Services;
use madoguchi::primitives::clock::Clock;
use madoguchi::startup::{self, Mode, Running, StartError};

/// Why nothing was done, or not all: one line.
#[derive(Debug, thiserror::Error)]
enum MainError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("signals cannot be received: {0}")]
    Signals(std::io::Error),
    #[error("the web server ended by itself; see the log")]
    Ended,
}

impl MainError {
    /// Whoever reads the output has gone (`| head`): nothing to complain about.
    fn is_broken_pipe(&self) -> bool {
        matches!(self, MainError::Command(CommandError::Output(error))
            if error.kind() == ErrorKind::BrokenPipe)
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            let line = StartError::new(error.to_string());
            // Nobody is left to tell if this fails too.
            let _ = writeln!(std::io::stderr(), "madoguchi: {line}");
            ExitCode::from(Exit::Refused.code())
        }
    }
}

fn run(command: Command) -> Result<Exit, MainError> {
    let out = &mut std::io::stdout();
    match command {
        Command::Serve(args) => serve(&args),
        Command::Demo(args) => run_demo(&args),
        Command::Migrate(args) => migrate(&args, out),
        Command::Profile(ProfileCommand::Check(args)) => check_profiles(&args, out),
        Command::Directory(DirectoryCommand::Show(args)) => {
            let settings = settings(Purpose::NoDatabase, &args.database.flags())?;
            let given = startup::directory(&settings)?;
            Ok(directory::show(settings.directory.as_deref(), given.as_ref(), out)?)
        }
        Command::Directory(DirectoryCommand::Check(args)) => Ok(directory::check(&args, out)?),
        Command::Token(TokenCommand::Import(args)) => {
            Ok(token::import(&services(&args.database)?, &operator(), &args, out)?)
        }
        Command::Token(TokenCommand::List(args)) => {
            Ok(token::list(&services(&args.database)?, &args, out)?)
        }
        Command::Token(TokenCommand::Ship(args)) => {
            Ok(token::ship(&services(&args.database)?, &operator(), &args, out)?)
        }
        Command::Token(TokenCommand::Revoke(args)) => {
            Ok(token::revoke(&services(&args.database)?, &operator(), &args, out)?)
        }
        Command::User(UserCommand::Release(args)) => {
            Ok(user::release(&services(&args.database)?, &operator(), &args, out)?)
        }
        Command::User(UserCommand::Unlock(args)) => {
            Ok(user::unlock(&services(&args.database)?, &operator(), &args, out)?)
        }
        Command::User(UserCommand::Hold(args)) => {
            Ok(user::hold(&services(&args.user.database)?, &operator(), &args, out)?)
        }
        Command::User(UserCommand::Limit(args)) => {
            let services = services(&args.user.database)?;
            Ok(user::limit::limit(&services, &operator(), &args, out)?)
        }
        Command::User(UserCommand::LiftStop(args)) => {
            Ok(user::lift_stop(&services(&args.database)?, &operator(), &args, out)?)
        }
        Command::Staff(StaffCommand::Add(args)) => {
            Ok(staff::add(&services(&args.database)?, &operator(), &args, out)?)
        }
        Command::Staff(StaffCommand::List(args)) => {
            Ok(staff::list(&services(&args.database)?, &operator(), &args, out)?)
        }
        Command::Staff(StaffCommand::Change(args)) => {
            Ok(staff::change(&services(&args.database)?, &operator(), &args, out)?)
        }
        Command::Certificate(command) => certificates(&command, out),
        Command::Key(key::KeyCommand::Reseal(args)) => {
            Ok(key::reseal(&services(&args.database)?, &operator(), out)?)
        }
        Command::Audit(audit::AuditCommand::Verify(args)) => {
            Ok(audit::verify(&services(&args.database)?, out)?)
        }
        Command::Ledger(ledger::LedgerCommand::Check(args)) => {
            Ok(ledger::check(&services(&args.database)?, out)?)
        }
        Command::Ledger(ledger::LedgerCommand::Reverse(args)) => {
            Ok(ledger::reverse(&services(&args.database)?, &operator(), &args, out)?)
        }
        Command::Zengin(command) => zengin_files(&command, out),
        Command::Qa(QaCommand::Replay(args)) => replay(&args, out),
    }
}

fn zengin_files(command: &ZenginCommand, out: &mut dyn Write) -> Result<Exit, MainError> {
    match command {
        ZenginCommand::Check(args) => Ok(zengin::check(args, Clock::real_now(), out)?),
        ZenginCommand::Show(args) => Ok(zengin::show(args, out)?),
        ZenginCommand::Convert(args) => {
            let outputs: (&mut dyn Write, &mut dyn Write) = (out, &mut std::io::stderr());
            Ok(zengin::convert(args, Clock::real_now(), outputs)?)
        }
    }
}

/// On the demo that is named, or on one that lives as long as the command.
fn replay(args: &ReplayArgs, out: &mut dyn Write) -> Result<Exit, MainError> {
    let scenarios = qa::read(&args.files)?;
    if let Some(url) = &args.url {
        return Ok(qa::replay(&scenarios, (url, args.accept), out)?);
    }
    let folder = tempfile::tempdir().map_err(CommandError::from)?;
    let database = format!("sqlite:{}", folder.path().join("demo.db").display());
    let flags = Flags::default()
        .with("database_url", Some(database.as_str()))
        .with("listen", Some("127.0.0.1:0"));
    let settings = settings(Purpose::Demo, &flags)?;
    let services = startup::services(&settings, true)?;
    startup::log::start(&LogSettings { format: LogFormat::Compact, level: tracing::Level::ERROR });
    let running = startup::start(&settings, services, Mode::Demo)?;
    let replayed = qa::replay(&scenarios, (&running.base_url(), args.accept), out);
    running.stop();
    Ok(replayed?)
}

fn certificates(command: &CertificateCommand, out: &mut dyn Write) -> Result<Exit, MainError> {
    use CertificateCommand as C;
    let (C::Ca(CaArgs { portal, .. })
    | C::List(portal)
    | C::Require(RequireArgs { portal, .. })
    | C::Revoke(RevokeArgs { portal, .. })) = command;
    let (services, operator) = (services(&portal.database)?, operator());
    Ok(match command {
        C::Ca(args) => certificate::ca(&services, &operator, args, out)?,
        C::List(args) => certificate::list(&services, &operator, args, out)?,
        C::Require(args) => certificate::require(&services, &operator, args, out)?,
        C::Revoke(args) => certificate::revoke(&services, &operator, args, out)?,
    })
}

/// The variables of ours, and those that say where data lie.
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .map(|(name, value)| {
            (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
        })
        .filter(|(name, _)| {
            name.starts_with(ENVIRONMENT_PREFIX) || name == "XDG_DATA_HOME" || name == "HOME"
        })
        .collect()
}

fn settings(purpose: Purpose, flags: &Flags) -> Result<Settings, SettingsError> {
    Settings::load(purpose, flags, &environment())
}

/// What a command on a database works with. Its report is its output, so it logs trouble only.
fn services(args: &DatabaseArgs) -> Result<Services, MainError> {
    let settings = settings(Purpose::Command, &args.flags())?;
    let services = startup::command_services(&settings)?;
    startup::log::start(&LogSettings { format: LogFormat::Compact, level: tracing::Level::WARN });
    Ok(services)
}

/// The user of this machine who runs the command, for the audit log.
fn operator() -> Operator {
    let named = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let number = || format!("uid {}", rustix::process::getuid().as_raw());
    Operator { name: named.filter(|name| !name.is_empty()).unwrap_or_else(number) }
}

fn serve(args: &ServeArgs) -> Result<Exit, MainError> {
    let settings = settings(Purpose::Serve, &args.server.flags())?;
    startup::check_serve(&settings, args.allow_plain_http)?;
    let services = startup::services(&settings, false)?;
    // Only now, so that a mistake is the one line on standard error.
    startup::log::start(&settings.log);
    let running = startup::start(&settings, services, Mode::Serve)?;
    ended(running.stop_on_signal(|_| {}))
}

fn run_demo(args: &DemoArgs) -> Result<Exit, MainError> {
    let settings = settings(Purpose::Demo, &args.server.flags())?;
    startup::check_demo(&settings, args.allow_public_demo)?;
    let services = startup::services(&settings, true)?;
    startup::log::start(&settings.log);
    if args.reset {
        startup::reset_demo(&services)?;
    }
    if let Some(folder) = &args.samples {
        demo::write_samples(&services, folder)?;
    }
    let running = startup::start(&settings, services, Mode::Demo)?;
    let database = DatabaseUrl::parse(&settings.database).map_err(CommandError::from)?;
    let tell = |running: &Running| {
        let info = DemoInfo {
            base_url: &running.base_url(),
            certificate_url: running.certificate_url.as_deref(),
            database: &database.to_string(),
            served: &running.served,
            sends_mail: settings.smtp_url.is_some(),
            samples: args.samples.as_deref(),
        };
        if let Err(error) = demo::announce(&info, &mut std::io::stdout()) {
            tracing::warn!(%error, "nobody reads where the demo is");
        }
    };
    ended(running.stop_on_signal(tell))
}

fn ended(was_asked: std::io::Result<bool>) -> Result<Exit, MainError> {
    match was_asked {
        Ok(true) => Ok(Exit::Done),
        Ok(false) => Err(MainError::Ended),
        Err(error) => Err(MainError::Signals(error)),
    }
}

fn migrate(args: &DatabaseArgs, out: &mut dyn Write) -> Result<Exit, MainError> {
    let settings = settings(Purpose::Command, &args.flags())?;
    let versions = startup::migrate(&settings)?;
    let line = match versions.len() {
        0 => "the database is up to date".to_owned(),
        _ => format!("migrated: {}", versions.join(", ")),
    };
    writeln!(out, "{line}").map_err(CommandError::from)?;
    Ok(Exit::Done)
}

fn check_profiles(args: &profile::CheckArgs, out: &mut dyn Write) -> Result<Exit, MainError> {
    let files = if args.files.is_empty() {
        let settings = settings(Purpose::NoDatabase, &args.database.flags())?;
        startup::profile_files(&settings)?
    } else {
        profile::read_files(args)?
    };
    Ok(profile::check(&files, args.quiet, out)?)
}
