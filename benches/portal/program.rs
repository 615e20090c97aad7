//! The program itself: how soon it shows a page, and how much memory it keeps.

use std::fs::read_to_string;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use actix_web::{rt, web};
use anyhow::{Context, Result, bail, ensure};
use madoguchi::operations::demo;

use crate::Effort;
use crate::load::{Load, Request, Requests, count, fetch, page_length};
use crate::report::{Disk, limit, median, steady_rounds};
use crate::site::{PORTAL, Site, bare, database_url, scratch_folder};

/// The argument with which this program is a bare server, to compare with.
pub const BARE_SERVER: &str = "--bare-server";

const PROGRAM: &str = env!("CARGO_BIN_EXE_madoguchi");
const STARTS: usize = 10;
const START_MAX: Duration = Duration::from_secs(30);
const CONNECTIONS: usize = 16;
const REQUESTS: usize = 100_000;
/// After that long the allocator has given back what it will.
const SETTLE: Duration = Duration::from_secs(3);
/// Somebody of the demo without a token, so that the password is enough.
const LOGIN_ID: &str = "1000000001";
const PASSWORD: &str = "Hanako%232026";

/// A server process; it is killed with the value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the process to the last byte of its first page.
    first_page: Duration,
}

impl Server {
    /// Starts `command`, to which `listen` adds where to listen, and asks for `path` until it
    /// comes.
    fn start(
        mut command: Command,
        listen: impl FnOnce(&mut Command, SocketAddr),
        path: &str,
    ) -> Result<Server> {
        // Free when it is asked for, and nobody else asks on this machine.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        listen(&mut command, address);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // The program refuses settings it doesn't know, and this one is the bench's own.
        command.env_remove("MADOGUCHI_BENCH_FOLDER");
        let began = Instant::now();
        let child = command.spawn().context("the program could not be started")?;
        let mut server = Server { child, address, first_page: Duration::ZERO };
        let request = Request::get(path);
        while began.elapsed() < START_MAX {
            if let Ok(answer) = fetch(address, &request) {
                page_length(&answer)?;
                server.first_page = began.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("the program ended: {status}");
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        bail!("no page came within {START_MAX:?}")
    }

    /// The program with the demo, on the database of a folder.
    pub fn demo(folder: &Path) -> Result<Server> {
        let mut command = Command::new(PROGRAM);
        command.arg("demo").arg("--database").arg(database_url(folder)?.to_string());
        let listen = |command: &mut Command, address: SocketAddr| {
            command.arg("--listen").arg(address.to_string());
        };
        Server::start(command, listen, &format!("/{PORTAL}/login"))
    }

    fn bare() -> Result<Server> {
        let listen = |command: &mut Command, address: SocketAddr| {
            command.arg(BARE_SERVER).arg(address.port().to_string());
        };
        Server::start(Command::new(std::env::current_exe()?), listen, "/")
    }

    /// Resident memory in MiB: now, and the most there ever was.
    pub fn memory(&self) -> Result<(f64, f64)> {
        let text = read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let mib = |name: &str| -> Result<f64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|rest| rest.split_whitespace().next()).context("no memory")?;
            Ok(kib.parse::<f64>()? / 1024.0)
        };
        Ok((mib("VmRSS:")?, mib("VmHWM:")?))
    }

