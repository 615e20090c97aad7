//! 仕向ファイル: what goes to other banks, of an institution's portal and the days since the last
//! business day, as 総合振込 (21).
//!
//! Rule: what was posted to outgoing clearing says what is in it. Each posting is a transfer, or
//! the part of a bulk file that leaves the institution (総合振込, 給与振込, 賞与振込), and becomes a
//! group of its own, because 振込依頼人 stands in a group's header: header, records, trailer; one
//! end record ends the file. Of 給与 and 賞与 the payees' numbers stay here, all else is the same.
//! A posting that is neither (cheques, corrections) is summed up beside it. The sum of the records
//! must be that of the postings that they are of.

use chrono::NaiveDate;

use super::result::Pieces;
use super::write::{Sink, WriteError};
use crate::db::queries::accounts;
use crate::db::queries::external_days::{self, ClearingPosting};
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkFile, BulkKind};
use crate::domain::external_file::ExternalFile;
use crate::domain::ledger::{Account, AccountPurpose};
use crate::domain::payee::PayeeAccountType;
use crate::domain::payment::Payment;
use crate::operations::bulk_file::codec_kind;
use crate::operations::{Ctx, OperationError, Services};
use crate::primitives::clock::jst_day;
use crate::primitives::ids::AccountId;
use crate::primitives::yen::Yen;
use crate::zengin::bulk::{
    BulkFile as Group, BulkHeader, BulkItem, BulkKind as Format, Reference, end_record,
};
use crate::zengin::layout::{LineEnd, RecordKind};
use crate::zengin::text::{TextClass, cut, fold};

const BROKEN: OperationError = OperationError::Corrupt("a record of a bulk file");
const BUSINESS_TYPE: &str = "21";
/// Postings looked at once.
const SLICE: i64 = 200;
/// 振込依頼人名, 受取人名, and names of banks and branches.
const ORIGINATOR_LENGTH: usize = 40;
const NAME_LENGTH: usize = 30;
const OFFICE_LENGTH: usize = 15;
/// 預金種目 of others.
const OTHER_TYPE: u8 = 9;

/// What a posting is of.
enum Origin {
    Payment(Box<Payment>, Box<Account>),
    Bulk(Box<BulkFile>),
    Else,
}

/// Writes the file.
pub(super) fn write(
    services: &Services,
    ctx: &Ctx,
    file: &ExternalFile,
    sink: &mut Sink<'_>,
) -> Result<(), WriteError> {
    let slug = ctx.portal_slug();
    let clearing = services.db.read_blocking(|conn: &mut DbConn| {
        accounts::get_internal(conn, slug, AccountPurpose::OutgoingClearing)
    })?;
    let days = (file.from_day, file.to_day);
    let (mut after, mut posted, mut other) = (0, Yen(0), Yen(0));
    loop {
        let slice = read(services, clearing.id, days, after)?;
        let Some((last, _)) = slice.last() else { break };
        after = last.id;
        for (posting, origin) in &slice {
            let sum = match origin {
                Origin::Payment(payment, account) => {
                    write_payment(ctx, (payment, account), sink)?;
                    &mut posted
                }
                Origin::Bulk(bulk) => {
                    write_bulk(services, ctx, bulk, sink)?;
                    &mut posted
                }
                Origin::Else => &mut other,
            };
            let more = sum.checked_add(posting.amount);
            *sum = more.ok_or(OperationError::Corrupt("a sum of outgoing clearing"))?;
        }
    }
    sink.posted(posted, other);
    sink.record(&end_record(Format::GeneralTransfer))
}

fn read(
    services: &Services,
    clearing: AccountId,
    days: (NaiveDate, NaiveDate),
    after: i64,
) -> Result<Vec<(ClearingPosting, Origin)>, DbError> {
    services.db.read_blocking(|conn: &mut DbConn| {
        let postings = external_days::list_postings(conn, clearing, days, after, SLICE)?;
        let with_origin = |posting: ClearingPosting| Ok((posting, origin(conn, posting)?));
        postings.into_iter().map(with_origin).collect()
    })
}

fn origin(conn: &mut DbConn, posting: ClearingPosting) -> Result<Origin, DbError> {
    if let Some(payment) = external_days::find_payment(conn, posting.entry_id)? {
        let account = accounts::get(conn, payment.account_id)?;
        return Ok(Origin::Payment(Box::new(payment), Box::new(account)));
    }
    let bulk = external_days::find_bulk_file(conn, posting.entry_id)?;
    let outgoing = bulk.filter(|bulk| bulk.kind.is_outgoing());
    Ok(outgoing.map_or(Origin::Else, |bulk| Origin::Bulk(Box::new(bulk))))
}

