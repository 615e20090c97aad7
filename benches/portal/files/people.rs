//! People of the demo's company at the program's pages: log-in, upload, forms.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::load::{Request, fetch, page_length};
use crate::program::cookies_of;

const BOUNDARY: &str = "----bench7MA4YWxkTrZu0gW";
/// As browsers send files.
const PIECE: usize = 64 * 1024;
/// A million records are checked within that.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(600);

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub struct Person {
    address: SocketAddr,
    pub cookies: String,
}

impl Person {
    /// A user of あおば商事.
    pub fn log_in(address: SocketAddr, id: &str, password: &str) -> Result<Person> {
        let page = fetch(address, &Request::get("/aoba/login"))?;
        let token = value_of(&page, "csrf_token")?;
        let cookies = cookies_of(&page);
        let body = format!(
            "csrf_token={token}&contract_id=9000000001&user_id={id}&user_password={password}"
        );
        let path = "/aoba/login/user".to_owned();
        let answer = fetch(address, &Request { path, cookies: cookies.clone(), body: Some(body) })?;
        ensure!(answer.starts_with("HTTP/1.1 303"), "{id} could not log in: {answer}");
        Ok(Person { address, cookies: format!("{cookies}; {}", cookies_of(&answer)) })
    }

    /// A GET of this person's.
    pub fn request(&self, path: &str) -> Request {
        Request { cookies: self.cookies.clone(), ..Request::get(path) }
    }

    /// A page.
    pub fn get(&self, path: &str) -> Result<String> {
        let page = fetch(self.address, &self.request(path))?;
        page_length(&page).with_context(|| path.to_owned())?;
        Ok(page)
    }

    /// How long a page took, in milliseconds.
    pub fn timed(&self, path: &str) -> Result<f64> {
        let began = Instant::now();
        self.get(path)?;
        Ok(began.elapsed().as_secs_f64() * 1e3)
    }

    /// Sends the form of a page that has nothing but hidden fields; how long that took, in
    /// milliseconds.
    pub fn press(&self, path: &str) -> Result<f64> {
        let page = self.get(path)?;
        // The first form of a page is the way out.
        let (_, main) = page.split_once("<main").context("no page")?;
        let mut body = String::new();
        for (place, name) in ["csrf_token", "request_key", "draft"].into_iter().enumerate() {
            let and = if place == 0 { "" } else { "&" };
            write!(body, "{and}{name}={}", value_of(main, name)?)?;
        }
        let (path, cookies) = (path.to_owned(), self.cookies.clone());
        let began = Instant::now();
        let answer = fetch(self.address, &Request { path, cookies, body: Some(body) })?;
        ensure!(answer.starts_with("HTTP/1.1 303"), "the form was refused: {answer}");
        Ok(began.elapsed().as_secs_f64() * 1e3)
    }

    /// Uploads a file on BFT011: how long it took from the first byte to the answer, and its id.
    pub fn upload(&self, file: &Path) -> Result<(Duration, i64)> {
        let page = self.get("/aoba/files/upload")?;
        let (_, main) = page.split_once("<main").context("no page")?;
        let mut head = String::new();
        for (name, value) in [
            ("csrf_token", value_of(main, "csrf_token")?),
            ("request_key", value_of(main, "request_key")?),
            ("kind", String::new()),
            ("account", String::new()),
        ] {
            let part = format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}");
            write!(head, "--{BOUNDARY}\r\n{part}\r\n")?;
        }
        write!(
            head,
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"bench.txt\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        )?;
        let tail = format!("\r\n--{BOUNDARY}--\r\n");
        let length = u64::try_from(head.len() + tail.len())? + std::fs::metadata(file)?.len();
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        let request = format!(
            "POST /aoba/files/upload HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Type: \
             multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n",
            self.address, self.cookies
        );
        let began = Instant::now();
        stream.write_all(format!("{request}{head}").as_bytes())?;
        let (mut file, mut piece) = (File::open(file)?, vec![0; PIECE]);
        loop {
            let got = file.read(&mut piece)?;
            let Some(bytes) = piece.get(..got).filter(|bytes| !bytes.is_empty()) else { break };
            stream.write_all(bytes)?;
        }
        stream.write_all(tail.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let took = began.elapsed();
        ensure!(answer.starts_with("HTTP/1.1 303"), "the upload was refused: {answer}");
        let to = answer.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
        });
        let to = to.context("no address of the file")?;
        let id = to.rsplit('/').next().and_then(|id| id.parse().ok());
        Ok((took, id.with_context(|| format!("it has errors: {to}"))?))
    }
}

/// The value of a hidden field.
fn value_of(page: &str, name: &str) -> Result<String> {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .with_context(|| format!("no field {name}"))?;
    let (value, _) = rest.split_once('"').context("no value")?;
    Ok(value.to_owned())
}