    /// What is resident now counts as the most there ever was.
    pub fn forget_peak(&self) -> Result<()> {
        // proc(5), clear_refs.
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is a bare server until killed.
pub fn serve_bare(port: u16) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let routes = |config: &mut web::ServiceConfig| {
        config.route("/", web::get().to(async || "ready"));
    };
    rt::System::new().block_on(async { bare(routes, listener)?.await })?;
    Ok(())
}

/// From the start of the process to its first page, on a demo database that is there; and the
/// reset of the demo's data.
pub fn start(effort: Effort) -> Result<()> {
    let folder = scratch_folder()?;
    let first = Server::demo(folder.path())?;
    println!("first start, which makes the demo's data: {:.0} ms", ms(first.first_page));
    drop(first);
    let mut times: Vec<(f64, f64)> = Vec::new();
    for _ in 0..STARTS {
        let bare = ms(Server::bare()?.first_page);
        times.push((bare, ms(Server::demo(folder.path())?.first_page)));
    }
    let (bare, ours) = (median(times.iter().map(|t| t.0)), median(times.iter().map(|t| t.1)));
    let most = times.iter().map(|t| t.1).fold(0.0, f64::max);
    println!("{STARTS} starts each, median: bare server {bare:.1} ms, demo {ours:.1} ms");
    println!("the slowest of the demo's: {most:.1} ms");
    limit("start to first page", ours, 150.0, "ms");
    reset(effort)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn reset(effort: Effort) -> Result<()> {
    let site = Site::new()?;
    let report = demo::load(&site.services)?;
    println!("\ndemo data: {} users, {} ledger entries", report.users, report.entries);
    let times = steady_rounds(effort.rounds, || {
        let mut disk = Disk::watch(site.folder())?;
        let began = Instant::now();
        demo::reset(&site.services)?;
        let time = ms(began.elapsed());
        disk.look()?;
        println!("reset: {time:.0} ms");
        Ok(disk.is_steady().then_some(time))
    })?;
    limit("reset of the demo", median(times), 2_000.0, "ms");
    Ok(())
}

/// Resident memory of the demo server, idle and after many requests.
pub fn memory(_: Effort) -> Result<()> {
    let folder = scratch_folder()?;
    drop(Server::demo(folder.path())?);
    let server = Server::demo(folder.path())?;
    let show = |when: &str| -> Result<f64> {
        std::thread::sleep(SETTLE);
        let (now, most) = server.memory()?;
        println!("{when:<40} {now:>7.1} MiB (most so far {most:.1})");
        Ok(now)
    };
    let idle = show("idle after its first page")?;
    let login_page = Request::get(format!("/{PORTAL}/login"));
    send(&server, folder.path(), login_page)?;
    let after = show("after 100,000 login pages")?;
    let top_page = Request { path: format!("/{PORTAL}/"), ..log_in(&server)? };
    show("after one login")?;
    send(&server, folder.path(), top_page)?;
    show("after 100,000 top pages more")?;
    limit("idle", idle, 40.0, "MiB");
    println!("growth by 100,000 requests: {:.1} MiB", after - idle);
    Ok(())
}

/// Sends one request until it was answered often enough.
fn send(server: &Server, folder: &Path, request: Request) -> Result<()> {
    let requests = Requests::write(folder, "requests", &[request])?;
    let mut sent = 0;
    while sent < REQUESTS {
        sent += Load::full(CONNECTIONS, 2).run(server.address, &requests)?.requests;
    }
    println!("{:.0} requests sent", count(sent));
    Ok(())
}

/// Logs in; returns a request with the session's cookies.
fn log_in(server: &Server) -> Result<Request> {
    let path = format!("/{PORTAL}/login");
    let page = fetch(server.address, &Request::get(&path))?;
    let (_, rest) = page.split_once("name=\"csrf_token\" value=\"").context("no form")?;
    let (token, _) = rest.split_once('"').context("no form")?;
    let cookies = cookies_of(&page);
    let body = format!("csrf_token={token}&login_id={LOGIN_ID}&password={PASSWORD}");
    let answer =
        fetch(server.address, &Request { path, cookies: cookies.clone(), body: Some(body) })?;
    ensure!(answer.starts_with("HTTP/1.1 303"), "the demo's customer could not log in: {answer}");
    Ok(Request { cookies: format!("{cookies}; {}", cookies_of(&answer)), ..Request::default() })
}

/// The cookies that an answer sets, as they are sent back.
pub fn cookies_of(answer: &str) -> String {
    let set = answer.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("set-cookie").then(|| value.split(';').next().map(str::trim))?
    });
    set.collect::<Vec<_>>().join("; ")
}
