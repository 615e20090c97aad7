//! What an approver looks at beside the records (BFT021): the fee, and what differs from the file of
//! the kind that was sent last.
//!
//! Both files are read in slices. Of the earlier one, accounts and names are kept as hashes with
//! their amounts: 24 bytes a record, so 24 MB for a file of a million records; and only one review
//! runs at a time, so that no number of approvers needs more.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::ops::ControlFlow;

use tokio::sync::Semaphore;

use super::read::{self, FIRST_ITEM, NumberedItem};
use super::{codec_kind, read::last_item};
use crate::db::DbConn;
use crate::db::queries::bulk_lists;
use crate::domain::bulk_file::content::RECORDS_A_CHUNK;
use crate::domain::bulk_file::fee::{destination, item_fee, sum};
use crate::domain::bulk_file::{BulkFile, BulkKind};
use crate::domain::portal::{Destination, Fee};
use crate::operations::{Ctx, OperationError, Services};
use crate::zengin::bulk::BulkItem;

/// Records read in one go, in one snapshot: whole chunks.
const SLICE: u64 = RECORDS_A_CHUNK * 10;
/// Records kept of each kind of difference; all are counted.
const FOUND_MAX: usize = 50;
/// An amount so many times as large as ever before in that file, or so many times smaller, is far
/// off,
const FAR_OFF_TIMES: u64 = 2;
/// where it differs by this much in yen.
const FAR_OFF_YEN: u64 = 10_000;

const BROKEN: OperationError = OperationError::Corrupt("a record of a bulk file");

static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);

/// A record that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The record.
    pub item: NumberedItem,
    /// The amount nearest to it in the earlier file, in yen.
    pub before: Option<u64>,
}

/// The records that differ in one way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub first: Vec<Difference>,
}

impl Differences {
    fn push(
        &mut self,
        found: impl FnOnce() -> Result<Difference, OperationError>,
    ) -> Result<(), OperationError> {
        self.count += 1;
        if self.first.len() < FOUND_MAX {
            self.first.push(found()?);
        }
        Ok(())
    }
}

/// What differs from the file that was sent before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// That file.
    pub file: BulkFile,
    /// Accounts and names that were not in it.
    pub new: Differences,
    /// Names that were in it, with another account.
    pub moved: Differences,
    /// Amounts far off those that the account had in it.
    pub far_off: Differences,
    /// Accounts that were in it and are not now.
    pub gone: u64,
}

/// What an approver looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// All fees of the file together, as they are today.
    pub fee: Fee,
    /// Records to accounts at the own institution.
    pub own: u64,
    /// What differs; nothing where no file of the kind was sent before.
    pub since: Option<Since>,
}

/// Reads the file, and the one sent before it.
///
/// Permission: whoever sees the file.
///
/// # Errors
/// Whatever the database says; content that is none.
pub async fn review(
    services: &Services,
    ctx: &Ctx,
    file: &BulkFile,
    own_branch: &str,
) -> Result<Review, OperationError> {
    // Nobody closes it.
    let _turn = ONE_AT_A_TIME.acquire().await;
    let this = file.clone();
    let last = services.db.read(move |conn| bulk_lists::find_last_sent(conn, &this)).await?;
    let (own, branch) = (ctx.profile.portal.bank_code.as_str().to_owned(), own_branch.to_owned());
    let mut reading = Reading {
        ctx: ctx.clone(),
        own: (own, branch),
        file: file.clone(),
        before: None,
        review: Review { fee: Fee { net_yen: 0, tax_yen: 0 }, own: 0, since: None },
    };
    if let Some(last) = last {
        let before = slices(services, &last, Before::new(last.kind), Before::add).await?;
        reading.before = Some(before.sorted());
        reading.review.since = Some(Since {
            file: last,
            new: Differences::default(),
            moved: Differences::default(),
            far_off: Differences::default(),
            gone: 0,
        });
    }
    let reading = slices(services, file, reading, Reading::add).await?;
    let mut review = reading.review;
    if let (Some(since), Some(before)) = (&mut review.since, &reading.before) {
        since.gone = before.gone();
    }
    Ok(review)
}

/// Goes through a file, one slice a read.
async fn slices<T: Send + 'static>(
    services: &Services,
    file: &BulkFile,
    mut state: T,
    add: fn(&mut T, u64, &[u8]) -> Result<(), OperationError>,
) -> Result<T, OperationError> {
    let mut from = FIRST_ITEM;
    while from <= last_item(file) {
        let file = file.clone();
        // The header is record 1, so that a slice ends where a chunk does.
        let end = (from / SLICE + 1) * SLICE;
        state = services
            .db
            .read(move |conn: &mut DbConn| {
                read::each_record(conn, &file, from, |no, bytes| {
                    if no > end {
                        return Ok(ControlFlow::Break(()));
                    }
                    add(&mut state, no, bytes)?;
                    Ok(ControlFlow::Continue(()))
                })?;
                Ok::<_, OperationError>(state)
            })
            .await?;
        from = end + 1;
    }
    Ok(state)
}

