//! The settings: a flag wins over the environment, the environment over the file, the file over the
//! default. Everything is checked at the start, and a mistake is one line that says what to do.
//!
//! A setting has one name, `listen`: in the file `listen`, in the environment `MADOGUCHI_LISTEN`,
//! as a flag `--listen`. What is secret (keys, the mail server's password) has no flag, because
//! every user of a machine can read the command lines of all programs.

mod certificates;
mod file;
mod sources;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use zeroize::Zeroizing;

pub use self::certificates::{CertificateHeader, CertificateListener, CertificateSettings};
use self::sources::Sources;
pub use self::values::{LogFormat, LogSettings};

/// What every setting's name begins with in the environment.
pub const ENVIRONMENT_PREFIX: &str = "MADOGUCHI_";

/// Sign-in tries that one address has each minute.
const LOGIN_TRIES_PER_MINUTE: u32 = 30;
/// The same in the demo, where tests and whole classrooms share an address.
const DEMO_LOGIN_TRIES_PER_MINUTE: u32 = 1_000;

/// What is wrong with the settings, in one line that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(pub String);

/// For what the settings are read: it decides the defaults and what has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The server for customers.
    Serve,
    /// The server with demo data.
    Demo,
    /// A command on a database.
    Command,
    /// A command that needs no database.
    NoDatabase,
}

/// Settings given as flags, by the setting's name.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// The settings file.
    pub config: Option<PathBuf>,
    /// Values by name, as `listen`.
    pub values: BTreeMap<&'static str, String>,
}

impl Flags {
    /// Notes a flag if it was given.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Option<&str>) -> Flags {
        if let Some(value) = value {
            self.values.insert(name, value.to_owned());
        }
        self
    }
}

/// Everything that can be set.
#[derive(Clone)]
pub struct Settings {
    /// Address and port to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// `sqlite:PATH` or `postgres://...`; empty where no database is needed.
    pub database: String,
    /// The address under which browsers see the server, without a slash at the end.
    pub public_url: Option<String>,
    /// Sealing keys, `id:base64,id:base64`: the first seals, all open.
    pub keys: Option<Zeroizing<String>>,
    /// The mail server.
    pub smtp_url: Option<String>,
    /// A PEM file of authorities whose certificates the mail server may have, beside the machine's.
    pub smtp_ca: Option<PathBuf>,
    /// The font of letters as PDF; without it, Debian's of `fonts-noto-cjk`.
    pub letter_font: Option<PathBuf>,
    /// The demo's pictures of its screens, as `bin/screens` makes them.
    pub pictures: Option<PathBuf>,
    /// A folder of profiles in place of those built in.
    pub profiles: Option<PathBuf>,
    /// A directory of banks and branches in place of the one built in.
    pub directory: Option<PathBuf>,
    /// Slugs of the portals to serve; without it, all whose screens are built.
    pub served: Option<Vec<String>>,
    /// Sign-in tries that one network address has each minute.
    pub login_tries_per_minute: u32,
    /// Whether the address of the client is taken from `X-Forwarded-For`.
    pub trusts_forwarded_for: bool,
    /// How client certificates come in.
    pub certificates: CertificateSettings,
    /// Threads that answer requests.
    pub workers: usize,
    /// How logs look.
    pub log: LogSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            database: String::new(),
            public_url: None,
            keys: None,
            smtp_url: None,
            smtp_ca: None,
            letter_font: None,
            pictures: None,
            profiles: None,
            directory: None,
            served: None,
            login_tries_per_minute: LOGIN_TRIES_PER_MINUTE,
            trusts_forwarded_for: false,
            certificates: CertificateSettings::default(),
            workers: std::thread::available_parallelism().map_or(2, usize::from),
            log: LogSettings::default(),
        }
    }
}

impl fmt::Debug for Settings {
    /// Shows no key, no password and no address that may hold one.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("listen", &self.listen)
            .field("public_url", &self.public_url)
            .field("has_keys", &self.keys.is_some())
            .field("has_smtp_url", &self.smtp_url.is_some())
            .field("smtp_ca", &self.smtp_ca)
            .field("letter_font", &self.letter_font)
            .field("pictures", &self.pictures)
            .field("profiles", &self.profiles)
            .field("directory", &self.directory)
            .field("served", &self.served)
            .field("login_tries_per_minute", &self.login_tries_per_minute)
            .field("trusts_forwarded_for", &self.trusts_forwarded_for)
            .field("certificates", &self.certificates)
            .field("workers", &self.workers)
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Puts the settings together and checks them.
    ///
    /// `environment` is the whole environment: from it come the settings, and where the demo's
    /// data lie by default.
    ///
    /// # Errors
    /// The first mistake, in one line.
    pub fn load(
        purpose: Purpose,
        flags: &Flags,
        environment: &BTreeMap<String, String>,
    ) -> Result<Settings, SettingsError> {
        let sources = Sources::gather(flags, environment)?;
        let defaults = Settings::default();
        let tries = match purpose {
            Purpose::Demo => DEMO_LOGIN_TRIES_PER_MINUTE,
            _ => LOGIN_TRIES_PER_MINUTE,
        };
        Ok(Settings {
            listen: sources.parsed("listen", values::listen)?.unwrap_or(defaults.listen),
            public_url: sources.parsed("public_url", values::public_url)?,
            keys: sources.text("keys").map(|text| Zeroizing::new(text.to_owned())),
            smtp_url: sources.text("smtp_url").map(str::to_owned),
            smtp_ca: sources.text("smtp_ca").map(PathBuf::from),
            letter_font: sources.text("letter_font").map(PathBuf::from),
            pictures: sources.text("pictures").map(PathBuf::from),
            profiles: sources.text("profiles").map(PathBuf::from),
            directory: sources.text("directory").map(PathBuf::from),
            served: sources.parsed("serve", values::slugs)?,
            login_tries_per_minute: sources
                .parsed("login_tries_per_minute", |text| values::number(text, 1, 100_000))?
                .unwrap_or(tries),
            trusts_forwarded_for: sources
                .parsed("trust_forwarded_for", values::yes_or_no)?
                .unwrap_or(false),
            certificates: certificates::read(&sources)?,
            workers: sources
                .parsed("workers", |text| values::number(text, 1, 256))?
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(defaults.workers),
            log: sources.parsed("log", values::log)?.unwrap_or_default(),
            database: database(purpose, &sources, environment)?,
        })
    }
}

fn database(
    purpose: Purpose,
    sources: &Sources,
    environment: &BTreeMap<String, String>,
) -> Result<String, SettingsError> {
    match (sources.text("database_url"), purpose) {
        (Some(url), _) => Ok(url.to_owned()),
        (None, Purpose::NoDatabase) => Ok(String::new()),
        (None, Purpose::Demo) => Ok(format!("sqlite:{}", demo_file(environment).display())),
        (None, Purpose::Serve | Purpose::Command) => Err(SettingsError(
            "no database is set; set MADOGUCHI_DATABASE_URL or add --database, as sqlite:PATH or \
             postgres://USER@HOST/DATABASE"
                .to_owned(),
        )),
    }
}

/// The demo's database: `madoguchi/madoguchi-demo.db` in the user's data directory (XDG base
/// directories), or in the current directory for a user without a home.
fn demo_file(environment: &BTreeMap<String, String>) -> PathBuf {
    let folder =
        |name: &str| environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_DATA_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".local").join("share")))
        .map_or_else(PathBuf::new, |data| data.join("madoguchi"))
        .join("madoguchi-demo.db")
}
