//! `curl` with a client certificate as the tests' browser, and what `openssl` says of a file.

use std::process::{Command, Output};
use std::time::Duration;

use madoguchi::operations::certificate::authority::issuing;
use madoguchi::operations::certificate::require;
use madoguchi::primitives::client_certificate::pem;
use tempfile::TempDir;

use crate::aoba::site::{Aoba, Member};
use crate::browser::{Browser, Form, Page};

/// A certificate and its key in PEM files.
pub struct Identity {
    folder: TempDir,
    /// The PKCS #12 file.
    pub file: Vec<u8>,
    /// Its pass phrase.
    pub pass_phrase: String,
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

fn text(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

impl Identity {
    /// Takes a PKCS #12 file apart.
    pub fn of_file(file: Vec<u8>, pass_phrase: &str) -> Identity {
        let made =
            Identity { folder: TempDir::new().unwrap(), file, pass_phrase: pass_phrase.to_owned() };
        std::fs::write(made.path("file.p12"), &made.file).unwrap();
        for (part, name) in [("-nokeys", "cert.pem"), ("-nocerts", "key.pem")] {
            let opened = made.opens(pass_phrase, part);
            std::fs::write(made.path(name), text(opened)).unwrap();
        }
        made
    }

    /// Somebody else's authority, with a certificate of this name.
    pub fn foreign(name: &str) -> Identity {
        let folder = TempDir::new().unwrap();
        let made = Identity { folder, file: Vec::new(), pass_phrase: String::new() };
        let subject = format!("/CN={}", name.replace('/', "\\/"));
        let output = run(Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
            .args(["-nodes", "-days", "300", "-subj", &subject])
            .args(["-keyout", &made.path("key.pem"), "-out", &made.path("cert.pem")]));
        text(output);
        made
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// What `openssl pkcs12` makes of the file.
    pub fn opens(&self, pass_phrase: &str, part: &str) -> Output {
        let pass = format!("pass:{pass_phrase}");
        let file = self.path("file.p12");
        run(Command::new("openssl")
            .args(["pkcs12", "-in", &file, "-passin", &pass, "-nodes", part]))
    }

    /// What the certificate says.
    pub fn certificate(&self) -> String {
        let file = self.path("cert.pem");
        text(run(Command::new("openssl").args(["x509", "-in", &file, "-noout", "-text"])))
    }

    /// Whether `openssl verify` accepts the chain to the portal's authority, at the portal's time.
    pub fn is_verified(&self, app: &Aoba) -> bool {
        let ctx = app.ctx();
        let authority = issuing(&app.services, &ctx, false).unwrap();
        std::fs::write(self.path("ca.pem"), pem(&authority.certificate)).unwrap();
        let at = app.now().and_utc().timestamp().to_string();
        run(Command::new("openssl")
            .args(["verify", "-purpose", "sslclient", "-x509_strict", "-attime", &at])
            .args(["-CAfile", &self.path("ca.pem"), &self.path("cert.pem")]))
        .status
        .success()
    }

    /// The certificate as a header of RFC 9440 carries it.
    pub fn header(&self) -> String {
        let pem = std::fs::read_to_string(self.path("cert.pem")).unwrap();
        let body = pem.split_once("-----BEGIN CERTIFICATE-----").unwrap().1;
        let base64 = body.split_once("-----END").unwrap().0.replace('\n', "");
        format!("Client-Cert: :{base64}:")
    }
}

/// A browser that shows a certificate, or a header.
pub struct Curl {
    url: String,
    folder: TempDir,
    arguments: Vec<String>,
}

impl Curl {
    /// At the TLS listener, with this certificate or none.
    pub fn tls(app: &Aoba, identity: Option<&Identity>) -> Curl {
        let arguments = identity.map_or_else(Vec::new, |identity| {
            let (cert, key) = (identity.path("cert.pem"), identity.path("key.pem"));
            vec!["--cert".to_owned(), cert, "--key".to_owned(), key]
        });
        Curl::new(app.certificate_url.as_ref().unwrap(), arguments)
    }

    /// At the TLS listener, with the PKCS #12 file itself.
    pub fn with_file(app: &Aoba, identity: &Identity) -> Curl {
        let cert = format!("{}:{}", identity.path("file.p12"), identity.pass_phrase);
        let arguments = ["--cert-type", "P12", "--cert", &cert].map(str::to_owned);
        Curl::new(app.certificate_url.as_ref().unwrap(), arguments.to_vec())
    }

    /// At the plain listener, with this header.
    pub fn with_header(app: &Aoba, header: &str) -> Curl {
        Curl::new(&app.url, vec!["-H".to_owned(), header.to_owned()])
    }

    fn new(url: &str, arguments: Vec<String>) -> Curl {
        Curl { url: url.to_owned(), folder: TempDir::new().unwrap(), arguments }
    }

    /// The same cookies behind another certificate, or none.
    pub fn stolen(self, arguments_of: Curl) -> Curl {
        Curl { folder: self.folder, ..arguments_of }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn ask(&self, path: &str, more: &[String]) -> Page {
        let (jar, body, headers) = (self.path("jar"), self.path("body"), self.path("headers"));
        let _ = std::fs::remove_file(&body);
        let output = run(Command::new("curl")
            .args(["-sSk", "--noproxy", "*", "--max-time", "60", "-b", &jar, "-c", &jar])
            .args(["-o", &body, "-D", &headers])
            .args(&self.arguments)
            .args(more)
            .arg(format!("{}{path}", self.url)));
        text(output);
        let headers: Vec<(String, String)> = std::fs::read_to_string(&headers)
            .unwrap()
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let status = std::fs::read_to_string(self.path("headers")).unwrap();
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        let location = headers.iter().find(|(name, _)| name == "location");
        let page = Page {
            path: path.to_owned(),
            status,
            location: location.map(|(_, to)| to.clone()),
            body: String::from_utf8_lossy(&std::fs::read(&body).unwrap_or_default()).into(),
            headers,
            took: Duration::ZERO,
        };
        assert!(page.status < 500, "{path} answered {}: {}", page.status, page.body);
        page
    }

    /// The bytes of the last answer.
    pub fn last_bytes(&self) -> Vec<u8> {
        std::fs::read(self.path("body")).unwrap()
    }

    /// Gets a page.
    pub fn get(&self, path: &str) -> Page {
        self.ask(path, &[])
    }

    /// Posts a form.
    pub fn post(&self, form: &Form, values: &[(&str, &str)]) -> Page {
        let fields = form.filled(values);
        let pairs = fields
            .iter()
            .flat_map(|(name, value)| ["--data-urlencode".to_owned(), format!("{name}={value}")]);
        self.ask(&form.action, &pairs.collect::<Vec<_>>())
    }

    /// Goes where the answer sends it, until a page shows.
    pub fn follow(&self, page: Page) -> Page {
        let mut page = page;
        for _ in 0..5 {
            let Some(location) = page.location.clone() else { return page };
            page = self.get(&location);
        }
        panic!("redirected in a circle, last to {:?}", page.location)
    }

    /// Ids and password in a browser without cookies; the answer itself.
    pub fn sends_login(&self, path: &str, who: Member) -> Page {
        let _ = std::fs::remove_file(self.path("jar"));
        let page = self.get(path).expect_screen("BLG001");
        let form = page.form_having("user_id");
        let values =
            [("contract_id", who.contract), ("user_id", who.id), ("user_password", who.password)];
        self.post(&form, &values)
    }

    /// The same, and where it leads.
    pub fn enters(&self, who: Member) -> Page {
        let answer = self.sends_login("/aoba/login", who);
        self.follow(answer)
    }
}

/// BCE002 with the right confirming secret, and BCE003.
pub async fn to_file(browser: &Browser, who: Member) -> Page {
    let page = browser.get("/aoba/certificate/proof").await.expect_screen("BCE002");
    let form = page.form_having("confirm");
    let answer = browser.post(&form.action, &form.filled(&[("confirm", who.confirm)])).await;
    browser.follow(answer.expect_status(303)).await.expect_screen("BCE003")
}

/// The pass phrase of BCE003.
pub fn pass_phrase(page: &Page) -> String {
    let start = page.body.split_once("<code>").unwrap().1;
    start.split_once("</code>").unwrap().0.to_owned()
}

/// Sends the form of BCE003; the file.
pub async fn downloads(browser: &Browser, page: &Page) -> Vec<u8> {
    let form = page.keyed_form();
    let request = browser.bytes_of(&form.action, &form.filled(&[])).await;
    let (status, headers, bytes) = request;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    assert_eq!(headers["content-type"], "application/x-pkcs12");
    assert_eq!(headers["cache-control"], "no-store");
    bytes
}

/// Draws a certificate at the plain listener, from the log-on to the file.
pub async fn draws(app: &Aoba, who: Member) -> Identity {
    let browser = app.browser();
    app.enter(&browser, who).await;
    draws_in(&browser, who).await
}

/// The same where somebody is logged in.
pub async fn draws_in(browser: &Browser, who: Member) -> Identity {
    let page = to_file(browser, who).await;
    let file = downloads(browser, &page).await;
    Identity::of_file(file, &pass_phrase(&page))
}

/// Staff let nobody of the contract in without a certificate.
pub fn requires(app: &Aoba, contract: &str) {
    let done = require::set(&app.services, &app.ctx(), contract, true).unwrap();
    assert_eq!(done, require::RequireOutcome::Changed);
}