/// What of a record tells who is paid: bank, branch, kind and number of the account; the name.
fn who(item: &BulkItem) -> ((&str, &str, u8, &str), &str) {
    let account = (
        item.bank_code.as_str(),
        item.branch_code.as_str(),
        item.account_type,
        item.account_no.as_str(),
    );
    (account, item.name.as_str())
}

/// Accounts, amounts and names of the earlier file.
struct Before {
    kind: BulkKind,
    /// Not the same twice, so that nobody can make two accounts look like one.
    hasher: RandomState,
    /// By account.
    amounts: Vec<(u64, u64)>,
    names: Vec<u64>,
    /// Which of the accounts came again, by the place of their first amount.
    is_seen: Vec<bool>,
}

impl Before {
    fn new(kind: BulkKind) -> Before {
        let hasher = RandomState::new();
        Before { kind, hasher, amounts: Vec::new(), names: Vec::new(), is_seen: Vec::new() }
    }

    fn add(&mut self, _: u64, bytes: &[u8]) -> Result<(), OperationError> {
        let item = BulkItem::read(codec_kind(self.kind), bytes).map_err(|_| BROKEN)?;
        let (account, name) = who(&item);
        self.amounts.push((self.hasher.hash_one(account), item.amount));
        self.names.push(self.hasher.hash_one(name));
        Ok(())
    }

    fn sorted(mut self) -> Before {
        self.amounts.sort_unstable();
        self.names.sort_unstable();
        self.names.dedup();
        self.is_seen = vec![false; self.amounts.len()];
        self
    }

    /// The least and the most that an account had, and that it came again.
    fn see(&mut self, account: u64) -> Option<(u64, u64)> {
        let from = self.amounts.partition_point(|(key, _)| *key < account);
        let to = self.amounts.partition_point(|(key, _)| *key <= account);
        let of = self.amounts.get(from..to)?;
        let (least, most) = (of.first()?.1, of.last()?.1);
        if let Some(is_seen) = self.is_seen.get_mut(from) {
            *is_seen = true;
        }
        Some((least, most))
    }

    fn gone(&self) -> u64 {
        let mut gone = 0;
        let mut last = None;
        for ((account, _), is_seen) in self.amounts.iter().zip(&self.is_seen) {
            gone += u64::from(last != Some(account) && !is_seen);
            last = Some(account);
        }
        gone
    }
}

/// A review on its way.
struct Reading {
    ctx: Ctx,
    own: (String, String),
    file: BulkFile,
    before: Option<Before>,
    review: Review,
}

impl Reading {
    fn add(&mut self, no: u64, bytes: &[u8]) -> Result<(), OperationError> {
        let item = BulkItem::read(codec_kind(self.file.kind), bytes).map_err(|_| BROKEN)?;
        let to = destination((&self.own.0, &self.own.1), &item.bank_code, &item.branch_code);
        self.review.own += u64::from(to != Destination::OtherBank);
        if let Some(on) = self.file.value_date {
            let amount = i64::try_from(item.amount).unwrap_or(i64::MAX);
            let fee = item_fee(&self.ctx.profile.fees, self.file.kind, to, amount, on);
            self.review.fee = sum(self.review.fee, fee);
        }
        let (Some(before), Some(since)) = (&mut self.before, &mut self.review.since) else {
            return Ok(());
        };
        let (account, name) = who(&item);
        let (account, name) = (before.hasher.hash_one(account), before.hasher.hash_one(name));
        let amount = item.amount;
        let found = |before| Ok(Difference { item: NumberedItem { no, item }, before });
        match before.see(account) {
            None if before.names.binary_search(&name).is_ok() => since.moved.push(|| found(None)),
            None => since.new.push(|| found(None)),
            Some((least, most)) => match far_off(amount, least, most) {
                Some(nearest) => since.far_off.push(|| found(Some(nearest))),
                None => Ok(()),
            },
        }
    }
}

/// The nearest earlier amount, where this one is far off all of them.
fn far_off(amount: u64, least: u64, most: u64) -> Option<u64> {
    let is_far = |small: u64, large: u64| {
        large >= small.saturating_mul(FAR_OFF_TIMES) && large.abs_diff(small) >= FAR_OFF_YEN
    };
    if amount > most && is_far(most, amount) {
        Some(most)
    } else if amount < least && is_far(amount, least) {
        Some(least)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_far_off_by_ratio_and_by_yen() {
        for (amount, least, most, expected) in [
            (200_000, 100_000, 100_000, Some(100_000)),
            (199_999, 100_000, 100_000, None),
            (50_000, 100_000, 100_000, Some(100_000)),
            (50_001, 100_000, 100_000, None),
            (9_000, 3_000, 3_000, None),
            (20_000, 10_000, 10_000, Some(10_000)),
            (19_999, 9_999, 10_000, None),
            (150_000, 100_000, 200_000, None),
        ] {
            assert_eq!(far_off(amount, least, most), expected, "{amount}");
        }
    }

    #[test]
    fn accounts_that_did_not_come_again_are_counted_once() {
        let mut before = Before::new(BulkKind::Salary);
        before.amounts = vec![(7, 30), (3, 10), (7, 20), (9, 40)];
        let mut before = before.sorted();
        assert_eq!(before.see(7), Some((20, 30)));
        assert_eq!(before.see(8), None);
        assert_eq!(before.gone(), 2);
    }
}
