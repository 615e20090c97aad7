//! One-time-password checks with their commits through HTTP (BOM112), beside the same two commits
//! for each check through the database door alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use futures_util::future::join_all;
use madoguchi::db::queries::{flows, tokens};
use madoguchi::db::{Db, DbError, DbStats};
use madoguchi::domain::audit::{ActorKind, AuditResult};
use madoguchi::domain::flow::{FLOW_LIFETIME, FlowStep};
use madoguchi::domain::portal::Throttle;
use madoguchi::operations::{Actor, Ctx, audit};
use madoguchi::primitives::clock::UtcTime;
use madoguchi::primitives::ids::TokenId;
use madoguchi::schema;

use crate::Effort;
use crate::load::{Load, Measured, Request, Requests, count, fetch};
use crate::report::{Disk, heading, limit, line, median, ratio, steady_rounds};
use crate::seed::{self, Session};
use crate::site::{PORTAL, Running, Site, now};

const CLIENTS: [usize; 4] = [1, 8, 32, 128];
/// Each has one flow, and each measurement begins with all of them.
const CUSTOMERS: usize = 60_000;
/// Checks a second that privacyIDEA 3.14, a server for one-time passwords, came to at best on a
/// machine of this kind.
const PRIVACYIDEA_RATE: f64 = 31.0;
/// The number of clients for which there are aims.
const CLIENTS_OF_AIM: usize = 8;

/// Runs the bench.
pub fn run(effort: Effort) -> Result<()> {
    let site = Site::new()?;
    seed::customers(&site, CUSTOMERS)?;
    let server = site.serve()?;
    let requests = requests(&site)?;
    check_first(&server, &requests)?;
    let requests = Requests::write(site.folder(), "checks", &requests)?;
    let raw = Raw::new(&site)?;
    println!("{} rounds of {} s for each number of clients", effort.rounds, effort.seconds);
    for clients in CLIENTS {
        compare(effort, clients, &site, &server, &requests, &raw)?;
    }
    Ok(())
}

fn requests(site: &Site) -> Result<Vec<Request>> {
    let code = seed::code()?;
    (0..CUSTOMERS)
        .map(|n| {
            let token = Session::Exchange.csrf_token(n);
            Ok(Request {
                path: format!("/{PORTAL}/token/exchange/{}", seed::flow_id(n)),
                cookies: Session::Exchange.cookies(site, n)?,
                body: Some(format!("csrf_token={token}&old_otp={code}")),
            })
        })
        .collect()
}

fn check_first(server: &Running, requests: &[Request]) -> Result<()> {
    let first = requests.first().context("no request")?;
    let answer = fetch(server.address, first)?;
    let is_proven = answer.to_lowercase().contains(&format!("location: {}/new", first.path));
    ensure!(is_proven, "a right code was not accepted: {answer}");
    Ok(())
}

/// Lets every flow stand before its code again, and the log file be empty.
fn begin_anew(site: &Site) -> Result<()> {
    let mut conn = SqliteConnection::establish(&site.file().display().to_string())?;
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; \
         BEGIN IMMEDIATE; \
         UPDATE flows SET step = 'input', proven_at = NULL; \
         UPDATE tokens SET failures = 0, last_failure_at = NULL, last_accepted_step = NULL, \
             last_code_digest = NULL, last_code_at = NULL; \
         COMMIT; \
         PRAGMA wal_checkpoint(TRUNCATE)",
    )?;
    Ok(())
}

fn count_proven(site: &Site) -> Result<usize> {
    let mut conn = SqliteConnection::establish(&site.file().display().to_string())?;
    let proven: i64 = schema::flows::table
        .filter(schema::flows::step.eq(FlowStep::NewToken))
        .count()
        .get_result(&mut conn)?;
    Ok(usize::try_from(proven)?)
}

struct Round {
    raw_rate: f64,
    http: Measured,
}

fn compare(
    effort: Effort,
    clients: usize,
    site: &Site,
    server: &Running,
    requests: &Requests,
    raw: &Raw,
) -> Result<()> {
    println!("\n{clients} clients");
    heading();
    let rounds = steady_rounds(effort.rounds, || {
        let mut disk = Disk::watch(site.folder())?;
        let raw_rate = measure_raw(effort, clients, site, raw)?;
        disk.look()?;
        let http = measure_http(effort, clients, site, server, requests)?;
        disk.look()?;
        Ok(disk.is_steady().then_some(Round { raw_rate, http }))
    })?;
    let ratios: Vec<f64> = rounds.iter().map(|round| round.http.rate() / round.raw_rate).collect();
    ratio("checks a second, of the raw limit", &ratios, 0.5);
    if rounds.is_empty() {
        return Ok(());
    }
    let times = median(rounds.iter().map(|round| round.http.rate())) / PRIVACYIDEA_RATE;
    let p99 = median(rounds.iter().map(|round| round.http.p99_ms));
    let is_for_aim = clients == CLIENTS_OF_AIM;
    let verdict = match (is_for_aim, times >= 100.0) {
        (false, _) => "",
        (true, true) => ", aim 100 times: reached",
        (true, false) => ", aim 100 times: MISSED",
    };
    println!("{times:.0} times the {PRIVACYIDEA_RATE} a second of privacyIDEA 3.14{verdict}");
    if is_for_aim {
        limit("p99", p99, 10.0, "ms");
    }
    Ok(())
}

