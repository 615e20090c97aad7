//! Whether an outsider can tell by the time whether an id exists: wrong ids beside wrong passwords,
//! and locked ids that somebody has beside locked ones that nobody has.
//!
//! The first kind is measured twice. What its two runs differ by, or the scatter of the samples
//! where that is more, is the noise; a difference between the kinds below it cannot be seen.

use std::time::Instant;

use anyhow::{Result, ensure};
use madoguchi::web::csrf::{self, Visitor};

use crate::Effort;
use crate::load::{Request, count, fetch};
use crate::report::{Disk, median, steady_rounds};
use crate::seed;
use crate::site::{PORTAL, Running, Site};

/// Of each kind, taken in turns.
const TRIES: usize = 200;
/// Wrong tries after which an id is locked.
const FAILURES_MAX: usize = 5;
/// No customer's id begins with a nine.
const NOBODYS_FIRST: usize = 9_000_000_000;
/// A median of n samples scatters by 1.2533 sigma / sqrt(n), and sigma is the interquartile range
/// / 1.349; a difference of two by sqrt(2) times that.
const ERROR_OF_IQR: f64 = 1.2533 / 1.349 * std::f64::consts::SQRT_2;
/// As usual: what is further away than this many standard errors is no chance.
const ERRORS_MAX: f64 = 2.0;
/// The order changes from round to round, so that no kind always comes after the same one.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0], [0, 2, 1], [1, 0, 2]];

/// Two kinds of tries that should look alike.
struct Pair<'a> {
    /// What the kind is called that is measured twice, and the other.
    names: [&'a str; 2],
    /// The ids that are tried: first run, other kind, second run.
    ids: [&'a dyn Fn(usize) -> usize; 3],
    /// How the answer begins.
    answer: &'a str,
}

/// Runs the bench.
pub fn run(_: Effort) -> Result<()> {
    println!("{TRIES} tries of each kind in turns, one at a time; milliseconds");
    println!("{:<34} {:>9} {:>9} {:>9}", "", "quartile", "median", "quartile");
    let steady = steady_rounds(1, || {
        let site = Site::new()?;
        seed::customers(&site, TRIES + 1)?;
        let mut disk = Disk::watch(site.folder())?;
        let verdicts = measure(&site)?;
        disk.look()?;
        Ok(disk.is_steady().then_some(verdicts))
    })?;
    match steady.as_slice() {
        [verdicts] => verdicts.iter().for_each(|verdict| println!("{verdict}")),
        _ => println!("no round had a steady disk, so nothing is known"),
    }
    Ok(())
}

fn measure(site: &Site) -> Result<[String; 2]> {
    let server = site.serve()?;
    let visitor = csrf::visitor(&csrf::FormKey::new(&site.services.keys), PORTAL, None)?;
    // Each of these ids is tried once: equal counts, and none gets locked on the way.
    let open = Pair {
        names: ["wrong id", "wrong password"],
        ids: [&|n| NOBODYS_FIRST + n, &|n| n, &|n| NOBODYS_FIRST + TRIES + n],
        answer: "HTTP/1.1 422",
    };
    let (known, nobodys) = (TRIES, NOBODYS_FIRST + 2 * TRIES);
    let locked = Pair {
        names: ["locked id of nobody", "locked id of a customer"],
        ids: [&|_| nobodys, &|_| known, &|_| nobodys],
        answer: "HTTP/1.1 303",
    };
    for id in [known, nobodys] {
        for _ in 0..FAILURES_MAX {
            fetch(server.address, &request(&visitor, id))?;
        }
    }
    Ok([compare(&server, &visitor, &open)?, compare(&server, &visitor, &locked)?])
}

fn request(visitor: &Visitor, id: usize) -> Request {
    seed::login_request(visitor, id, "Wrong-password-1")
}

fn compare(server: &Running, visitor: &Visitor, pair: &Pair<'_>) -> Result<String> {
    let mut times: [Vec<f64>; 3] = Default::default();
    for (round, order) in ORDERS.iter().cycle().take(TRIES).enumerate() {
        for kind in *order {
            let (Some(times), Some(id)) = (times.get_mut(kind), pair.ids.get(kind)) else {
                continue;
            };
            let request = request(visitor, id(round));
            let began = Instant::now();
            let answer = fetch(server.address, &request)?;
            times.push(began.elapsed().as_secs_f64() * 1e3);
            ensure!(answer.starts_with(pair.answer), "another answer came: {answer}");
        }
    }
    let [first, other, second] = times.map(|times| Spread::of(&times));
    let [name, other_name] = pair.names;
    first.line(&format!("{name}, first run"));
    other.line(other_name);
    second.line(&format!("{name}, second run"));
    Ok(verdict(pair.names, &first, &other, &second))
}

/// Where half of the samples lie.
struct Spread {
    median: f64,
    quartiles: [f64; 2],
    count: usize,
}

impl Spread {
    fn of(samples: &[f64]) -> Spread {
        let middle = median(samples.iter().copied());
        let (below, above): (Vec<f64>, Vec<f64>) = samples.iter().partition(|one| **one < middle);
        Spread { median: middle, quartiles: [median(below), median(above)], count: samples.len() }
    }

    fn line(&self, name: &str) {
        let [lower, upper] = self.quartiles;
        println!("{name:<34} {lower:>9.3} {:>9.3} {upper:>9.3}", self.median);
    }

    /// The standard error of the difference of two such medians.
    fn error(&self) -> f64 {
        let [lower, upper] = self.quartiles;
        ERROR_OF_IQR * (upper - lower) / count(self.count).sqrt()
    }
}

fn verdict(
    [name, other_name]: [&str; 2],
    first: &Spread,
    other: &Spread,
    second: &Spread,
) -> String {
    let difference = (first.median - other.median).abs();
    let two_runs = (first.median - second.median).abs();
    let scatter = ERRORS_MAX * median([first, other, second].map(Spread::error));
    let verdict = if difference <= two_runs.max(scatter) { "ALIKE" } else { "DIFFERENT" };
    format!(
        "{name}, {other_name}: {difference:.3} ms apart; two runs of one kind {two_runs:.3}, \
         scatter {scatter:.3}: {verdict}"
    )
}
