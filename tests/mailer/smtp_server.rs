//! A mail server: aiosmtpd in a process of its own, which writes down what it takes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

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

/// A mail as it arrived.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Received {
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
import asyncio, email, email.policy, json, sys
from aiosmtpd.smtp import SMTP

port, answer, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]

class Handler:
    async def handle_DATA(self, server, session, envelope):
        if not answer.startswith("250"):
            return answer
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        line = {"to": envelope.rcpt_tos[0], "message_id": str(mail["Message-ID"]),
                "subject": str(mail["Subject"]), "body": mail.get_content()}
        with open(path, "a") as file:
            file.write(json.dumps(line) + "\n")
        return answer

async def main():
    loop = asyncio.get_running_loop()
    factory = lambda: SMTP(Handler(), hostname="localhost", loop=loop)
    server = await loop.create_server(factory, "127.0.0.1", port)
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
    pub fn start(port: u16, answers: Answers) -> SmtpServer {
        let answer = match answers {
            Answers::Accept => "250 OK",
            Answers::RefuseForNow => "451 try again",
            Answers::RefuseForGood => "550 no such mailbox",
        };
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(python())
            .args(["-c", SCRIPT, &port.to_string(), answer])
            .arg(file(folder.path()))
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
