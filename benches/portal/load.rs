//! The load generator: `wrk` in a process of its own, on one thread.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::report::{CORES, CpuTimes};

const SCRIPT: &str = include_str!("load.lua");
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// A request as the generator sends it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Address below the host.
    pub path: String,
    /// `name=value; name=value`.
    pub cookies: String,
    /// A form; none for GET.
    pub body: Option<String>,
}

impl Request {
    /// A GET without cookies.
    pub fn get(path: impl Into<String>) -> Request {
        Request { path: path.into(), ..Request::default() }
    }

    fn method(&self) -> &'static str {
        if self.body.is_some() { "POST" } else { "GET" }
    }
}

/// Requests in a file, as the generator's script reads them.
pub struct Requests {
    file: PathBuf,
    script: PathBuf,
    /// How many.
    pub count: usize,
}

impl Requests {
    /// Writes the requests into `folder`.
    pub fn write(folder: &Path, name: &str, requests: &[Request]) -> Result<Requests> {
        let mut text = String::new();
        for request in requests {
            let body = request.body.as_deref().unwrap_or_default();
            let (method, path) = (request.method(), &request.path);
            writeln!(text, "{method}\t{path}\t{}\t{body}", request.cookies)?;
        }
        let (file, script) = (folder.join(name), folder.join("load.lua"));
        std::fs::write(&file, text)?;
        std::fs::write(&script, SCRIPT)?;
        Ok(Requests { file, script, count: requests.len() })
    }
}

/// How the requests are sent.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Connections at once.
    pub connections: usize,
    /// For how long.
    pub seconds: u64,
    /// Whether each request may be sent once only.
    pub is_once: bool,
    /// Mean pause before each request of a connection; 0: as fast as answers come.
    pub pause_ms: u64,
}

impl Load {
    /// As fast as answers come, over and over.
    pub fn full(connections: usize, seconds: u64) -> Load {
        Load { connections, seconds, is_once: false, pause_ms: 0 }
    }

    /// Sends the requests to a server of this process and measures both.
    ///
    /// # Errors
    /// `wrk` is missing or failed, or any request was not answered or got a 4xx or 5xx.
    pub fn run(self, address: SocketAddr, requests: &Requests) -> Result<Measured> {
        let before = CpuTimes::now()?;
        let output = self.command(address, requests).output().context("wrk could not be run")?;
        let cpu = CpuTimes::now()?.since(&before);
        let measured = parse(&String::from_utf8_lossy(&output.stdout), cpu)
            .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        let is_used_up = self.is_once && measured.requests + self.connections >= requests.count;
        ensure!(!is_used_up, "{} requests were too few for one measurement", requests.count);
        Ok(measured)
    }

    fn command(self, address: SocketAddr, requests: &Requests) -> Command {
        let mut command = Command::new("wrk");
        command
            .args(["-t", "1", "-c", &self.connections.to_string()])
            .args(["-d", &format!("{}s", self.seconds), "--timeout", "10s"])
            .arg("-s")
            .arg(&requests.script)
            .arg(format!("http://{address}/"))
            .arg("--")
            .arg(&requests.file)
            .arg(if self.is_once { "once" } else { "again" })
            .arg(self.pause_ms.to_string())
            .stdin(Stdio::null());
        command
    }
}

/// What one run of the generator showed.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Requests answered.
    pub requests: usize,
    /// How long it took.
    pub seconds: f64,
    /// Half of the requests were answered within this, in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 were.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
    /// CPU seconds of this process and of the generator.
    pub cpu: CpuTimes,
}

impl Measured {
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        count(self.requests) / self.seconds
    }

    /// CPU time of the server for each request, in microseconds.
    pub fn server_us(&self) -> f64 {
        self.cpu.own * 1e6 / count(self.requests.max(1))
    }

    /// The generator's share of the machine's CPU.
    pub fn generator_share(&self) -> f64 {
        self.cpu.children / (self.seconds * count(*CORES))
    }
}

/// A count as a float; all counts here are far below 2^53.
pub fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

fn parse(text: &str, cpu: CpuTimes) -> Result<Measured> {
    let line = text.lines().find_map(|line| line.strip_prefix("RESULT "));
    let line = line.with_context(|| format!("wrk printed no result: {text}"))?;
    let numbers: Vec<u32> =
        line.split_whitespace().map(str::parse).collect::<Result<_, _>>().context("a number")?;
    let [requests, duration_us, refused, broken, p50, p99, max] = numbers.as_slice() else {
        bail!("wrk printed {line}");
    };
    ensure!(*refused == 0, "{refused} of {requests} requests got a 4xx or 5xx");
    ensure!(*broken == 0, "{broken} of {requests} requests were not answered");
    let ms = |us: &u32| f64::from(*us) / 1e3;
    Ok(Measured {
        requests: usize::try_from(*requests)?,
        seconds: f64::from(*duration_us) / 1e6,
        p50_ms: ms(p50),
        p99_ms: ms(p99),
        max_ms: ms(max),
        cpu,
    })
}

/// Sends one request and returns the whole answer as text.
pub fn fetch(address: SocketAddr, request: &Request) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    let body = request.body.as_deref().unwrap_or_default();
    let mut head = format!("{} {} HTTP/1.1\r\nHost: {address}\r\n", request.method(), request.path);
    if !request.cookies.is_empty() {
        write!(head, "Cookie: {}\r\n", request.cookies)?;
    }
    if request.body.is_some() {
        write!(head, "Content-Type: application/x-www-form-urlencoded\r\n")?;
        write!(head, "Content-Length: {}\r\n", body.len())?;
    }
    stream.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Posts JSON as the token app does and returns the whole answer as text.
pub fn post_json(address: SocketAddr, path: &str, body: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The length of the answer's body, which has to be a page.
pub fn page_length(answer: &str) -> Result<usize> {
    ensure!(answer.starts_with("HTTP/1.1 200"), "no page came: {answer}");
    let (_, body) = answer.split_once("\r\n\r\n").context("the answer has no body")?;
    Ok(body.len())
}
