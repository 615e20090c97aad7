//! A mail server: aiosmtpd in a process of its own, which writes down what it takes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::authority::Identity;

/// How the server answers to a mail.
#[derive(Debug, Clone, Copy)]
pub enum Answers {
    /// 250.
    Accept,
    /// 451.
    RefuseForNow,
    /// 550.
    RefuseForGood,
}

/// How the server takes connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// As plain text.
    None,
    /// As plain text until STARTTLS, which it offers and insists on.
    StartTls,
    /// By TLS from the first byte.
    Wrapped,
}

/// User and password that the server asks for where it has TLS and [`SmtpServer::with_login`].
pub const LOGIN: [&str; 2] = ["portal", "mail-password"];

/// A mail as it arrived.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Received {
    /// The TLS version, or nothing.
    pub tls: Option<String>,
    pub to: String,
    pub message_id: String,
    pub subject: String,
    pub body: String,
}

/// The running server; dropped, it ends.
pub struct SmtpServer {
    pub port: u16,
    child: Child,
    folder: TempDir,
}

const SCRIPT: &str = r#"
import asyncio, email, email.policy, json, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult

port, answer, path, protection, certificate, key, login = sys.argv[1:8]

class Handler:
    async def handle_DATA(self, server, session, envelope):
        if not answer.startswith("250"):
            return answer
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        tls = server.transport.get_extra_info("ssl_object")
        line = {"to": envelope.rcpt_tos[0], "message_id": str(mail["Message-ID"]),
                "subject": str(mail["Subject"]), "body": mail.get_content(),
                "tls": tls and tls.version()}
        with open(path, "a") as file:
            file.write(json.dumps(line) + "\n")
        return answer

def authenticate(server, session, envelope, mechanism, data):
    typed = [data.login.decode(), data.password.decode()]
    return AuthResult(success=typed == login.split(":"), handled=False)

async def main():
    loop = asyncio.get_running_loop()
    options, context = {}, None
    if protection != "None":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
    if protection == "StartTls":
        options |= {"tls_context": context, "require_starttls": True}
    if login:
        # What came by TLS from the first byte is as good as STARTTLS, which aiosmtpd looks for.
        options |= {"authenticator": authenticate, "auth_required": True,
                    "auth_require_tls": protection == "StartTls"}
    factory = lambda: SMTP(Handler(), hostname="localhost", loop=loop, **options)
    wrapped = context if protection == "Wrapped" else None
    server = await loop.create_server(factory, "127.0.0.1", int(port), ssl=wrapped)
    print("ready", flush=True)
    await server.serve_forever()

asyncio.run(main())
"#;

/// A Python that has aiosmtpd.
fn python() -> String {
    let python = std::env::var("MADOGUCHI_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let check = Command::new(&python).args(["-c", "import aiosmtpd"]).output();
    let is_there = check.is_ok_and(|output| output.status.success());
    assert!(
        is_there,
        "{python} has no aiosmtpd: run bin/setup, or set MADOGUCHI_TEST_PYTHON to a Python where \
         `pip install aiosmtpd` was run"
    );
    python
}

/// A port that nobody listens on just now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl SmtpServer {
    /// A server without TLS.
    pub fn start(port: u16, answers: Answers) -> SmtpServer {
        let answer = match answers {
            Answers::Accept => "250 OK",
            Answers::RefuseForNow => "451 try again",
            Answers::RefuseForGood => "550 no such mailbox",
        };
        SmtpServer::run(port, answer, Protection::None, None, "")
    }

    /// A server that takes mails by TLS, with this certificate.
    pub fn with_tls(port: u16, protection: Protection, identity: &Identity) -> SmtpServer {
        SmtpServer::run(port, "250 OK", protection, Some(identity), "")
    }

    /// The same, for whoever knows [`LOGIN`].
    pub fn with_login(port: u16, protection: Protection, identity: &Identity) -> SmtpServer {
        SmtpServer::run(port, "250 OK", protection, Some(identity), &LOGIN.join(":"))
    }

    fn run(
        port: u16,
        answer: &str,
        protection: Protection,
        identity: Option<&Identity>,
        login: &str,
    ) -> SmtpServer {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        if let Some(identity) = identity {
            fs::write(at("certificate.pem"), &identity.certificate).unwrap();
            fs::write(at("key.pem"), &identity.key).unwrap();
        }
        let mut child = Command::new(python())
            .args(["-c", SCRIPT, &port.to_string(), answer])
            .arg(file(folder.path()))
            .arg(format!("{protection:?}"))
            .args([at("certificate.pem"), at("key.pem")])
            .arg(login)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "the mail server does not start");
        SmtpServer { port, child, folder }
    }

    /// What has arrived, in order.
    pub fn received(&self) -> Vec<Received> {
        let text = fs::read_to_string(file(self.folder.path())).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join("mails.jsonl")
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
