//! A portal on a database of its own, and servers of this process.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use actix_web::cookie::{Cookie, CookieJar, Key};
use actix_web::dev::{Server, ServerHandle};
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer, rt};
use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use madoguchi::db::{DatabaseUrl, Db, DbOptions, migrate};
use madoguchi::domain::portal::Profile;
use madoguchi::operations::Services;
use madoguchi::operations::name_lookup::NotOffered;
use madoguchi::operations::pay_easy::NoBiller;
use madoguchi::primitives::clock::{Clock, UtcTime, parse_rfc3339};
use madoguchi::primitives::keys::KeyRing;
use madoguchi::primitives::password::PasswordHasher;
use madoguchi::web::{WebApp, WebOptions};
use tempfile::TempDir;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::report::CORES;

/// The portal that is measured.
pub const PORTAL: &str = "shirakaba";
/// The one that issues tokens in the menu after login.
pub const ISSUING_PORTAL: &str = "minori";
/// One whose companies keep their users themselves.
pub const COMPANY_PORTAL: &str = "inaho";
/// A Tuesday morning on which the portal is open.
const NOON: &str = "2026-11-24T12:00:00+09:00";
/// As the server has it: room for about a second of waiting logins.
const LOGINS_WAITING_PER_THREAD: usize = 64;
/// As the server has it.
const BLOCKING_THREADS_PER_WORKER: usize = 2;

/// A portal with its database.
pub struct Site {
    /// What operations work with.
    pub services: Services,
    folder: TempDir,
}

impl Site {
    /// A portal on a new database, with the clock standing still.
    pub fn new() -> Result<Site> {
        let folder = scratch_folder()?;
        let url = database_url(folder.path())?;
        Site::on(folder, &url)
    }

    /// A portal on an empty database.
    pub fn on(folder: TempDir, url: &DatabaseUrl) -> Result<Site> {
        log_to_nowhere()?;
        migrate(url)?;
        let key = key();
        let clock = Clock::new();
        clock.freeze(now()?);
        let services = Services {
            db: Db::open(url, DbOptions::default())?,
            clock,
            keys: Arc::new(KeyRing::parse(&key)?),
            hasher: PasswordHasher::start(*CORES, *CORES * LOGINS_WAITING_PER_THREAD),
            profiles: Arc::new(profiles()?),
            public_url: None,
            directory: None,
            name_lookup: Arc::new(NotOffered),
            biller: Arc::new(NoBiller),
        };
        Ok(Site { services, folder })
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its SQLite file.
    pub fn file(&self) -> PathBuf {
        database_file(self.folder())
    }

    /// The profile of the portal that is measured.
    pub fn profile(&self) -> Result<Arc<Profile>> {
        self.services.profiles.get(PORTAL).cloned().context("the portal's profile is missing")
    }

    /// The web part.
    pub fn app(&self) -> WebApp {
        let options = WebOptions {
            public_url: "http://127.0.0.1".to_owned(),
            is_https: false,
            login_tries_per_minute: 0,
            trusts_forwarded_for: false,
            certificates: madoguchi::web::client_certificate::CertificateDoor::default(),
            served: [PORTAL, ISSUING_PORTAL, COMPANY_PORTAL].map(str::to_owned).into(),
            letter_font: madoguchi::letter::FONT_DEFAULT.into(),
        };
        WebApp::new(self.services.clone(), options, None)
    }

    /// The session cookie of a portal that stands for `session_key`, as the session middleware
    /// makes it.
    pub fn session_cookie(&self, portal: &str, session_key: &str) -> Result<String> {
        let key = self.services.keys.derive::<64>("madoguchi session cookie");
        let mut jar = CookieJar::new();
        jar.private_mut(&Key::from(key.as_slice()))
            .add(Cookie::new(portal.to_owned(), session_key.to_owned()));
        let cookie = jar.delta().next().context("no cookie was made")?;
        Ok(cookie.stripped().encoded().to_string())
    }

    /// Serves the portal.
    pub fn serve(&self) -> Result<Running> {
        let app = self.app();
        Running::start(move |listener| madoguchi::web::server(app, listener, None, *CORES))
    }
}

/// Sealing keys that only benches use.
pub fn key() -> String {
    format!("bench:{}", STANDARD.encode([7; 32]))
}

/// The time at which the portal's clock stands.
pub fn now() -> Result<UtcTime> {
    parse_rfc3339(NOON).context("a time")
}

/// An empty folder on the disk that is measured; it goes with the value.
pub fn scratch_folder() -> Result<TempDir> {
    let above = std::env::var_os("MADOGUCHI_BENCH_FOLDER")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    std::fs::create_dir_all(&above)?;
    Ok(tempfile::tempdir_in(above)?)
}

/// The SQLite file of a folder.
pub fn database_file(folder: &Path) -> PathBuf {
    folder.join("portal.db")
}

/// Its address.
pub fn database_url(folder: &Path) -> Result<DatabaseUrl> {
    let file = database_file(folder);
    Ok(DatabaseUrl::parse(&format!("sqlite:{}", file.display()))?)
}

/// The profiles that ship with the program.
pub fn profiles() -> Result<BTreeMap<String, Arc<Profile>>> {
    let profiles = Profile::parse_all(&Profile::builtin())
        .map_err(|errors| anyhow!("a profile is wrong: {errors:?}"))?;
    Ok(profiles.into_iter().map(|p| (p.slug().to_owned(), Arc::new(p))).collect())
}

/// Every request is logged as in production, to where it costs no disk.
fn log_to_nowhere() -> Result<()> {
    let null = Arc::new(File::options().write(true).open("/dev/null")?);
    let filter =
        Targets::new().with_default(LevelFilter::WARN).with_target("madoguchi", LevelFilter::INFO);
    let lines = madoguchi::startup::log::compact(null);
    // Fails where an earlier bench of this run has done it already.
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
    Ok(())
}

/// A server on a thread of this process; it stops with the value.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Serves what `make` builds on a free port.
    pub fn start(
        make: impl FnOnce(TcpListener) -> std::io::Result<Server> + Send + 'static,
    ) -> Result<Running> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (ready, handle) = channel();
        let thread = std::thread::spawn(move || serve(|| make(listener), &ready));
        let handle = handle.recv().context("the server did not start")??;
        Ok(Running { address, handle, thread: Some(thread) })
    }

    /// A bare server with as many threads as the portal's.
    pub fn bare(
        configure: impl Fn(&mut ServiceConfig) + Send + Clone + 'static,
    ) -> Result<Running> {
        Running::start(move |listener| bare(configure, listener))
    }
}

/// Builds a server of `configure`'s routes with nothing around them.
pub fn bare(
    configure: impl Fn(&mut ServiceConfig) + Send + Clone + 'static,
    listener: TcpListener,
) -> std::io::Result<Server> {
    let server = HttpServer::new(move || App::new().configure(configure.clone()))
        .workers(*CORES)
        .worker_max_blocking_threads(BLOCKING_THREADS_PER_WORKER)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

fn serve(
    make: impl FnOnce() -> std::io::Result<Server>,
    ready: &Sender<std::io::Result<ServerHandle>>,
) {
    rt::System::new().block_on(async {
        match make() {
            Ok(server) => {
                // Whoever waits for the answer is still there, or nobody needs it.
                let _ = ready.send(Ok(server.handle()));
                if let Err(error) = server.await {
                    eprintln!("a server ended: {error}");
                }
            }
            Err(error) => drop(ready.send(Err(error))),
        }
    });
}

impl Drop for Running {
    fn drop(&mut self) {
        // The order is sent when the future is made; the thread's end is what is waited for.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
