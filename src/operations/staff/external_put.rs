//! STF090, a file that staff put out for a contract by hand.
//!
//! Rule: what has records of the banks' formats is whole and of its kind, with CR LF behind each
//! record or without; it is kept with CR LF. A list as CSV is taken as it is. No second person is
//! asked: nothing moves by it, and it is kept who put out what.

use sha2::{Digest, Sha256};

use crate::db::queries::external_files::{self, Content, NewExternalFile};
use crate::db::queries::{accounts, contracts};
use crate::db::{DbConn, DbError};
use crate::domain::audit::{AuditResult, hex};
use crate::domain::external_file::ExternalKind;
use crate::domain::staff::StaffMember;
use crate::domain::staff_request::{Blocked, StaffAct};
use crate::operations::external_file::begun;
use crate::operations::notice::external::tell_readers;
use crate::operations::staff::request::{ActOutcome, StaffKey, Subject, do_now};
use crate::operations::{ActAbort, Ctx, Services, audit};
use crate::primitives::clock::jst_day;
use crate::primitives::ids::AccountId;
use crate::zengin::layout::{LineEnd, RecordKind};

/// Most bytes of such a file.
pub const BYTES_MAX: usize = 10 * 1024 * 1024;
/// Bytes of a piece of CSV; pieces of records are about as long.
const PIECE: usize = 240 * 1024;

/// A file that can be put out.
#[derive(Debug, Clone)]
pub struct CheckedFile {
    kind: ExternalKind,
    content: Content,
    pieces: Vec<Vec<u8>>,
}

/// Looks at a file; nothing where it is none of its kind.
#[must_use]
pub fn check(kind: ExternalKind, bytes: &[u8]) -> Option<CheckedFile> {
    let length = kind.record_length();
    if length == 0 {
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        let pieces: Vec<Vec<u8>> = bytes.chunks(PIECE).map(<[u8]>::to_vec).collect();
        // The first line has the headings.
        let content = content(&pieces, lines.saturating_sub(1), String::new());
        return (!bytes.is_empty()).then_some(CheckedFile { kind, content, pieces });
    }
    let records = records(bytes, length)?;
    let code = match kind {
        ExternalKind::Statement => "03",
        ExternalKind::CreditNotice => "01",
        _ => "91",
    };
    let kind_of = |record: &&[u8]| record.first().map(|byte| RecordKind::of(*byte));
    let is_whole = records.first().and_then(kind_of) == Some(RecordKind::Header)
        && records.last().and_then(kind_of) == Some(RecordKind::End)
        && records.first().and_then(|header| header.get(1..3)) == Some(code.as_bytes());
    if !is_whole {
        return None;
    }
    let items = records.iter().filter(|record| kind_of(record) == Some(RecordKind::Data)).count();
    let mut plain = Sha256::new();
    records.iter().for_each(|record| plain.update(record));
    let stride = length + LineEnd::CrLf.bytes().len();
    let ended = |records: &[&[u8]]| {
        records.iter().flat_map(|record| [record, LineEnd::CrLf.bytes()].concat()).collect()
    };
    let pieces: Vec<Vec<u8>> = records.chunks((PIECE / stride).max(1)).map(ended).collect();
    let content = content(&pieces, items, hex(&plain.finalize()));
    Some(CheckedFile { kind, content, pieces })
}

/// The records, without CR LF where each has it.
fn records(bytes: &[u8], length: usize) -> Option<Vec<&[u8]>> {
    let end = LineEnd::CrLf.bytes();
    let has_ends = bytes.get(length..length + end.len()) == Some(end);
    let stride = if has_ends { length + end.len() } else { length };
    let one = |record: &'_ [u8]| -> Option<usize> {
        let is_right = record.len() == stride && (!has_ends || record.ends_with(end));
        is_right.then_some(length)
    };
    bytes.chunks(stride).map(|record| record.get(..one(record)?)).collect()
}

fn content(pieces: &[Vec<u8>], items: usize, plain_sha256: String) -> Content {
    let mut whole = Sha256::new();
    pieces.iter().for_each(|piece| whole.update(piece));
    let length: usize = pieces.iter().map(Vec::len).sum();
    Content {
        item_count: i64::try_from(items).unwrap_or(i64::MAX),
        byte_count: i64::try_from(length).unwrap_or(i64::MAX),
        sha256: hex(&whole.finalize()),
        plain_sha256,
        ..Content::default()
    }
}

