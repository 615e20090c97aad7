//! SQLite: its limit is the same two transactions through the database door, whose writer
//! commits in groups.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::future::join_all;
use madoguchi::db::queries::{flows, one_time_keys, tokens, users};
use madoguchi::db::{Db, DbConn, DbError};
use madoguchi::domain::audit::{ActorKind, AuditResult};
use madoguchi::domain::flow::Flow;
use madoguchi::domain::mail::MailKind;
use madoguchi::domain::transfer::TransferDraft;
use madoguchi::operations::notice::payment::tell_of_payment;
use madoguchi::operations::payment::audit_text;
use madoguchi::operations::transfer::find_alike;
use madoguchi::operations::transfer::make::make_in_tx;
use madoguchi::operations::{Actor, Ctx, audit, flow_draft};
use madoguchi::primitives::ids::{TokenId, UserId};

use super::Bench;
use super::seeded::{Customers, Pays, missing};
use crate::Effort;
use crate::load::count;
use crate::seed::Session;
use crate::site::{PORTAL, Site, now};

/// Each has one transfer, and each measurement begins with all of them.
const CUSTOMERS: usize = 16_000;

/// Runs the bench on SQLite.
pub fn run(effort: Effort) -> Result<()> {
    println!("{} rounds of {} s for each number of clients", effort.rounds, effort.seconds);
    let site = Site::new()?;
    let customers = Customers::write(&site, CUSTOMERS)?;
    let server = site.serve()?;
    let raw = Raw::new(&site)?;
    let measure = |clients, seconds| raw.measure(clients, seconds);
    let bench = Bench {
        site: &site,
        server: &server,
        customers: &customers,
        raw: &measure,
        has_aim_of_p99: true,
    };
    bench.run(effort)
}

/// What the transactions need.
struct Raw {
    db: Db,
    ctx: Ctx,
    step: i64,
    all: Vec<(UserId, TokenId, Flow, TransferDraft)>,
}

impl Raw {
    fn new(site: &Site) -> Result<Raw> {
        let mut all = Vec::new();
        for n in 0..CUSTOMERS {
            let find = move |conn: &mut DbConn| {
                let login_id = Session::Complete.login_id(n);
                flows::find(conn, PORTAL, &Pays::Spread.flow_id(n), &login_id)
            };
            let flow = site.services.db.read_blocking(find)?.context("a flow")?;
            let draft = flow_draft::read(&flow)?;
            all.push((flow.user_id, flow.token_id.context("a token")?, flow, draft));
        }
        let now = now()?;
        let ctx = Ctx {
            profile: site.profile()?,
            actor: Actor { kind: ActorKind::Customer, id: "user 1".to_owned() },
            source: "127.0.0.1".to_owned(),
            request_id: "bench".to_owned(),
            now,
            keys: site.services.keys.clone(),
            public_url: None,
        };
        let step = now.and_utc().timestamp() / 30;
        Ok(Raw { db: site.services.db.clone(), ctx, step, all })
    }

    fn measure(&self, clients: usize, seconds: u64) -> Result<f64> {
        let next = Arc::new(AtomicUsize::new(0));
        let began = Instant::now();
        let end = began + Duration::from_secs(seconds);
        let client = || async {
            while Instant::now() < end {
                // A fast disk uses all customers up before the time is over.
                let n = next.load(Ordering::Relaxed);
                let Some(one) = self.all.get(n) else { break };
                next.fetch_add(1, Ordering::Relaxed);
                self.transfer(n, one).await?;
            }
            Ok::<_, anyhow::Error>(())
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let ends = runtime.block_on(join_all((0..clients).map(|_| client())));
        let seconds = began.elapsed().as_secs_f64();
        ends.into_iter().collect::<Result<()>>()?;
        Ok(count(next.load(Ordering::Relaxed)) / seconds)
    }

    /// One transfer's two commits: the claim of form's key and code, the act.
    async fn transfer(
        &self,
        n: usize,
        (user_id, token_id, flow, draft): &(UserId, TokenId, Flow, TransferDraft),
    ) -> Result<(), DbError> {
        let (ctx, step, key) = (self.ctx.clone(), self.step, Pays::Spread.key(n));
        let (user_id, token_id, flow, draft) = (*user_id, *token_id, flow.clone(), draft.clone());
        let (now, throttle) = (ctx.now, ctx.profile.tokens.throttle);
        let (claimed_key, digest) = (key.clone(), format!("{n:043}"));
        let claimed = self.db.claim(move |conn| {
            let key = one_time_keys::NewKey {
                request_key: &claimed_key,
                user_id,
                operation: "transfer",
                payload_digest: &digest,
                created_at: now,
            };
            let is_keyed = one_time_keys::claim(conn, key)?;
            let is_claimed = tokens::claim_attempt(conn, token_id, &digest, now, &throttle)?;
            tokens::get(conn, token_id).map(|_| is_keyed && is_claimed)
        });
        let is_claimed = claimed.await?;
        let act = move |conn: &mut DbConn| {
            let is_accepted = tokens::accept_step(conn, token_id, step, 0, (Some(user_id), now))?;
            let is_done = act(conn, &ctx, (user_id, &flow, &draft), &key)?;
            Ok::<_, DbError>(is_accepted && is_done)
        };
        if is_claimed && self.db.write(act).await? {
            return Ok(());
        }
        Err(missing("guard let a transfer through"))
    }
}

fn act(
    conn: &mut DbConn,
    ctx: &Ctx,
    (user_id, flow, draft): (UserId, &Flow, &TransferDraft),
    key: &str,
) -> Result<bool, DbError> {
    let user = users::get(conn, user_id)?;
    let order = draft.order.as_ref().ok_or_else(|| missing("order"))?;
    let is_alike = find_alike(conn, ctx, &user, draft, order)?.is_some();
    let made = make_in_tx(conn, ctx, &user, draft);
    let payment = made.map_err(|_| missing("transfer was possible"))?;
    let is_done = flows::finish_draft(conn, flow, payment.receipt_id)?
        && one_time_keys::finish(conn, key, "result")?;
    tell_of_payment(conn, ctx, &user, &payment, (MailKind::TransferDone, None))?;
    let object = format!("payment {}", payment.id);
    audit::write(conn, ctx, "transfer", &object, AuditResult::Done, &audit_text(&payment))?;
    Ok(is_done && !is_alike)
}
