//! Transfers with code, session and audit through HTTP (BTR004), beside the same two
//! transactions without HTTP, session, page and comparison: on SQLite through the database door, on
//! PostgreSQL by `pgbench`.

pub mod postgres;
mod seeded;
pub mod sqlite;

use anyhow::{Context, Result, ensure};

use crate::Effort;
use crate::load::{Load, Measured, Requests, fetch};
use crate::report::{Disk, heading, limit, line, median, ratio, steady_rounds};
use crate::site::{Running, Site};
use seeded::{Customers, Pays};

const CLIENTS: [usize; 3] = [1, 8, 32];
/// The number of clients for which there are aims.
const CLIENTS_OF_AIM: usize = 32;
const AIM: f64 = 0.5;
/// Everybody's money through one account, beside the same through many.
const AIM_OF_ONE_ACCOUNT: f64 = 0.5;

/// A portal with customers whose transfers stand before their code, and what the database can do.
struct Bench<'a> {
    site: &'a Site,
    server: &'a Running,
    customers: &'a Customers,
    /// Transfers a second of the database alone, for so many clients and seconds.
    raw: &'a dyn Fn(usize, u64) -> Result<f64>,
    /// Whether p99 has an aim here.
    has_aim_of_p99: bool,
}

impl Bench<'_> {
    fn run(&self, effort: Effort) -> Result<()> {
        self.check_first()?;
        for clients in CLIENTS {
            self.beside_the_limit(effort, clients)?;
        }
        for pays in [Pays::IntoOne, Pays::FromOne] {
            self.through_one(effort, pays)?;
        }
        Ok(())
    }

    fn check_first(&self) -> Result<()> {
        for pays in Pays::ALL {
            self.customers.begin_anew(self.site, pays)?;
            let request = self.customers.request(self.site, pays, 0)?;
            let answer = fetch(self.server.address, &request)?;
            let result = request.path.replace("/confirm", "/result");
            let is_done = answer.to_lowercase().contains(&format!("location: {result}"));
            ensure!(is_done, "a transfer was not made: {answer}");
        }
        Ok(())
    }

    fn beside_the_limit(&self, effort: Effort, clients: usize) -> Result<()> {
        println!("\n{clients} clients");
        heading();
        let rounds = steady_rounds(effort.rounds, || {
            let mut disk = Disk::watch(self.site.folder())?;
            self.customers.begin_anew(self.site, Pays::Spread)?;
            let raw = (self.raw)(clients, effort.seconds)?;
            println!("{:<26} {raw:>9.0}", "raw limit");
            disk.look()?;
            let http = self.measure(effort, clients, Pays::Spread)?;
            disk.look()?;
            Ok(disk.is_steady().then_some((raw, http)))
        })?;
        let ratios: Vec<f64> = rounds.iter().map(|(raw, http)| http.rate() / raw).collect();
        let is_for_aim = clients == CLIENTS_OF_AIM;
        match is_for_aim {
            true => ratio("transfers a second, of the raw limit", &ratios, AIM),
            false => crate::report::ratio_alone("transfers a second, of the raw limit", &ratios),
        }
        if is_for_aim && self.has_aim_of_p99 {
            limit("p99", median(rounds.iter().map(|(_, http)| http.p99_ms)), 50.0, "ms");
        }
        Ok(())
    }

    fn through_one(&self, effort: Effort, pays: Pays) -> Result<()> {
        println!("\n{CLIENTS_OF_AIM} clients, all of them {}", pays.words());
        heading();
        let ratios = steady_rounds(effort.rounds, || {
            let mut disk = Disk::watch(self.site.folder())?;
            let spread = self.measure(effort, CLIENTS_OF_AIM, Pays::Spread)?;
            disk.look()?;
            let one = self.measure(effort, CLIENTS_OF_AIM, pays)?;
            disk.look()?;
            Ok(disk.is_steady().then_some(one.rate() / spread.rate()))
        })?;
        ratio("transfers a second, of spread ones", &ratios, AIM_OF_ONE_ACCOUNT);
        Ok(())
    }

    fn measure(&self, effort: Effort, clients: usize, pays: Pays) -> Result<Measured> {
        self.customers.begin_anew(self.site, pays)?;
        let requests = self.requests(pays)?;
        let before = self.site.services.db.stats();
        let seconds = effort.seconds;
        let load = Load { connections: clients, seconds, is_once: true, pause_ms: 0 };
        let measured = load.run(self.server.address, &requests)?;
        line(pays.words(), &measured);
        let after = self.site.services.db.stats();
        let done = self.customers.count_done(self.site, pays)?;
        // Those under way when the generator stopped may have been committed.
        let is_complete = done >= measured.requests && done <= measured.requests + clients;
        ensure!(is_complete, "{} answers, but {done} transfers", measured.requests);
        println!(
            "  {} writes, {} group commits, {} lost races",
            after.jobs - before.jobs,
            after.groups - before.groups,
            after.retries - before.retries
        );
        Ok(measured)
    }

    fn requests(&self, pays: Pays) -> Result<Requests> {
        let all = (0..self.customers.count).map(|n| self.customers.request(self.site, pays, n));
        let all: Vec<_> = all.collect::<Result<_>>().context("requests")?;
        Requests::write(self.site.folder(), "transfers", &all)
    }
}