/// What the form says.
#[derive(Debug, Clone)]
pub struct Put {
    /// 契約番号.
    pub contract_number: String,
    /// 口座番号; empty: about the whole contract.
    pub account_number: String,
    /// The file.
    pub file: CheckedFile,
    /// The reason.
    pub note: String,
}

/// Puts a file out.
///
/// Permission: clerks and checkers.
///
/// # Errors
/// Whatever the database says; a refusal is a value.
pub async fn put(
    services: &Services,
    ctx: &Ctx,
    member: &StaffMember,
    key: &StaffKey,
    input: Put,
) -> Result<ActOutcome, DbError> {
    let payload = format!("{} {}", input.file.kind, input.contract_number);
    let act = StaffAct::ExternalPut;
    let note = input.note.clone();
    let subject = Subject { act, user_id: None, token_id: None, note, payload };
    let (name, source) = (member.name.clone(), format!("by hand {}", key.key));
    do_now(services, ctx, member, key, subject, move |conn, ctx| {
        put_in_tx(conn, ctx, &input, (&name, &source))
    })
    .await
}

fn put_in_tx(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Put,
    (staff_name, source): (&str, &str),
) -> Result<Result<String, Blocked>, ActAbort> {
    let found = contracts::find_by_number(conn, ctx.portal_slug(), &input.contract_number)?;
    let Some(contract_id) = found else { return Ok(Err(Blocked::NoSuchContract)) };
    let mut account_id: Option<AccountId> = None;
    if !input.account_number.is_empty() {
        let own = accounts::list_by_contract(conn, contract_id)?;
        let one = own.iter().find(|account| account.number == input.account_number);
        let Some(one) = one else { return Ok(Err(Blocked::NoAccount)) };
        account_id = Some(one.id);
    }
    let (file, today) = (&input.file, jst_day(ctx.now));
    let of = source.rsplit(' ').next().unwrap_or_default();
    let of: String = of.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let ending = if file.kind.record_length() == 0 { "csv" } else { "txt" };
    let day = today.format("%Y%m%d");
    let row = NewExternalFile {
        contract_id: Some(contract_id),
        account_id,
        name: format!("{}-{day}-{of}.{ending}", file.kind.file_word()),
        staff_name: Some(staff_name.to_owned()),
        ..begun(ctx, file.kind, (today, today), source.to_owned())
    };
    let what = (&file.content, file.pieces.as_slice());
    let inserted = external_files::insert_whole(conn, &row, what, ctx.now)?;
    let id = inserted.ok_or(ActAbort::Stale)?;
    let put = external_files::get(conn, id)?;
    tell_readers(conn, ctx, &put)?;
    let digest: String = put.sha256.chars().take(12).collect();
    let details = format!("{} {}, content {digest}", put.kind, put.name);
    let object = format!("external file {id}");
    let name = StaffAct::ExternalPut.as_str();
    audit::write(conn, ctx, name, &object, AuditResult::Done, &details)?;
    Ok(Ok(input.contract_number.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(code: &str, end: &str) -> Vec<u8> {
        let record = |first: &str| format!("{first:<200}{end}");
        [format!("1{code}0"), "2".to_owned(), "8".to_owned(), "9".to_owned()]
            .map(|first| record(&first))
            .concat()
            .into_bytes()
    }

    #[test]
    fn records_are_whole_and_of_their_kind() {
        let kept = check(ExternalKind::Statement, &file("03", "\r\n")).unwrap();
        let plain = check(ExternalKind::Statement, &file("03", "")).unwrap();
        assert_eq!(kept.content, plain.content, "kept alike, however it came");
        assert_eq!(kept.content.item_count, 1);
        assert_eq!(kept.pieces.concat(), file("03", "\r\n"));
        assert_eq!(kept.content.plain_sha256, hex(&Sha256::digest(file("03", ""))));
        for wrong in [file("01", ""), file("03", "\n"), file("03", "")[1..].to_vec(), Vec::new()] {
            assert!(check(ExternalKind::Statement, &wrong).is_none());
        }
        let mut cut = file("03", "\r\n");
        cut.truncate(606);
        assert!(check(ExternalKind::Statement, &cut).is_none(), "no end record");
    }

    #[test]
    fn a_list_is_taken_as_it_is() {
        let text = b"\"a\"\r\n\"1\"\r\n\"2\"\r\n";
        let kept = check(ExternalKind::TransferResult, text).unwrap();
        assert_eq!((kept.content.item_count, kept.pieces.concat().as_slice()), (2, &text[..]));
        assert!(check(ExternalKind::TransferResult, b"").is_none());
    }
}
