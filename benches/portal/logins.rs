//! Logins with the right password beside bare Argon2id in as many threads, and what the top page's
//! readers notice of them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use madoguchi::web::csrf;

use crate::Effort;
use crate::load::{Load, Measured, Requests, count, fetch};
use crate::pages::top_requests;
use crate::report::{CORES, Disk, heading, line, median, ratio, steady_rounds};
use crate::seed;
use crate::site::{PORTAL, Running, Site};

const CUSTOMERS: usize = 5_000;
/// Enough that no hashing thread ever waits for the next login.
const CONNECTIONS: usize = 16;
/// The top page's readers: eight that look at a page 25 times a second each.
const READERS: usize = 8;
const READERS_PAUSE_MS: u64 = 40;
/// The top page's p99 while others log in, in multiples of the same without.
const SLOWDOWN_MAX: f64 = 3.0;

/// Runs the bench.
pub fn run(effort: Effort) -> Result<()> {
    let site = Site::new()?;
    seed::customers(&site, CUSTOMERS)?;
    let server = site.serve()?;
    let visitor = csrf::visitor(&csrf::FormKey::new(&site.services.keys), PORTAL, None)?;
    let logins: Vec<_> =
        (0..CUSTOMERS).map(|n| seed::login_request(&visitor, n, seed::PASSWORD)).collect();
    if let Some(first) = logins.first() {
        let answer = fetch(server.address, first)?;
        let location = format!("location: /{PORTAL}/\r\n");
        ensure!(answer.to_lowercase().contains(&location), "a login did not succeed: {answer}");
    }
    let logins = Requests::write(site.folder(), "logins", &logins)?;
    rates(effort, &site, &server, &logins)?;
    slowdown(effort, &site, &server, &logins)
}

fn rates(effort: Effort, site: &Site, server: &Running, logins: &Requests) -> Result<()> {
    println!(
        "{CONNECTIONS} connections, {} hashing threads, {} rounds of {} s",
        *CORES, effort.rounds, effort.seconds
    );
    heading();
    let ratios = steady_rounds(effort.rounds, || {
        let bare = bare_rate(effort.seconds)?;
        println!("{:<26} {bare:>9.1}", "bare Argon2id");
        let mut disk = Disk::watch(site.folder())?;
        let measured = Load::full(CONNECTIONS, effort.seconds).run(server.address, logins)?;
        disk.look()?;
        line("logins", &measured);
        Ok(disk.is_steady().then(|| measured.rate() / bare))
    })?;
    ratio("logins a second, of bare Argon2id's hashes", &ratios, 0.9);
    Ok(())
}

/// Hashes a second with the portal's parameters, in as many threads as it has.
pub fn bare_rate(seconds: u64) -> Result<f64> {
    let (hashes, began) = (AtomicUsize::new(0), Instant::now());
    let end = began + Duration::from_secs(seconds);
    let failed = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..*CORES).map(|_| scope.spawn(|| hash_until(end, &hashes))).collect();
        threads.into_iter().any(|thread| !matches!(thread.join(), Ok(Ok(()))))
    });
    ensure!(!failed, "a hashing thread failed");
    Ok(count(hashes.load(Ordering::Relaxed)) / began.elapsed().as_secs_f64())
}

fn hash_until(end: Instant, hashes: &AtomicUsize) -> Result<()> {
    let wrong = |error: argon2::Error| anyhow!("Argon2: {error}");
    let params = Params::new(19 * 1024, 2, 1, Some(32)).map_err(wrong)?;
    let mut memory = vec![Block::new(); params.block_count()];
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut out = [0; 32];
    while Instant::now() < end {
        let password = seed::PASSWORD.as_bytes();
        hasher
            .hash_password_into_with_memory(password, &[9; 16], &mut out, &mut memory)
            .map_err(wrong)?;
        hashes.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

fn slowdown(effort: Effort, site: &Site, server: &Running, logins: &Requests) -> Result<()> {
    let pages = Requests::write(site.folder(), "pages", &top_requests(site)?)?;
    let reading = Load {
        connections: READERS,
        seconds: effort.seconds,
        is_once: false,
        pause_ms: READERS_PAUSE_MS,
    };
    println!("\ntop page for {READERS} readers, without and during {CONNECTIONS} logins at a time");
    heading();
    let mut p99s: Vec<(f64, f64)> = Vec::new();
    for _ in 0..effort.rounds {
        let idle = reading.run(server.address, &pages)?;
        line("top page alone", &idle);
        let busy = reading_meanwhile(reading, server, &pages, logins)?;
        line("top page during logins", &busy);
        p99s.push((idle.p99_ms, busy.p99_ms));
    }
    let times = median(p99s.iter().map(|(idle, busy)| busy / idle));
    let verdict = if times <= SLOWDOWN_MAX { "reached" } else { "MISSED" };
    println!("p99 during logins: {times:.1} times as long, aim {SLOWDOWN_MAX:.0}: {verdict}");
    Ok(())
}

fn reading_meanwhile(
    reading: Load,
    server: &Running,
    pages: &Requests,
    logins: &Requests,
) -> Result<Measured> {
    // A little longer on both sides than the reading.
    let load = Load::full(CONNECTIONS, reading.seconds + 2);
    thread::scope(|scope| {
        let logging_in = scope.spawn(|| load.run(server.address, logins));
        thread::sleep(Duration::from_secs(1));
        let measured = reading.run(server.address, pages)?;
        let logged_in = logging_in.join().map_err(|_| anyhow!("the logins failed"))??;
        println!("{:<26} {:>9.1}", "  logins meanwhile", logged_in.rate());
        Ok(measured)
    })
}
