//! Customers with a transfer each that only lacks its code.

use anyhow::{Context, Result};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use madoguchi::db::queries::{accounts, contracts, flows, users};
use madoguchi::db::{DbConn, DbError};
use madoguchi::domain::flow::{FlowOperation, FlowStep, MENU_FLOW_LIFETIME};
use madoguchi::domain::ledger::Account;
use madoguchi::domain::payee::Destination;
use madoguchi::domain::portal::Profile;
use madoguchi::domain::transfer::{PayeeChoice, TransferDraft, TransferOrder};
use madoguchi::primitives::clock::{UtcTime, jst_day};
use madoguchi::primitives::yen::Yen;
use madoguchi::schema;

use crate::load::Request;
use crate::seed::{self, Session};
use crate::site::{PORTAL, Site, now};

/// Customers written in one commit.
const GROUP: usize = 500;

/// Between which accounts the money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pays {
    /// From each customer's account to the next one's.
    Spread,
    /// From each customer's account into one.
    IntoOne,
    /// All customers belong to one contract and pay out of its account.
    FromOne,
}

impl Pays {
    /// All.
    pub const ALL: [Pays; 3] = [Pays::Spread, Pays::IntoOne, Pays::FromOne];

    /// As a report says it.
    pub fn words(self) -> &'static str {
        match self {
            Pays::Spread => "between many accounts",
            Pays::IntoOne => "into one account",
            Pays::FromOne => "out of one account",
        }
    }

    /// The flow of customer `n`.
    pub fn flow_id(self, n: usize) -> String {
        let mark = match self {
            Pays::Spread => 's',
            Pays::IntoOne => 'i',
            Pays::FromOne => 'f',
        };
        format!("{mark}{n:021}")
    }

    /// The key of its form.
    pub fn key(self, n: usize) -> String {
        format!("bench-{}-{n:014}", self.flow_id(n))
    }
}

/// The customers, with the drafts of their flows.
pub struct Customers {
    /// How many.
    pub count: usize,
    drafts: Vec<[String; 3]>,
}

impl Customers {
    /// Writes them, and one more whose account is the one.
    pub fn write(site: &Site, count: usize) -> Result<Customers> {
        seed::customers(site, count + 1)?;
        // Nobody else's flow is in the way.
        let profile = site.profile()?;
        let mut drafts = Vec::new();
        for first in (0..count).step_by(GROUP) {
            let (profile, now) = (profile.clone(), now()?);
            let last = count.min(first + GROUP);
            drafts.extend(site.services.db.write_blocking(move |conn| {
                (first..last)
                    .map(|n| flows_of(conn, &profile, (n, count), now))
                    .collect::<Result<Vec<_>, DbError>>()
            })?);
        }
        Ok(Customers { count, drafts })
    }

    /// The form of BTR004, filled in.
    pub fn request(&self, site: &Site, pays: Pays, n: usize) -> Result<Request> {
        let (flow_id, code) = (pays.flow_id(n), seed::code()?);
        let place = Pays::ALL.iter().position(|one| *one == pays).unwrap_or_default();
        let draft = self.drafts.get(n).and_then(|all| all.get(place)).context("a draft")?;
        // As the check page does.
        let digest = site.services.keys.digest("draft", &format!("{flow_id} {draft}"));
        let (token, key) = (Session::Complete.csrf_token(n), pays.key(n));
        Ok(Request {
            path: format!("/{PORTAL}/transfers/{flow_id}/confirm"),
            cookies: Session::Complete.cookies(site, n)?,
            body: Some(format!("csrf_token={token}&request_key={key}&draft={digest}&otp={code}")),
        })
    }

