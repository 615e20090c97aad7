//! The parts of a server or a command, each made from the settings, each mistake one line.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::config::Settings;
use crate::db::{DatabaseUrl, Db, DbError, DbOptions, pending_migrations};
use crate::domain::directory::Directory;
use crate::domain::portal::{Profile, ProfileError};
use crate::mail::transport::MailTransport;
use crate::operations::name_lookup::NotOffered;
use crate::operations::pay_easy::NoBiller;
use crate::operations::{Profiles, Services};
use crate::primitives::clock::Clock;
use crate::primitives::keys::KeyRing;
use crate::primitives::password::PasswordHasher;

use super::{Mode, StartError};

/// The demo's sealing key. Everybody knows it (it spells `madoguchi demo key, not a secret`), so
/// only demo databases are opened with it.
pub const DEMO_KEYS: &str = "demo:bWFkb2d1Y2hpIGRlbW8ga2V5LCBub3QgYSBzZWNyZXQ=";

/// About a second of waiting logins for each hashing thread.
const LOGINS_WAITING_PER_THREAD: usize = 64;

pub(super) fn database_url(settings: &Settings) -> Result<DatabaseUrl, StartError> {
    DatabaseUrl::parse(&settings.database)
        .map_err(|error| StartError::new(format!("--database or MADOGUCHI_DATABASE_URL: {error}")))
}

pub(super) fn database_trouble(url: &DatabaseUrl, error: &DbError) -> StartError {
    let hint = match url.sqlite_path() {
        Some(_) => "check the path, and that this user may write the file and its folder",
        None => "check the address, the user and that the server runs",
    };
    StartError::new(format!("{url}: {error}; {hint}"))
}

/// The folder of a SQLite file has to be there; the file itself need not.
pub(super) fn check_folder(url: &DatabaseUrl) -> Result<(), StartError> {
    let Some(folder) = folder_of(url).filter(|folder| !folder.is_dir()) else { return Ok(()) };
    Err(StartError::new(format!(
        "{url}: the folder {} is not there; make it, or correct the path",
        folder.display()
    )))
}

/// Makes the last folder of the demo's own path; a mistyped path further up stays a mistake.
pub(super) fn make_folder(url: &DatabaseUrl) -> Result<(), StartError> {
    let Some(folder) = folder_of(url).filter(|folder| !folder.is_dir()) else { return Ok(()) };
    let is_own = folder.file_name().is_some_and(|name| name == "madoguchi");
    if !is_own {
        return check_folder(url);
    }
    fs::create_dir_all(folder).map_err(|error| {
        StartError::new(format!(
            "{}: {error}; make the folder, or choose another with --database sqlite:PATH",
            folder.display()
        ))
    })
}

fn folder_of(url: &DatabaseUrl) -> Option<&Path> {
    url.sqlite_path()?.parent().filter(|folder| !folder.as_os_str().is_empty())
}

pub(super) fn open(url: &DatabaseUrl, create_if_missing: bool) -> Result<Db, StartError> {
    check_folder(url)?;
    let options = DbOptions { create_if_missing, ..DbOptions::default() };
    Db::open(url, options).map_err(|error| database_trouble(url, &error))
}

/// Opens a database that stands and is up to date.
pub(super) fn open_existing(settings: &Settings) -> Result<Db, StartError> {
    let url = database_url(settings)?;
    check_folder(&url)?;
    if url.sqlite_path().is_some_and(|path| !path.exists()) {
        return Err(StartError::new(format!(
            "{url}: there is no such file; make it with: madoguchi migrate --database {url}"
        )));
    }
    let db = open(&url, false)?;
    let pending = pending_migrations(&db).map_err(|error| database_trouble(&url, &error))?;
    if !pending.is_empty() {
        return Err(StartError::new(format!(
            "{url}: {} to be run first; make a backup, then run: madoguchi migrate",
            match pending.len() {
                1 => "1 migration has".to_owned(),
                count => format!("{count} migrations have"),
            }
        )));
    }
    Ok(db)
}

/// The keys of the settings; the demo's are no keys.
pub(super) fn configured_keys(settings: &Settings) -> Result<KeyRing, StartError> {
    let help = "set MADOGUCHI_KEYS to an id, a colon and what `openssl rand -base64 32` prints";
    let Some(text) = &settings.keys else {
        return Err(StartError::new(format!("no sealing key is set; {help}")));
    };
    let demo_key = DEMO_KEYS.split_once(':').map_or("", |(_, key)| key);
    let is_demo = |entry: &str| {
        let (id, key) = entry.split_once(':').unwrap_or_default();
        id.trim() == "demo" || key.trim() == demo_key
    };
    if text.split(',').any(|entry| is_demo(entry.trim())) {
        return Err(StartError::new(format!(
            "MADOGUCHI_KEYS holds the demo's key, which everybody knows; {help}"
        )));
    }
    KeyRing::parse(text).map_err(|error| StartError::new(format!("MADOGUCHI_KEYS: {error}")))
}

