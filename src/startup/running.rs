//! A running portal: the web server on a thread of its own, and the worker's threads.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;

use crate::config::Settings;
use crate::jobs::worker::{Worker, WorkerThreads};
use crate::letter::FONT_DEFAULT;
use crate::operations::Services;
use crate::web::client_certificate::CertificateDoor;
use crate::web::{ClientTls, DemoConsole, Recording, WebApp, WebOptions, server};

use super::{Mode, StartError, certificates, parts};

/// How often the main thread looks whether the server has ended by itself.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A running portal. Dropped, it stops at once; [`Running::stop`] lets requests finish.
pub struct Running {
    /// Where it listens; the port is the real one also if port 0 was asked for.
    pub address: SocketAddr,
    /// Where browsers log on with a client certificate.
    pub certificate_url: Option<String>,
    /// Slugs of the portals served.
    pub served: Vec<String>,
    /// The jobs.
    pub worker: Worker,
    server: ServerHandle,
    web: Option<JoinHandle<()>>,
    jobs: Option<WorkerThreads>,
}

/// Listens, starts the worker and serves.
///
/// # Errors
/// One line that says what to do.
pub fn start(
    settings: &Settings,
    mut services: Services,
    mode: Mode,
) -> Result<Running, StartError> {
    let served = parts::served(settings, &services.profiles)?;
    let transport = parts::transport(settings, mode)?;
    let is_mail_waiting = transport.is_none();
    let listener = listen(settings)?;
    let address = listener.local_addr().map_err(|error| no_port(settings, &error))?;
    let public_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    services.public_url = Some(Arc::from(public_url.as_str()));
    let worker = match mode {
        Mode::Demo => Worker::of_demo(services.clone(), transport),
        Mode::Serve => Worker::new(services.clone(), transport),
    };
    let worker = worker.map_err(|error| StartError::new(format!("no randomness: {error}")))?;
    let (door, client_tls) = certificates::open(settings, mode, &public_url)?;
    let certificate_url = door.url.clone();
    let app = web_app(settings, services, (mode, address), (public_url, door), &served, &worker);
    let (web, server) = start_web(app, (listener, client_tls), settings.workers)?;
    let jobs = worker.start().map_err(|error| no_thread(&error))?;
    if is_mail_waiting {
        tracing::warn!("MADOGUCHI_SMTP_URL is not set: mails wait in the out-box");
    }
    tracing::info!(%address, portals = served.join(","), "serving");
    Ok(Running {
        address,
        certificate_url,
        served,
        worker,
        server,
        web: Some(web),
        jobs: Some(jobs),
    })
}

fn listen(settings: &Settings) -> Result<TcpListener, StartError> {
    TcpListener::bind(settings.listen).map_err(|error| no_port(settings, &error))
}

fn no_port(settings: &Settings, error: &std::io::Error) -> StartError {
    StartError::new(format!(
        "{}: {error}; end what listens there, or choose another address with --listen",
        settings.listen
    ))
}

fn no_thread(error: &std::io::Error) -> StartError {
    StartError::new(format!("no thread could be started: {error}; raise the limit of threads"))
}

fn web_app(
    settings: &Settings,
    services: Services,
    (mode, address): (Mode, SocketAddr),
    (public_url, certificates): (String, CertificateDoor),
    served: &[String],
    worker: &Worker,
) -> WebApp {
    let options = WebOptions {
        is_https: public_url.starts_with("https://"),
        public_url,
        login_tries_per_minute: settings.login_tries_per_minute,
        trusts_forwarded_for: settings.trusts_forwarded_for,
        certificates,
        served: served.to_vec(),
        letter_font: settings.letter_font.clone().unwrap_or_else(|| FONT_DEFAULT.into()),
    };
    let (jobs, resting) = (worker.clone(), worker.clone());
    let console = || DemoConsole {
        run_jobs: Arc::new(move || jobs.run_due_once()),
        wait_for_rest: Arc::new(move || resting.wait_for_rest()),
        base_url: own_url(address),
        pictures: settings.pictures.clone(),
        recording: Recording::default(),
    };
    WebApp::new(services, options, (mode == Mode::Demo).then(console))
}

/// Where this machine reaches what listens there.
fn own_url(address: SocketAddr) -> String {
    match address.ip().is_unspecified() {
        true => format!("http://127.0.0.1:{}", address.port()),
        false => format!("http://{address}"),
    }
}

/// Runs the web server on a thread of its own and waits until it stands.
fn start_web(
    app: WebApp,
    listeners: (TcpListener, Option<ClientTls>),
    workers: usize,
) -> Result<(JoinHandle<()>, ServerHandle), StartError> {
    let (ready, handle) = channel();
    let web = std::thread::Builder::new()
        .name("web".to_owned())
        .spawn(move || serve(app, listeners, workers, &ready))
        .map_err(|error| no_thread(&error))?;
    match handle.recv() {
        Ok(Ok(handle)) => Ok((web, handle)),
        Ok(Err(error)) => Err(StartError::new(format!("the web server cannot start: {error}"))),
        Err(_) => Err(StartError::new("the web server ended while it started; see the log")),
    }
}

fn serve(
    app: WebApp,
    (listener, client_tls): (TcpListener, Option<ClientTls>),
    workers: usize,
    ready: &Sender<std::io::Result<ServerHandle>>,
) {
    let ended = actix_web::rt::System::new().block_on(async {
        let server = match server(app, listener, client_tls, workers) {
            Ok(server) => server,
            Err(error) => {
                let _ = ready.send(Err(error));
                return Ok(());
            }
        };
        let _ = ready.send(Ok(server.handle()));
        server.await
    });
    if let Err(error) = ended {
        tracing::error!(%error, "the web server ended");
    }
}

impl Running {
    /// The address for a browser on this machine.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets running requests and jobs finish, then ends.
    pub fn stop(mut self) {
        self.end(true);
    }

    /// Waits for SIGTERM or SIGINT and then stops; a second signal stops without waiting. False:
    /// the server ended by itself. `tell` is called as soon as a signal would be waited for, so
    /// that whoever was told may stop it at once.
    ///
    /// # Errors
    /// When signals cannot be received.
    pub fn stop_on_signal(mut self, tell: impl FnOnce(&Running)) -> std::io::Result<bool> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let was_asked = runtime.block_on(async {
            let mut signals = Signals::new()?;
            tell(&self);
            let was_asked = tokio::select! {
                () = signals.next() => true,
                () = self.web_ended() => false,
            };
            tracing::info!("stopping");
            let stopped = self.server.stop(true);
            tokio::select! {
                () = stopped => {},
                () = self.web_ended() => {},
                () = signals.next() => drop(self.server.stop(false)),
            }
            Ok::<_, std::io::Error>(was_asked)
        })?;
        self.end(false);
        Ok(was_asked)
    }

    async fn web_ended(&self) {
        while self.web.as_ref().is_some_and(|web| !web.is_finished()) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn end(&mut self, is_graceful: bool) {
        if let Some(web) = self.web.take() {
            drop(self.server.stop(is_graceful));
            if web.join().is_err() {
                tracing::error!("the web server panicked");
            }
        }
        // After the last request, so that its audit lines are sealed too.
        if let Some(jobs) = self.jobs.take() {
            jobs.stop();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end(false);
    }
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {},
            _ = self.interrupt.recv() => {},
        }
    }
}
