//! What is printed, and what of the machine has to be known to read it.

use std::fs::{File, read_to_string};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::load::{Measured, count};

/// Processors of this machine.
pub static CORES: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(2, usize::from));

/// The kernel's clock ticks a second in `/proc`.
const TICKS: f64 = 100.0;
const DISK_TIME: Duration = Duration::from_millis(700);
/// A durable-write bench is void if the disk's rate changed by more than this meanwhile.
const DISK_DRIFT_MAX: f64 = 2.0;
const TRIES_PER_ROUND: usize = 4;

/// Names the machine's size and load.
pub fn machine() {
    let load = read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    println!("{} processors, load {} before the start", *CORES, load.join(" "));
    println!("Absolute figures belong to this machine in this minute; compare ratios only.");
}

/// CPU seconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct CpuTimes {
    /// Of this process.
    pub own: f64,
    /// Of its children that have ended.
    pub children: f64,
}

impl CpuTimes {
    /// Since the process began.
    pub fn now() -> Result<CpuTimes> {
        let text = read_to_string("/proc/self/stat")?;
        let (_, fields) = text.rsplit_once(')').context("no process statistics")?;
        // The first field here is the third of proc(5): utime, stime, cutime, cstime are 14 to 17.
        let numbers: Vec<f64> =
            fields.split_whitespace().skip(11).take(4).filter_map(|n| n.parse().ok()).collect();
        let sum = |from: usize| numbers.iter().skip(from).take(2).sum::<f64>() / TICKS;
        Ok(CpuTimes { own: sum(0), children: sum(2) })
    }

    /// What was used since `before`.
    pub fn since(&self, before: &CpuTimes) -> CpuTimes {
        CpuTimes { own: self.own - before.own, children: self.children - before.children }
    }
}

/// How often a second this disk stores 4 KiB for good: the least that a durable commit costs.
pub fn fdatasync_rate(folder: &Path) -> Result<f64> {
    let path = folder.join("fdatasync");
    let mut file = File::create(&path)?;
    let block = [0x5a_u8; 4096];
    // As in a log that has its length already.
    for _ in 0..256 {
        file.write_all(&block)?;
    }
    file.sync_all()?;
    let (began, mut times) = (Instant::now(), 0_usize);
    while began.elapsed() < DISK_TIME {
        if times.is_multiple_of(256) {
            file.seek(SeekFrom::Start(0))?;
        }
        file.write_all(&block)?;
        file.sync_data()?;
        times += 1;
    }
    let rate = count(times) / began.elapsed().as_secs_f64();
    drop(file);
    std::fs::remove_file(path)?;
    Ok(rate)
}

/// The disk's rate before, between and after what is measured.
pub struct Disk<'a> {
    folder: &'a Path,
    rates: Vec<f64>,
}

impl<'a> Disk<'a> {
    /// Looks at the disk for the first time.
    pub fn watch(folder: &'a Path) -> Result<Disk<'a>> {
        Ok(Disk { folder, rates: vec![fdatasync_rate(folder)?] })
    }

    /// Looks at it again.
    pub fn look(&mut self) -> Result<()> {
        self.rates.push(fdatasync_rate(self.folder)?);
        Ok(())
    }

    /// Prints the rates. False: the disk changed too much meanwhile for the round to mean anything.
    pub fn is_steady(&self) -> bool {
        let least = self.rates.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.rates.iter().copied().fold(0.0, f64::max);
        let is_steady = most <= DISK_DRIFT_MAX * least;
        let rates: Vec<String> = self.rates.iter().map(|rate| format!("{rate:.0}")).collect();
        let word = if is_steady { "" } else { ": VOID, the disk changed by more than 2" };
        println!("  fdatasync a second before and after: {}{word}", rates.join(", "));
        is_steady
    }
}

/// Runs rounds until `wanted` of them had a steady disk, but no more than four times as many.
/// A round is none where the disk was not steady.
pub fn steady_rounds<T>(
    wanted: usize,
    mut round: impl FnMut() -> Result<Option<T>>,
) -> Result<Vec<T>> {
    let mut rounds = Vec::new();
    for _ in 0..wanted * TRIES_PER_ROUND {
        rounds.extend(round()?);
        if rounds.len() == wanted {
            break;
        }
    }
    Ok(rounds)
}

/// The middle one.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The heading of [`line`].
pub fn heading() {
    println!(
        "{:<26} {:>9} {:>9} {:>9} {:>9} {:>12} {:>10}",
        "", "a second", "p50 ms", "p99 ms", "max ms", "server us", "generator"
    );
}

/// One measurement: the server's CPU time for each request, the generator's share of all CPU.
pub fn line(name: &str, measured: &Measured) {
    println!(
        "{name:<26} {:>9.0} {:>9.2} {:>9.2} {:>9.1} {:>12.1} {:>8.0} %",
        measured.rate(),
        measured.p50_ms,
        measured.p99_ms,
        measured.max_ms,
        measured.server_us(),
        measured.generator_share() * 100.0
    );
}

/// A ratio of rates over the rounds, and whether its median reaches `aim`.
pub fn ratio(what: &str, ratios: &[f64], aim: f64) {
    let verdict = if median(ratios.iter().copied()) >= aim { "reached" } else { "MISSED" };
    print_ratio(what, ratios, &format!(", aim {:.0} %: {verdict}", aim * 100.0));
}

/// A ratio for which there is no aim.
pub fn ratio_alone(what: &str, ratios: &[f64]) {
    print_ratio(what, ratios, "");
}

fn print_ratio(what: &str, ratios: &[f64], verdict: &str) {
    if ratios.is_empty() {
        println!("{what}: no round had a steady disk, so nothing is known");
        return;
    }
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    let middle = median(ratios.iter().copied());
    println!(
        "{what}: {:.0} % ({:.0} to {:.0}){verdict}",
        middle * 100.0,
        least * 100.0,
        most * 100.0
    );
}

/// Something that should stay below a limit.
pub fn limit(what: &str, value: f64, limit: f64, unit: &str) {
    if value.is_nan() {
        println!("{what}: no round had a steady disk, so nothing is known");
        return;
    }
    let verdict = if value < limit { "reached" } else { "MISSED" };
    println!("{what}: {value:.1} {unit}, aim below {limit:.0} {unit}: {verdict}");
}