pub(super) fn demo_keys() -> Result<KeyRing, StartError> {
    KeyRing::parse(DEMO_KEYS).map_err(|error| StartError::new(error.to_string()))
}

pub(super) fn assemble(settings: &Settings, db: Db, keys: KeyRing) -> Result<Services, StartError> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    Ok(Services {
        db,
        clock: Clock::new(),
        keys: Arc::new(keys),
        hasher: PasswordHasher::start(threads, threads * LOGINS_WAITING_PER_THREAD),
        profiles: Arc::new(profiles(settings)?),
        public_url: settings.public_url.as_deref().map(Arc::from),
        directory: directory(settings)?.map(Arc::new),
        name_lookup: Arc::new(NotOffered),
        biller: Arc::new(NoBiller),
    })
}

pub(super) fn profiles(settings: &Settings) -> Result<Profiles, StartError> {
    let files = profile_files(settings)?;
    let texts: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let profiles = Profile::parse_all(&texts).map_err(|errors| first_mistake(&errors))?;
    Ok(profiles.into_iter().map(|p| (p.slug().to_owned(), Arc::new(p))).collect())
}

/// The directory of banks that is to take the place of the one built in.
pub(super) fn directory(settings: &Settings) -> Result<Option<Directory>, StartError> {
    let Some(path) = &settings.directory else { return Ok(None) };
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        StartError::new(format!(
            "MADOGUCHI_DIRECTORY: {shown}: {error}; name a file that bin/directory wrote"
        ))
    })?;
    let read = Directory::parse(text).map_err(|error| {
        StartError::new(format!(
            "MADOGUCHI_DIRECTORY: {shown}: {error}; write it anew with bin/directory --to FILE"
        ))
    });
    read.map(Some)
}

/// Names and texts of the profiles: the folder's, or those built in.
pub(super) fn profile_files(settings: &Settings) -> Result<BTreeMap<String, String>, StartError> {
    match &settings.profiles {
        Some(folder) => read_folder(folder),
        None => Ok(Profile::builtin()
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect()),
    }
}

fn first_mistake(errors: &[ProfileError]) -> StartError {
    let first = errors.first().map(ToString::to_string).unwrap_or_default();
    match errors.len() {
        0 | 1 => StartError::new(first),
        count => {
            let more = count - 1;
            StartError::new(format!("{first} (and {more} more: run madoguchi profile check)"))
        }
    }
}

/// The folder's `*.toml` files by name.
fn read_folder(folder: &Path) -> Result<BTreeMap<String, String>, StartError> {
    let shown = folder.display();
    let trouble = |place: &dyn std::fmt::Display, error: &std::io::Error| {
        StartError::new(format!(
            "--profiles or MADOGUCHI_PROFILES: {place}: {error}; name a folder of *.toml files"
        ))
    };
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|error| trouble(&shown, &error))? {
        let path = entry.map_err(|error| trouble(&shown, &error))?.path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| trouble(&path.display(), &error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(name, text);
    }
    if files.is_empty() {
        return Err(StartError::new(format!(
            "--profiles or MADOGUCHI_PROFILES: {shown} has no *.toml file; put a profile there"
        )));
    }
    Ok(files)
}

/// Slugs of the portals to serve: those asked for, or all.
pub(super) fn served(settings: &Settings, profiles: &Profiles) -> Result<Vec<String>, StartError> {
    let known: Vec<String> = profiles.values().map(|p| p.slug().to_owned()).collect();
    let Some(wanted) = &settings.served else { return Ok(known) };
    match wanted.iter().find(|slug| !profiles.contains_key(*slug)) {
        None => Ok(wanted.clone()),
        Some(slug) => Err(StartError::new(format!(
            "MADOGUCHI_SERVE: there is no portal {slug}; choose from {}",
            known.join(", ")
        ))),
    }
}

/// Where mails go: to the mail server that is set, else in the demo nowhere (its out-box is its
/// mailbox), else they wait in the out-box.
pub(super) fn transport(
    settings: &Settings,
    mode: Mode,
) -> Result<Option<MailTransport>, StartError> {
    match (&settings.smtp_url, mode) {
        (Some(url), _) => {
            let authorities = mail_authorities(settings)?;
            let transport = MailTransport::smtp(url, authorities.as_deref());
            transport.map(Some).map_err(StartError::new)
        }
        (None, Mode::Demo) => Ok(Some(MailTransport::Mailbox)),
        (None, Mode::Serve) => Ok(None),
    }
}

fn mail_authorities(settings: &Settings) -> Result<Option<Vec<u8>>, StartError> {
    let Some(path) = &settings.smtp_ca else { return Ok(None) };
    fs::read(path).map(Some).map_err(|error| {
        StartError::new(format!(
            "MADOGUCHI_SMTP_CA: {}: {error}; name a readable PEM file",
            path.display()
        ))
    })
}
