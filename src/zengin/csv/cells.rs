//! One cell and the bytes of its field.

use std::borrow::Cow;

use crate::zengin::layout::{Field, FieldKind, RecordLayout};
use crate::zengin::layouts::{EDI, EDI_FLAG};
use crate::zengin::text::{TextClass, decode, encode, fold};

/// Stands for a byte that is no character.
pub(super) const NO_CHARACTER: char = '〓';
/// In front of what a spreadsheet would take for a formula.
const TEXT_MARK: char = '\'';
const CODES: [&str; 2] = ["customer_code1", "customer_code2"];
const FLAG: &str = "edi_flag";

/// What a cell cannot be put into its field for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Misfit {
    /// So many characters, of which the field has fewer.
    Length(usize),
    /// A character that no field of the class may hold.
    Character(char),
}

/// What stands in a field now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Put {
    /// The bytes of the whole field.
    pub bytes: Vec<u8>,
    /// The text, where it is not the one that was given.
    pub folded: Option<String>,
}

/// The columns of a record: its fields, and EDI情報 behind the codes whose place it takes.
pub(super) fn columns(layout: RecordLayout) -> Vec<&'static Field> {
    let has_edi = layout.field(FLAG).is_some();
    let mut columns = Vec::with_capacity(layout.fields.len() + 1);
    for field in layout.fields {
        columns.push(field);
        if has_edi && field.key == CODES[1] {
            columns.push(&EDI);
        }
    }
    columns
}

/// Whether the bytes of the two codes are a text.
pub(super) fn has_edi(layout: RecordLayout, record: &[u8]) -> bool {
    layout.field(FLAG).is_some_and(|flag| flag.of(record) == [EDI_FLAG])
}

/// Whether this is EDI情報, not a field of its own.
pub(super) fn is_edi(field: &Field) -> bool {
    std::ptr::eq(field, &EDI)
}

/// Whether this is a code whose place EDI情報 takes.
pub(super) fn is_code(field: &Field) -> bool {
    CODES.contains(&field.key)
}

/// Whether this is the flag of EDI情報.
pub(super) fn is_flag(field: &Field) -> bool {
    field.key == FLAG
}

/// Amounts and counts: zeros in front mean nothing in them.
fn is_quantity(field: &Field) -> bool {
    let key = field.key;
    let is_amount = key == "amount" || key.ends_with("_amount") || key.ends_with("balance");
    is_amount || key.ends_with("_count")
}

fn is_text(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Text(_) | FieldKind::Filler)
}

/// The cell of a field; how many of its bytes are no characters.
pub(super) fn cell_of(field: &Field, bytes: &[u8]) -> (String, u64) {
    let mut lost = 0;
    let decoded = bytes.iter().map(|byte| {
        decode(*byte).unwrap_or_else(|| {
            lost += 1;
            NO_CHARACTER
        })
    });
    let mut text: String = decoded.collect();
    if is_text(field) {
        text.truncate(text.trim_end_matches(' ').len());
    } else if is_quantity(field) && bytes.iter().all(u8::is_ascii_digit) {
        let plain = text.trim_start_matches('0');
        text = if plain.is_empty() { "0".to_owned() } else { plain.to_owned() };
    }
    if text.starts_with(['=', '+', '-', '@', TEXT_MARK]) {
        text.insert(0, TEXT_MARK);
    }
    (text, lost)
}

/// The bytes of a field with this cell; nothing where the cell is empty.
pub(super) fn put(field: &Field, cell: &str) -> Result<Option<Put>, Misfit> {
    let cell = cell.strip_prefix(TEXT_MARK).unwrap_or(cell);
    if cell.is_empty() {
        return Ok(None);
    }
    let class = match field.kind {
        FieldKind::Text(class) => class,
        _ => TextClass::Union,
    };
    let (text, is_folded) = in_class(cell, class)?;
    let put = if is_text(field) { text_bytes(field, &text) } else { number_bytes(field, &text) };
    let folded = is_folded.then(|| text.into_owned());
    Ok(Some(Put { bytes: put?, folded }))
}

/// The text in characters of the class, whether or not it had to be changed. What has none there,
/// but a byte, stays: the check says whether it may.
fn in_class(cell: &str, class: TextClass) -> Result<(Cow<'_, str>, bool), Misfit> {
    // Shift_JIS has both in one place.
    let cell: Cow<'_, str> =
        if cell.contains('\\') { cell.replace('\\', "¥").into() } else { cell.into() };
    if cell.chars().all(|c| class.allows(c)) {
        return Ok((cell, false));
    }
    let folded = fold(&cell, class);
    if folded.replaced == 0 {
        return Ok((folded.text.into(), true));
    }
    match cell.chars().find(|c| encode(*c).is_none()) {
        None => Ok((cell, false)),
        Some(found) => {
            let alone = |c: &char| encode(*c).is_none() && fold(&c.to_string(), class).replaced > 0;
            Err(Misfit::Character(cell.chars().find(alone).unwrap_or(found)))
        }
    }
}

fn bytes_of(text: &str) -> Vec<u8> {
    text.chars().filter_map(encode).collect()
}

fn text_bytes(field: &Field, text: &str) -> Result<Vec<u8>, Misfit> {
    let mut bytes = bytes_of(text);
    if bytes.len() > field.length {
        return Err(Misfit::Length(bytes.len()));
    }
    bytes.resize(field.length, b' ');
    Ok(bytes)
}

/// Digits stand at the right behind zeros; whatever else there is stands as it was given.
fn number_bytes(field: &Field, text: &str) -> Result<Vec<u8>, Misfit> {
    let plain: String = match is_quantity(field) {
        true => text.chars().filter(|c| *c != ',').collect(),
        false => text.to_owned(),
    };
    if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return text_bytes(field, text);
    }
    let digits = match plain.len() > field.length {
        true => plain.trim_start_matches('0'),
        false => &plain,
    };
    let Some(missing) = field.length.checked_sub(digits.len()) else {
        return Err(Misfit::Length(digits.len()));
    };
    Ok(std::iter::repeat_n(b'0', missing).chain(digits.bytes()).collect())
}