fn write_payment(
    ctx: &Ctx,
    (payment, account): (&Payment, &Account),
    sink: &mut Sink<'_>,
) -> Result<(), WriteError> {
    let on = payment.ended_at.map_or(payment.execute_on, jst_day);
    let header = BulkHeader {
        business_type: BUSINESS_TYPE.to_owned(),
        originator_code: String::new(),
        originator_name: cut(&payment.sender_kana, ORIGINATOR_LENGTH).to_owned(),
        value_date_mmdd: on.format("%m%d").to_string(),
        own_bank_code: ctx.profile.portal.bank_code.as_str().to_owned(),
        own_bank_name: office(&ctx.profile.portal.bank_name_kana),
        own_branch_code: account.branch_code.clone(),
        own_branch_name: office(&account.branch_name),
        own_account_type: Some(PayeeAccountType::of_own(account.account_type).zengin_digit()),
        own_account_no: account.number.clone(),
    };
    let item = BulkItem {
        bank_code: payment.bank_code.clone(),
        bank_name: office(&payment.bank_name),
        branch_code: payment.branch_code.clone(),
        branch_name: office(&payment.branch_name),
        account_type: payment.account_type.map_or(OTHER_TYPE, PayeeAccountType::zengin_digit),
        account_no: payment.number.clone(),
        name: cut(&payment.holder_kana, NAME_LENGTH).to_owned(),
        amount: u64::try_from(payment.amount_yen.0).map_err(|_| BROKEN)?,
        ..BulkItem::default()
    };
    let mut group = begin(&header, sink)?;
    add(&mut group, &item, sink)?;
    end(group, sink)
}

/// A name in the characters of the format; nothing where it has others.
fn office(name: &str) -> String {
    let folded = fold(name, TextClass::Office);
    if folded.replaced > 0 { String::new() } else { cut(&folded.text, OFFICE_LENGTH).to_owned() }
}

fn write_bulk(
    services: &Services,
    ctx: &Ctx,
    bulk: &BulkFile,
    sink: &mut Sink<'_>,
) -> Result<(), WriteError> {
    let own_bank = ctx.profile.portal.bank_code.as_str();
    let (kind, mut group) = (bulk.kind, None);
    let mut pieces = Pieces::of(services, bulk.clone());
    while let Some(piece) = pieces.next()? {
        for (_, bytes, _) in piece.records() {
            match (RecordKind::of(*bytes.first().ok_or(BROKEN)?), &mut group) {
                (RecordKind::Header, _) => {
                    let header = BulkHeader::read(bytes)?;
                    let header = BulkHeader {
                        business_type: BUSINESS_TYPE.to_owned(),
                        own_bank_name: office(&header.own_bank_name),
                        own_branch_name: office(&header.own_branch_name),
                        ..header
                    };
                    group = Some(begin(&header, sink)?);
                }
                (RecordKind::Data, Some(group)) => {
                    let item = BulkItem::read(codec_kind(kind), bytes)?;
                    if item.bank_code != own_bank {
                        add(group, &to_general(kind, item), sink)?;
                    }
                }
                _ => {}
            }
        }
    }
    end(group.ok_or(BROKEN)?, sink)
}

/// A record of a 総合振込; 社員番号 and 所属コード are not the other bank's business.
fn to_general(kind: BulkKind, item: BulkItem) -> BulkItem {
    let bank_name = office(&item.bank_name);
    let branch_name = office(&item.branch_name);
    let item = BulkItem { bank_name, branch_name, ..item };
    match kind {
        BulkKind::GeneralTransfer => item,
        _ => BulkItem { reference: Reference::None, transfer_kind: 0, ..item },
    }
}

fn begin(header: &BulkHeader, sink: &mut Sink<'_>) -> Result<Group, WriteError> {
    let (group, record) = Group::begin(header, LineEnd::None)?;
    sink.record(&record)?;
    Ok(group)
}

fn add(group: &mut Group, item: &BulkItem, sink: &mut Sink<'_>) -> Result<(), WriteError> {
    sink.count(Yen(i64::try_from(item.amount).map_err(|_| BROKEN)?))?;
    sink.record(&group.item(item)?)
}

/// The group's trailer; the file has one end record.
fn end(group: Group, sink: &mut Sink<'_>) -> Result<(), WriteError> {
    let records = group.finish()?;
    let length = end_record(Format::GeneralTransfer).len();
    let trailer = records.get(..length).ok_or(BROKEN)?;
    sink.record(trailer)
}
