//! PostgreSQL: its limit is the same statements in the same two transactions, sent by `pgbench`.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use madoguchi::db::queries::users;
use madoguchi::db::{DatabaseUrl, DbConn, DbError};

use super::Bench;
use super::seeded::{Customers, account_of, missing};
use crate::cluster::Cluster;
use crate::site::{PORTAL, Site, scratch_folder};
use crate::{Effort, seed};

/// Each has one transfer, and each measurement begins with all of them.
const CUSTOMERS: usize = 8_000;
const SCRIPT: &str = include_str!("statements.pgbench");

/// A cluster that ends with the value.
struct Running(Cluster);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Runs the bench on PostgreSQL.
pub fn run(effort: Effort) -> Result<()> {
    println!("{} rounds of {} s for each number of clients", effort.rounds, effort.seconds);
    // What is declared last ends first: the cluster before its folder.
    let data = scratch_folder()?;
    let cluster = Running(Cluster::start(&data.path().join("pg"), true));
    let site = Site::on(scratch_folder()?, &DatabaseUrl::parse(&cluster.0.url())?)?;
    let customers = Customers::write(&site, CUSTOMERS)?;
    analyse(&site)?;
    let server = site.serve()?;
    let script = data.path().join("statements.pgbench");
    std::fs::write(&script, SCRIPT)?;
    let first = first_rows(&site)?;
    let measure = |clients, seconds| pgbench(&cluster.0, (&script, first), clients, seconds);
    let bench = Bench {
        site: &site,
        server: &server,
        customers: &customers,
        raw: &measure,
        has_aim_of_p99: false,
    };
    bench.run(effort)
}

/// What autovacuum would have done by the time that there are so many customers.
fn analyse(site: &Site) -> Result<()> {
    use diesel::connection::SimpleConnection;
    let analyse = |conn: &mut DbConn| Ok::<_, DbError>(conn.batch_execute("ANALYZE")?);
    site.services.db.write_blocking(analyse)?;
    Ok(())
}

/// The rows of customer 0: contract, user, token and account. The others' follow each other.
fn first_rows(site: &Site) -> Result<[i64; 4]> {
    let read = |conn: &mut DbConn| {
        let mut rows = |n: usize| -> Result<[i64; 4], DbError> {
            let user = users::find_by_login_id(conn, PORTAL, &seed::login_id(n))?;
            let user = user.ok_or_else(|| missing("user"))?;
            let token = user.token_id.ok_or_else(|| missing("token"))?;
            Ok([user.contract_id.0, user.id.0, token.0, account_of(conn, n)?.id.0])
        };
        Ok::<_, DbError>((rows(0)?, rows(CUSTOMERS - 1)?))
    };
    let (first, last) = site.services.db.read_blocking(read)?;
    let steps = i64::try_from(CUSTOMERS - 1)?;
    let follow = first.into_iter().zip([1, 1, 1, 3]).map(|(row, step)| row + step * steps);
    ensure!(follow.eq(last), "the rows of customers do not follow each other: {first:?} {last:?}");
    Ok(first)
}

/// Transfers a second. Each client has customers of its own, so that none is met twice.
fn pgbench(
    cluster: &Cluster,
    (script, first): (&PathBuf, [i64; 4]),
    clients: usize,
    seconds: u64,
) -> Result<f64> {
    let mut command = cluster.program("pgbench");
    command.arg("-h").arg(cluster.socket()).args(["-U", "postgres", "-n", "-M", "prepared"]);
    command.args(["-c", &clients.to_string(), "-j", "1", "-T", &seconds.to_string()]);
    command.args(["--max-tries", "0", "-D", "i=0"]);
    command.args(["-D", &format!("share={}", CUSTOMERS / clients)]);
    command.args(["-D", &format!("count={CUSTOMERS}")]);
    for (name, row) in ["contract0", "user0", "token0", "account0"].into_iter().zip(first) {
        command.args(["-D", &format!("{name}={row}")]);
    }
    let output = command.arg("-f").arg(script).arg("postgres").output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "pgbench failed: {errors}{said}");
    let failed = said.lines().find_map(|line| line.strip_prefix("number of failed transactions: "));
    ensure!(failed.is_none_or(|count| count.starts_with("0 ")), "pgbench: {said}");
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = rate.and_then(|rest| rest.split_whitespace().next()).context(errors)?;
    Ok(rate.parse()?)
}
