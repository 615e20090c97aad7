//! Whose account it is: accounts of the own institution are looked up in the ledger's accounts, all
//! others through [`NameLookup`].

mod simulated;

pub use self::simulated::{SIMULATED, Simulated};
use crate::db::DbConn;
use crate::db::queries::{accounts, name_lookups};
use crate::domain::audit::AuditResult;
use crate::domain::ledger::Account;
use crate::domain::name_lookup::{LookupAnswer, LookupFuture, NameLookup};
use crate::domain::payee::AccountKey;
use crate::operations::payment::short_number;
use crate::operations::{Ctx, OperationError, Services, audit, count_limit};
use crate::primitives::clock::{UtcTime, jst_day};
use crate::primitives::ids::UserId;
use crate::primitives::party_name::{PAYEE_NAME_MAX, convert};

const NAME: &str = "name.look_up";

/// There is nobody to ask: customers type names themselves.
#[derive(Debug, Clone, Copy)]
pub struct NotOffered;

impl NameLookup for NotOffered {
    fn look_up<'a>(&'a self, _: &'a AccountKey, _: UtcTime) -> LookupFuture<'a> {
        Box::pin(std::future::ready(LookupAnswer::NotOffered))
    }
}

/// Whose account it is; a line of the audit log says who asked, since names are worth asking for,
/// and a user gets the profile's number of answers a day. The own institution's accounts are those
/// of every portal with the same bank code.
///
/// Permission: the caller's; it asks only for somebody who may make transfers.
///
/// # Errors
/// Database trouble.
pub async fn look_up(
    services: &Services,
    ctx: &Ctx,
    user_id: UserId,
    account: &AccountKey,
) -> Result<LookupAnswer, OperationError> {
    let (today, most) = (jst_day(ctx.now), count_limit(ctx.profile.transfers.name_lookups_daily));
    let asked = services.db.read(move |conn| name_lookups::find(conn, user_id, today)).await?;
    // Nobody outside is asked for what would not be told.
    let answer = match asked >= most {
        true => LookupAnswer::TooMany,
        false => ask(services, ctx, account).await?,
    };
    let AccountKey { bank_code, branch_code, account_type, number } = account;
    let object =
        format!("account {bank_code}-{branch_code} {account_type} {}", short_number(number));
    let ctx = ctx.clone();
    let write = move |conn: &mut DbConn| {
        let is_counted = name_lookups::count(conn, user_id, today, most)?;
        let answer = if is_counted { answer.clone() } else { LookupAnswer::TooMany };
        let result = if is_counted { AuditResult::Done } else { AuditResult::Refused };
        audit::write(conn, &ctx, NAME, &object, result, answer.as_str())?;
        Ok(answer)
    };
    services.db.claim(write).await
}

async fn ask(
    services: &Services,
    ctx: &Ctx,
    account: &AccountKey,
) -> Result<LookupAnswer, OperationError> {
    if account.bank_code != ctx.profile.portal.bank_code.as_str() {
        return Ok(sendable(services.name_lookup.look_up(account, ctx.now).await));
    }
    let Some(own_type) = account.account_type.own() else { return Ok(LookupAnswer::NotFound) };
    let (portals, key) = (portals_of_bank(services, &account.bank_code), account.clone());
    let found = services
        .db
        .read(move |conn| {
            let number = (key.branch_code.as_str(), own_type, key.number.as_str());
            accounts::find_by_number(conn, &portals, number)
        })
        .await?;
    Ok(sendable(match found {
        None => LookupAnswer::NotFound,
        Some(account) if account.closed_at.is_some() => LookupAnswer::AccountClosed,
        Some(account) => LookupAnswer::Found(account.holder_kana),
    }))
}

/// Slugs of the portals of the institution with this code.
#[must_use]
pub fn portals_of_bank(services: &Services, bank_code: &str) -> Vec<String> {
    let of_bank = |slug: &&String| {
        services
            .profiles
            .get(*slug)
            .is_some_and(|profile| profile.portal.bank_code.as_str() == bank_code)
    };
    services.profiles.keys().filter(of_bank).cloned().collect()
}

/// The account's holder as a transfer to it carries the name; none where it cannot be carried.
#[must_use]
pub fn sent_name(account: &Account) -> Option<String> {
    convert(&account.holder_kana, PAYEE_NAME_MAX).ok().map(|converted| converted.name)
}

/// A name as a transfer carries it; one that cannot be carried is as good as none, and is typed.
fn sendable(answer: LookupAnswer) -> LookupAnswer {
    match answer {
        LookupAnswer::Found(name) => match convert(&name, PAYEE_NAME_MAX) {
            Ok(converted) => LookupAnswer::Found(converted.name),
            Err(_) => LookupAnswer::ServiceClosed,
        },
        other => other,
    }
}
