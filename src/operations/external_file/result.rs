//! What became of a bulk file, record by record.
//!
//! Rule: 口座振替結果 is the request sent back byte for byte, with 振替結果コード in each record and
//! what was collected in the trailer (zengin.md 1.2.3). A payment has no such field, so the result
//! of 総合振込 and 給与・賞与振込 is a list as CSV in Shift_JIS: every record in the file's order, with
//! 処理済み or why it came back.

use std::collections::BTreeMap;

use crate::db::queries::{bulk_chunks, bulk_files, bulk_runs};
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkFile, BulkKind, BulkResult, RecordFailure};
use crate::domain::external_file::ExternalFile;
use crate::operations::bulk_file::codec_kind;
use crate::operations::bulk_file::read::{RECORD_LENGTH, chunk_no, stride};
use crate::operations::external_file::write::{Sink, WriteError};
use crate::operations::statement::csv::{record as csv_record, text_cell};
use crate::operations::{OperationError, Services};
use crate::primitives::shift_jis;
use crate::primitives::yen::Yen;
use crate::zengin::bulk::{BulkItem, BulkKind as Format, BulkTrailer, end_record};
use crate::zengin::layout::RecordKind;
use crate::zengin::layouts::DIRECT_DEBIT;
use crate::zengin::record::FieldError;

const BROKEN: OperationError = OperationError::Corrupt("a record of a bulk file");
/// More failures than a chunk has records.
const FAILURES_MAX: i64 = 2_100;
const HEADINGS: [&str; 10] = [
    "番号",
    "金融機関コード",
    "金融機関名",
    "店番",
    "店名",
    "預金種目",
    "口座番号",
    "受取人名",
    "金額(円)",
    "結果",
];
const DONE: &str = "処理済み";

/// A bulk file, piece by piece.
pub(super) struct Pieces<'a> {
    services: &'a Services,
    pub file: BulkFile,
    next: u64,
    seen: i64,
}