    /// Lets every transfer stand before its code again, with no transfer like it just before.
    pub fn begin_anew(&self, site: &Site, pays: Pays) -> Result<()> {
        let contract = match pays {
            Pays::FromOne => format!("'{}'", seed::login_id(self.count)),
            Pays::Spread | Pays::IntoOne => "users.login_id".to_owned(),
        };
        let sql = format!(
            "UPDATE flows SET step = 'confirm', receipt_id = NULL \
                 WHERE operation = 'transfer' AND step <> 'confirm'; \
             UPDATE tokens SET failures = 0, last_failure_at = NULL, last_accepted_step = NULL, \
                 last_code_digest = NULL, last_code_at = NULL; \
             DELETE FROM one_time_keys; \
             UPDATE payments SET requested_at = '2026-11-20 00:00:00'; \
             UPDATE users SET contract_id = (SELECT id FROM contracts \
                 WHERE contracts.portal = users.portal AND contracts.number = {contract});"
        );
        site.services.db.write_blocking(move |conn| Ok::<_, DbError>(conn.batch_execute(&sql)?))?;
        Ok(())
    }

    /// Transfers that are made.
    pub fn count_done(&self, site: &Site, pays: Pays) -> Result<usize> {
        let mark = format!("{}%", pays.flow_id(0).chars().take(1).collect::<String>());
        let read = move |conn: &mut DbConn| {
            let done: i64 = schema::flows::table
                .filter(schema::flows::step.eq(FlowStep::Done))
                .filter(schema::flows::id.like(&mark))
                .count()
                .get_result(conn)?;
            Ok::<_, DbError>(done)
        };
        Ok(usize::try_from(site.services.db.read_blocking(read)?)?)
    }
}

/// The first account of customer `n`.
pub fn account_of(conn: &mut DbConn, n: usize) -> Result<Account, DbError> {
    let contract_id = contracts::find_by_number(conn, PORTAL, &seed::login_id(n))?;
    let contract_id = contract_id.ok_or_else(|| missing("contract"))?;
    let found = accounts::find_representative(conn, contract_id)?;
    found.ok_or_else(|| missing("account"))
}

/// What a bench without its data says.
pub fn missing(what: &str) -> DbError {
    DbError::Unavailable(format!("no {what}"))
}

fn flows_of(
    conn: &mut DbConn,
    profile: &Profile,
    (n, count): (usize, usize),
    now: UtcTime,
) -> Result<[String; 3], DbError> {
    let own = account_of(conn, n)?;
    let next = account_of(conn, if n + 1 == count { 0 } else { n + 1 })?;
    let one = account_of(conn, count)?;
    let user = users::find_by_login_id(conn, PORTAL, &seed::login_id(n))?;
    let user = user.ok_or_else(|| missing("user"))?;
    let mut drafts = <[String; 3]>::default();
    let ways =
        [(Pays::Spread, &own, &next), (Pays::IntoOne, &own, &one), (Pays::FromOne, &one, &own)];
    for ((pays, from, to), kept) in ways.into_iter().zip(&mut drafts) {
        let flow = flows::NewFlow {
            id: pays.flow_id(n),
            portal: PORTAL.to_owned(),
            user_id: user.id,
            login_id: Session::Complete.login_id(n),
            operation: FlowOperation::Transfer,
            step: FlowStep::Confirm,
            token_id: user.token_id,
            created_at: now,
            expires_at: now + MENU_FLOW_LIFETIME,
        };
        let id = flow.id.clone();
        flows::insert(conn, flow)?;
        let draft = draft(profile, from, to, now);
        *kept = serde_json::to_string(&draft).unwrap_or_default();
        diesel::update(schema::flows::table.find(id))
            .set(schema::flows::draft.eq(kept.as_str()))
            .execute(conn)?;
    }
    Ok(drafts)
}

fn draft(profile: &Profile, from: &Account, to: &Account, now: UtcTime) -> TransferDraft {
    let (amount, day) = (Yen(1), jst_day(now));
    let draft = TransferDraft {
        from: from.id,
        to: Destination::of_account(profile, to),
        to_account: Some(to.id),
        is_own_contract: false,
        is_name_found: true,
        typed_holder: String::new(),
        choice: PayeeChoice::Other,
        is_registered: false,
        order: None,
    };
    let fee = draft.fee(profile, from, amount, day);
    let order = TransferOrder {
        amount,
        execute_on: day,
        sender_kana: from.holder_kana.clone(),
        typed_sender: String::new(),
        fee_yen: fee.net_yen,
        tax_yen: fee.tax_yen,
        is_at_once: true,
    };
    TransferDraft { order: Some(order), ..draft }
}