fn measure_http(
    effort: Effort,
    clients: usize,
    site: &Site,
    server: &Running,
    requests: &Requests,
) -> Result<Measured> {
    begin_anew(site)?;
    let before = site.services.db.stats();
    let load = Load { connections: clients, seconds: effort.seconds, is_once: true, pause_ms: 0 };
    let measured = load.run(server.address, requests)?;
    line("through HTTP", &measured);
    let proven = count_proven(site)?;
    // Those under way when the generator stopped may have been committed.
    let is_complete = proven >= measured.requests && proven <= measured.requests + clients;
    ensure!(is_complete, "{} answers, but {proven} flows with a proof", measured.requests);
    println!("  {}", groups_text(&before, &site.services.db.stats()));
    Ok(measured)
}

fn groups_text(before: &DbStats, after: &DbStats) -> String {
    let (jobs, groups) = (after.jobs - before.jobs, after.groups - before.groups);
    let wide = |number: u64| usize::try_from(number).map_or(0.0, count);
    format!("{jobs} writes in {groups} commits, {:.1} each", wide(jobs) / wide(groups.max(1)))
}

/// What the two transactions of a check need.
struct Raw {
    db: Db,
    ctx: Ctx,
    throttle: Throttle,
    now: UtcTime,
    step: i64,
    tokens: Vec<(TokenId, String)>,
}

impl Raw {
    fn new(site: &Site) -> Result<Raw> {
        let (now, profile) = (now()?, site.profile()?);
        let mut conn = SqliteConnection::establish(&site.file().display().to_string())?;
        let tokens = schema::flows::table
            .select((schema::flows::token_id.assume_not_null(), schema::flows::id))
            .order(schema::flows::id)
            .load(&mut conn)?;
        let ctx = Ctx {
            profile: profile.clone(),
            actor: Actor { kind: ActorKind::Customer, id: "user 1".to_owned() },
            source: "127.0.0.1".to_owned(),
            request_id: "bench".to_owned(),
            now,
            keys: site.services.keys.clone(),
            public_url: None,
        };
        let throttle = profile.tokens.throttle;
        let step = now.and_utc().timestamp() / 30;
        Ok(Raw { db: site.services.db.clone(), ctx, throttle, now, step, tokens })
    }

    /// One check's two commits: the claim, then the outcome.
    async fn check(&self, token_id: TokenId, flow_id: &str) -> Result<(), DbError> {
        let (now, step, throttle) = (self.now, self.step, self.throttle);
        let digest = format!("{:043}", token_id.0);
        let claim = self.db.claim(move |conn| {
            let claimed = tokens::claim_attempt(conn, token_id, &digest, now, &throttle)?;
            tokens::get(conn, token_id).map(|token| (claimed, token))
        });
        let (claimed, _) = claim.await?;
        let (ctx, flow_id) = (self.ctx.clone(), flow_id.to_owned());
        let outcome = self.db.write(move |conn| {
            let (from, to) = (FlowStep::Input, FlowStep::NewToken);
            let done = tokens::accept_step(conn, token_id, step, 0, (None, now))?
                && flows::update_step(conn, &flow_id, from, to, Some(now), now + FLOW_LIFETIME)?;
            let object = format!("token {token_id}");
            let name = "token.exchange";
            audit::write(conn, &ctx, name, &object, AuditResult::Done, "old token proven")?;
            Ok::<_, DbError>(done)
        });
        if claimed && outcome.await? {
            return Ok(());
        }
        Err(DbError::Unavailable("a guard refused a check".to_owned()))
    }
}

fn measure_raw(effort: Effort, clients: usize, site: &Site, raw: &Raw) -> Result<f64> {
    begin_anew(site)?;
    let before = site.services.db.stats();
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let end = began + Duration::from_secs(effort.seconds);
    let client = || async {
        while Instant::now() < end {
            // A fast disk uses all customers up before the time is over.
            let Some((token_id, flow_id)) = raw.tokens.get(next.load(Ordering::Relaxed)) else {
                break;
            };
            next.fetch_add(1, Ordering::Relaxed);
            raw.check(*token_id, flow_id).await?;
        }
        Ok::<_, anyhow::Error>(())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let ends = runtime.block_on(join_all((0..clients).map(|_| client())));
    let seconds = began.elapsed().as_secs_f64();
    ends.into_iter().collect::<Result<()>>()?;
    let rate = count(next.load(Ordering::Relaxed)) / seconds;
    println!("{:<26} {rate:>9.0}", "raw limit");
    println!("  {}", groups_text(&before, &site.services.db.stats()));
    Ok(rate)
}