/// A record with its number, from 1, and what failed.
pub(super) struct Piece {
    /// The bytes of the records.
    bytes: Vec<u8>,
    stride: usize,
    first: i64,
    failures: BTreeMap<i64, RecordFailure>,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(services: &'a Services, file: BulkFile) -> Pieces<'a> {
        Pieces { services, file, next: 0, seen: 0 }
    }

    /// The next piece.
    pub(super) fn next(&mut self) -> Result<Option<Piece>, WriteError> {
        let (id, no, after) = (self.file.id, chunk_no(self.next), self.seen);
        let found = self.services.db.read_blocking(|conn: &mut DbConn| {
            let Some(bytes) = bulk_chunks::find(conn, id, no)? else { return Ok(None) };
            let failures = bulk_runs::list_failures(conn, id, after, FAILURES_MAX)?;
            Ok::<_, DbError>(Some((bytes, failures)))
        })?;
        let Some((bytes, failures)) = found else { return Ok(None) };
        let stride = stride(&self.file);
        let records = bytes.len().div_ceil(stride);
        self.next += 1;
        self.seen += i64::try_from(records).unwrap_or(i64::MAX);
        let failures = failures.into_iter().map(|one| (one.record_no, one.reason)).collect();
        Ok(Some(Piece { bytes, stride, first: after + 1, failures }))
    }
}

impl Piece {
    /// Its records, with what failed of each.
    pub(super) fn records(&self) -> impl Iterator<Item = (i64, &[u8], Option<RecordFailure>)> {
        let whole = self.bytes.chunks(self.stride).filter_map(|bytes| bytes.get(..RECORD_LENGTH));
        (self.first..).zip(whole).map(|(no, bytes)| (no, bytes, self.failures.get(&no).copied()))
    }
}

/// The bulk file of a result and what its day brought.
fn source(services: &Services, file: &ExternalFile) -> Result<(BulkFile, BulkResult), WriteError> {
    let missing = OperationError::Corrupt("a result without its bulk file");
    let Some(id) = file.bulk_file_id else { return Err(missing.into()) };
    let found = services.db.read_blocking(|conn: &mut DbConn| {
        let file = bulk_files::get(conn, id)?;
        let result = bulk_runs::find_result(conn, id)?;
        Ok::<_, DbError>(result.map(|result| (file, result)))
    })?;
    Ok(found.ok_or(missing)?)
}

/// Writes 口座振替結果.
pub(super) fn write_debits(
    services: &Services,
    file: &ExternalFile,
    sink: &mut Sink<'_>,
) -> Result<(), WriteError> {
    let (bulk, result) = source(services, file)?;
    let trailer = trailer(&bulk, &result)?;
    let mut is_ended = false;
    let mut pieces = Pieces::of(services, bulk);
    while let Some(piece) = pieces.next()? {
        for (_, bytes, failure) in piece.records() {
            match RecordKind::of(*bytes.first().ok_or(BROKEN)?) {
                RecordKind::Data => {
                    let item = BulkItem::read(Format::DirectDebit, bytes)?;
                    sink.count(Yen(i64::try_from(item.amount).map_err(|_| BROKEN)?))?;
                    sink.record(&with_code(bytes, failure)?)?;
                }
                RecordKind::Trailer => {
                    is_ended = true;
                    sink.record(&with_totals(bytes, &trailer)?)?;
                }
                _ => sink.record(bytes)?,
            }
        }
    }
    if !is_ended {
        sink.record(&trailer.write(Format::DirectDebit)?)?;
        sink.record(&end_record(Format::DirectDebit))?;
    }
    Ok(())
}

fn trailer(bulk: &BulkFile, result: &BulkResult) -> Result<BulkTrailer, WriteError> {
    let number = |yen: i64| u64::try_from(yen).map_err(|_| BROKEN);
    Ok(BulkTrailer {
        total_count: number(bulk.item_count)?,
        total_amount: number(bulk.total_yen.0)?,
        done_count: number(bulk.item_count - result.failed_count)?,
        done_amount: number(bulk.total_yen.0 - result.failed_yen.0)?,
        failed_count: number(result.failed_count)?,
        failed_amount: number(result.failed_yen.0)?,
    })
}

/// The record as it was sent, with its 振替結果コード.
fn with_code(record: &[u8], failure: Option<RecordFailure>) -> Result<Vec<u8>, WriteError> {
    let code = match failure {
        None => 0,
        Some(failure) => failure.result_code().ok_or(BROKEN)?,
    };
    let mut bytes = record.to_vec();
    put(&mut bytes, DIRECT_DEBIT.data.field("result_code"), &[b'0' + code])?;
    Ok(bytes)
}

/// The trailer as it was sent, with what was collected and what was not.
fn with_totals(record: &[u8], totals: &BulkTrailer) -> Result<Vec<u8>, WriteError> {
    let mut bytes = record.to_vec();
    let written = totals.write(Format::DirectDebit)?;
    for key in ["done_count", "done_amount", "failed_count", "failed_amount"] {
        let field = DIRECT_DEBIT.trailer.field(key).ok_or(FieldError::NoField(key))?;
        put(&mut bytes, Some(field), field.of(&written))?;
    }
    Ok(bytes)
}

fn put(
    record: &mut [u8],
    field: Option<&'static crate::zengin::layout::Field>,
    content: &[u8],
) -> Result<(), WriteError> {
    let field = field.ok_or(FieldError::NoField("result_code"))?;
    let places = record.iter_mut().skip(field.from - 1).take(field.length);
    places.zip(content).for_each(|(place, byte)| *place = *byte);
    Ok(())
}

/// Writes 総合振込結果 or 給与・賞与振込結果.
pub(super) fn write_payments(
    services: &Services,
    file: &ExternalFile,
    sink: &mut Sink<'_>,
) -> Result<(), WriteError> {
    let (bulk, _) = source(services, file)?;
    let format = codec_kind(bulk.kind);
    sink.line(&line(&HEADINGS))?;
    let mut pieces = Pieces::of(services, bulk);
    while let Some(piece) = pieces.next()? {
        for (no, bytes, failure) in piece.records() {
            if RecordKind::of(*bytes.first().ok_or(BROKEN)?) != RecordKind::Data {
                continue;
            }
            let item = BulkItem::read(format, bytes)?;
            sink.count(Yen(i64::try_from(item.amount).map_err(|_| BROKEN)?))?;
            sink.line(&payment_line(no - 1, &item, failure))?;
        }
    }
    Ok(())
}

/// The whole list of a file that is there at once: of the demo.
///
/// # Errors
/// Records that are none.
pub(in crate::operations) fn payments_of(
    kind: BulkKind,
    (bytes, stride): (Vec<u8>, usize),
    failures: BTreeMap<i64, RecordFailure>,
) -> Result<Vec<u8>, OperationError> {
    let mut list = line(&HEADINGS);
    let piece = Piece { bytes, stride, first: 1, failures };
    for (no, bytes, failure) in piece.records() {
        if bytes.first().map(|byte| RecordKind::of(*byte)) == Some(RecordKind::Data) {
            let item = BulkItem::read(codec_kind(kind), bytes).map_err(|_| BROKEN)?;
            list.extend(payment_line(no - 1, &item, failure));
        }
    }
    Ok(list)
}

fn payment_line(no: i64, item: &BulkItem, failure: Option<RecordFailure>) -> Vec<u8> {
    line(&[
        &no.to_string(),
        &item.bank_code,
        &text_cell(&item.bank_name),
        &item.branch_code,
        &text_cell(&item.branch_name),
        &item.account_type.to_string(),
        &item.account_no,
        &text_cell(&item.name),
        &item.amount.to_string(),
        failure.map_or(DONE, RecordFailure::label),
    ])
}

fn line(cells: &[&str]) -> Vec<u8> {
    shift_jis::encode(&csv_record(cells)).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zengin::bulk::Reference;

    #[test]
    fn a_debit_comes_back_with_its_code_and_nothing_else_changed() {
        let item = BulkItem {
            bank_code: "0984".to_owned(),
            branch_code: "401".to_owned(),
            account_type: 1,
            account_no: "0000012".to_owned(),
            name: "ﾔﾏﾀﾞ".to_owned(),
            amount: 5_000,
            reference: Reference::CustomerNumber("00000000000000000042".to_owned()),
            ..BulkItem::default()
        };
        let mut sent = item.write(Format::DirectDebit).unwrap();
        // What a bank's own software puts into the filler, and a blank where a code is expected.
        sent[119] = b'X';
        sent[111] = b' ';
        for (failure, code) in
            [(None, b'0'), (Some(RecordFailure::Funds), b'1'), (Some(RecordFailure::Other), b'9')]
        {
            let back = with_code(&sent, failure).unwrap();
            assert_eq!(back[111], code);
            assert_eq!((&back[..111], &back[112..]), (&sent[..111], &sent[112..]));
        }
        assert!(with_code(&sent, Some(RecordFailure::PayeeClosed)).is_err());
    }

    #[test]
    fn the_trailer_says_what_was_collected() {
        let request = BulkTrailer { total_count: 3, total_amount: 900, ..BulkTrailer::default() };
        let mut sent = request.write(Format::DirectDebit).unwrap();
        sent[119] = b'Y';
        let totals = BulkTrailer {
            done_count: 2,
            done_amount: 600,
            failed_count: 1,
            failed_amount: 300,
            ..request
        };
        let back = with_totals(&sent, &totals).unwrap();
        assert_eq!(BulkTrailer::read(Format::DirectDebit, &back).unwrap(), totals);
        assert_eq!(back[119], b'Y');
    }

    #[test]
    fn a_payment_that_came_back_says_why() {
        let item = BulkItem { account_no: "0000012".to_owned(), amount: 7, ..BulkItem::default() };
        let text = |failure| {
            let bytes = payment_line(2, &item, failure);
            encoding_rs::SHIFT_JIS.decode(&bytes).0.into_owned()
        };
        assert!(text(None).ends_with("\"7\",\"処理済み\"\r\n"));
        let closed = text(Some(RecordFailure::PayeeClosed));
        assert!(closed.ends_with("\"組戻（受取人の口座は解約済みです）\"\r\n"), "{closed}");
    }
}
