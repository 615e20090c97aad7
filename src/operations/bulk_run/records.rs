//! Reading a file's records as far as money goes: where each one goes and how much.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::queries::bulk_chunks;
use crate::db::queries::bulk_runs::{self, FoundAccount};
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::BulkFile;
use crate::domain::bulk_file::content::{chunk_digest, content_digest};
use crate::domain::ledger::AccountType;
use crate::primitives::ids::AccountId;
use crate::primitives::yen::Yen;
use crate::zengin::bulk::{BulkItem, BulkKind as Format};
use crate::zengin::layout::RecordKind;

/// Bytes of a record without its line end.
const LENGTH: usize = 120;

/// Where an account lies: branch, kind and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    branch: [u8; 3],
    /// Nothing for kinds that the institution's customers have no accounts of.
    kind: Option<AccountType>,
    number: [u8; 7],
}

/// One data record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    /// Which record, from 1; the header is 1.
    pub no: i64,
    /// In yen.
    pub amount: Yen,
    /// The account, where the own institution keeps it.
    pub own: Option<Place>,
}

/// All records of the file, if they are those that its digest, count and sum are of. Nothing: they
/// are not.
///
/// # Errors
/// Whatever the database says.
pub(super) fn read(
    conn: &mut DbConn,
    own_bank: &str,
    file: &BulkFile,
) -> Result<Option<Vec<Item>>, DbError> {
    let (mut reader, mut digests) = (Reader::new(own_bank, file), Vec::new());
    for no in 0.. {
        let Some(bytes) = bulk_chunks::find(conn, file.id, no)? else { break };
        digests.push(chunk_digest(&bytes));
        if !reader.chunk(&bytes) {
            return Ok(None);
        }
    }
    let is_same = content_digest(digests.iter().map(String::as_str)) == file.content_sha256;
    Ok(reader.finish().filter(|_| is_same))
}

struct Reader<'a> {
    own_bank: &'a str,
    file: &'a BulkFile,
    format: Option<Format>,
    stride: usize,
    records: i64,
    total: Yen,
    items: Vec<Item>,
}

impl<'a> Reader<'a> {
    fn new(own_bank: &'a str, file: &'a BulkFile) -> Reader<'a> {
        let stride = usize::try_from(file.stride).unwrap_or(LENGTH).max(LENGTH);
        let format = Format::of(&file.business_type);
        let items = Vec::new();
        Reader { own_bank, file, format, stride, records: 0, total: Yen(0), items }
    }

    /// The records of a chunk; false for one that cannot be read.
    fn chunk(&mut self, bytes: &[u8]) -> bool {
        let whole = bytes.chunks(self.stride).filter_map(|record| record.get(..LENGTH));
        whole.into_iter().all(|record| self.record(record).is_some())
    }

    fn record(&mut self, record: &[u8]) -> Option<()> {
        self.records += 1;
        if RecordKind::of(*record.first()?) != RecordKind::Data {
            return Some(());
        }
        let item = BulkItem::read(self.format?, record).ok()?;
        let amount = Yen(i64::try_from(item.amount).ok().filter(|yen| *yen > 0)?);
        self.total = self.total.checked_add(amount)?;
        let own = if item.bank_code == self.own_bank { Some(place(&item)?) } else { None };
        self.items.push(Item { no: self.records, amount, own });
        Some(())
    }

    fn finish(self) -> Option<Vec<Item>> {
        let count = i64::try_from(self.items.len()).ok()?;
        let is_whole = (count, self.total) == (self.file.item_count, self.file.total_yen);
        (is_whole && count > 0).then_some(self.items)
    }
}

fn place(item: &BulkItem) -> Option<Place> {
    let kind = match item.account_type {
        1 => Some(AccountType::Ordinary),
        2 => Some(AccountType::Checking),
        4 => Some(AccountType::Savings),
        _ => None,
    };
    Some(Place {
        branch: item.branch_code.as_bytes().try_into().ok()?,
        kind,
        number: item.account_no.as_bytes().try_into().ok()?,
    })
}

/// The institution's accounts that the records name, and the branch of each.
pub(super) struct Accounts {
    places: BTreeMap<Place, AccountId>,
    found: BTreeMap<AccountId, FoundAccount>,
}

impl Accounts {
    /// Looks them all up: in these portals, which are those of the institution.
    ///
    /// # Errors
    /// Whatever the database says.
    pub(super) fn find(
        conn: &mut DbConn,
        portals: &[String],
        items: &[Item],
    ) -> Result<Accounts, DbError> {
        let mut wanted: BTreeMap<([u8; 3], AccountType), BTreeSet<[u8; 7]>> = BTreeMap::new();
        for place in items.iter().filter_map(|item| item.own) {
            if let Some(kind) = place.kind {
                wanted.entry((place.branch, kind)).or_default().insert(place.number);
            }
        }
        let mut all = Accounts { places: BTreeMap::new(), found: BTreeMap::new() };
        for ((branch, kind), numbers) in wanted {
            let code = String::from_utf8_lossy(&branch);
            let numbers: Vec<String> =
                numbers.iter().map(|number| String::from_utf8_lossy(number).into_owned()).collect();
            for account in bulk_runs::list_accounts(conn, portals, (&code, kind), &numbers)? {
                let Ok(number) = account.number.as_bytes().try_into() else { continue };
                let place = Place { branch, kind: Some(kind), number };
                // The oldest one, where two portals of the institution have the same.
                let id = *all.places.entry(place).or_insert(account.id);
                all.found.entry(id).or_insert(account);
            }
        }
        Ok(all)
    }

    /// The account at a place, a closed one too.
    pub(super) fn at(&self, place: Place) -> Option<&FoundAccount> {
        self.found.get(self.places.get(&place)?)
    }
}

impl Place {
    /// Whether it lies at this branch.
    pub(super) fn is_at_branch(self, code: &str) -> bool {
        self.branch.as_slice() == code.as_bytes()
    }
}
