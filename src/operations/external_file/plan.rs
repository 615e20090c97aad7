//! The daily files: begun once, on the morning of a business day, for the days since the last ones.
//!
//! Rule: what was agreed for an account (STF013) is put out for the days on which it held; what
//! goes to other banks is, for every day. A day belongs to one span, whoever begins it. A file in
//! which nothing would stand is not put out.

use chrono::NaiveDate;

use super::{begun, file_name};
use crate::db::queries::external_days;
use crate::db::queries::external_files::{self, NewExternalFile};
use crate::db::{DbConn, DbError};
use crate::domain::external_file::{ExternalAccount, ExternalKind, span_before};
use crate::operations::{Ctx, Services};
use crate::primitives::calendar::{business_day_before, is_business_day};
use crate::primitives::clock::{jst_day, to_jst};
use crate::primitives::ids::AccountId;

/// Accounts read at once.
const BATCH: i64 = 500;

/// The days that are to be begun now; nothing before the profile's hour, on days on which banks
/// rest, and once they are begun.
///
/// # Errors
/// Whatever the database says.
pub fn find_due(conn: &mut DbConn, ctx: &Ctx) -> Result<Option<(NaiveDate, NaiveDate)>, DbError> {
    let today = jst_day(ctx.now);
    let is_open = to_jst(ctx.now).time() >= ctx.profile.files.external_at.0;
    if !is_open || !is_business_day(today) {
        return Ok(None);
    }
    let last = external_days::find_last(conn, ctx.portal_slug())?;
    Ok(span_before(today, business_day_before(today), last))
}

/// Begins the daily files that are due, and says how many there are.
///
/// Permission: the worker.
///
/// # Errors
/// Whatever the database says.
pub fn plan_due(services: &Services, ctx: &Ctx) -> Result<usize, DbError> {
    let ctx = ctx.clone();
    services.db.write_blocking(move |conn| plan_in_tx(conn, &ctx))
}

fn plan_in_tx(conn: &mut DbConn, ctx: &Ctx) -> Result<usize, DbError> {
    let Some(days) = find_due(conn, ctx)? else { return Ok(0) };
    if !external_days::insert(conn, ctx.portal_slug(), days, ctx.now)? {
        return Ok(0);
    }
    let mut count = 0;
    for kind in ExternalKind::DAILY {
        count += plan_accounts(conn, ctx, kind, days)?;
    }
    let (from, to) = days;
    let kind = ExternalKind::Outgoing;
    let of = format!("{}-{}", ctx.profile.portal.bank_code.as_str(), to.format("%Y%m%d"));
    let row = NewExternalFile {
        name: file_name(kind, &of),
        ..begun(ctx, kind, days, format!("outgoing of {} {from} to {to}", ctx.portal_slug()))
    };
    Ok(count + usize::from(external_files::insert(conn, &row)?.is_some()))
}

fn plan_accounts(
    conn: &mut DbConn,
    ctx: &Ctx,
    kind: ExternalKind,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<usize, DbError> {
    let (mut count, mut after) = (0, AccountId(0));
    loop {
        let agreed = external_days::list_agreed(conn, ctx.portal_slug(), (kind, to), after, BATCH)?;
        let Some((last, _)) = agreed.last() else { return Ok(count) };
        after = last.account_id;
        for (one, number) in &agreed {
            let row = daily(ctx, one, number, (from.max(one.agreed_on), to));
            count += usize::from(external_files::insert(conn, &row)?.is_some());
        }
    }
}

fn daily(
    ctx: &Ctx,
    one: &ExternalAccount,
    number: &str,
    (from, to): (NaiveDate, NaiveDate),
) -> NewExternalFile {
    let source = format!("{} of account {} {from} to {to}", one.kind, one.account_id);
    NewExternalFile {
        contract_id: Some(one.contract_id),
        account_id: Some(one.account_id),
        name: file_name(one.kind, &format!("{number}-{}", to.format("%Y%m%d"))),
        ..begun(ctx, one.kind, (from, to), source)
    }
}
