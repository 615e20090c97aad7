//! HTTP in, page out: the only part that knows actix, askama and sessions.
//!
//! A handler parses and checks its form, calls one operation and shows its result; it holds no
//! rule. Routes stand in one table ([`routes`]); screens in another ([`screens`]).

pub mod account;
pub mod activation;
pub mod administration;
pub mod administrator;
pub mod assets;
pub mod bulk_desk;
pub mod bulk_file;
pub mod certificate;
pub mod chooser;
pub mod client_certificate;
pub mod csrf;
pub mod emergency_stop;
pub mod error;
pub mod external;
pub mod failure;
pub mod fields;
pub mod file_guide;
pub mod form;
pub mod form_body;
pub mod guides;
pub mod health;
pub mod help;
pub mod home;
pub mod info;
pub mod limit;
pub mod login;
pub mod mobile;
pub mod observe;
pub mod page;
pub mod pay_easy;
pub mod payee;
pub mod payment;
pub mod portals;
pub mod principal;
pub mod qa;
pub mod routes;
pub mod screens;
pub mod security_headers;
pub mod server;
pub mod session;
pub mod shell;
mod spender;
pub mod staff;
pub mod throttle;
pub mod token;
pub mod token_app;
pub mod transfer;
mod upload;
pub mod visit;

use std::path::PathBuf;
use std::sync::Arc;

pub use self::qa::recording::Recording;
pub use self::server::{ClientTls, server};
use crate::domain::job::JobRun;
use crate::operations::Services;
use crate::web::client_certificate::CertificateDoor;
use crate::web::csrf::FormKey;
use crate::web::throttle::AddressThrottle;

/// What handlers work with; clones share it.
#[derive(Clone)]
pub struct WebApp {
    /// Database, clock, keys, hasher, profiles.
    pub services: Services,
    /// Settings of this server.
    pub options: Arc<WebOptions>,
    /// Signs form cookies.
    pub form_key: Arc<FormKey>,
    /// Tries per network address.
    pub throttle: Arc<AddressThrottle>,
    /// The demo's QA console; none in `serve`.
    pub demo: Option<DemoConsole>,
}

impl WebApp {
    /// The web part over `services`.
    pub fn new(services: Services, options: WebOptions, demo: Option<DemoConsole>) -> WebApp {
        let throttle = Arc::new(AddressThrottle::new(options.login_tries_per_minute));
        let form_key = Arc::new(FormKey::new(&services.keys));
        WebApp { services, options: Arc::new(options), form_key, throttle, demo }
    }
}

/// Settings of a server.
#[derive(Debug, Clone)]
pub struct WebOptions {
    /// Where browsers reach it, as `https://bank.example.jp`.
    pub public_url: String,
    /// Whether that is HTTPS: secure cookies with the `__Host-` prefix, and HSTS.
    pub is_https: bool,
    /// Tries with id and password a minute for one network address.
    pub login_tries_per_minute: u32,
    /// Whether a proxy of one's own names the client in `X-Forwarded-For`.
    pub trusts_forwarded_for: bool,
    /// How client certificates come in.
    pub certificates: CertificateDoor,
    /// Slugs of the portals served.
    pub served: Vec<String>,
    /// The font of letters as PDF.
    pub letter_font: PathBuf,
}

/// What the QA console may do beside reading.
#[derive(Clone)]
pub struct DemoConsole {
    /// Runs every due job once.
    pub run_jobs: Arc<dyn Fn() -> Vec<JobRun> + Send + Sync>,
    /// Waits until the jobs that are just running have ended.
    pub wait_for_rest: Arc<dyn Fn() + Send + Sync>,
    /// Where the console reaches its own server, as `http://127.0.0.1:8080`.
    pub base_url: String,
    /// The folder of pictures of the screens, if there is one.
    pub pictures: Option<PathBuf>,
    /// What a tester does, while it is written down.
    pub recording: Recording,
}
