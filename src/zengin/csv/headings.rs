//! Which cell of a line belongs to which field.

use unicode_normalization::UnicodeNormalization;

use crate::zengin::layout::Field;

/// With it a line of headings begins, where lines have データ区分.
pub(super) const RECORD_TYPE: &str = "データ区分";
/// What tables call the fields of a data record, too: by the field's place, where all kinds of
/// files that companies send have the same.
const ALSO: [(usize, &[&str]); 6] = [
    (2, &["金融機関コード", "銀行コード", "金融機関番号", "銀行番号"]),
    (6, &["金融機関名", "銀行名"]),
    (21, &["店番", "支店コード", "支店番号", "店番号"]),
    (24, &["店名", "支店名"]),
    (51, &["名義", "名前", "氏名", "口座名義"]),
    (81, &["金額", "金額(円)"]),
];

/// As headings are compared: half width, without spaces, small letters.
pub(super) fn plain(heading: &str) -> String {
    heading.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Whether a line of headings begins with this cell.
pub(super) fn is_record_type(cell: &str) -> bool {
    let cell = plain(cell);
    cell == plain(RECORD_TYPE) || cell == "record_type"
}

/// For each column the cell that is its own; `Err`: a heading that is no column's.
pub(super) fn assign(
    columns: &[&'static Field],
    headings: &[String],
    is_data: bool,
) -> Result<Vec<Option<usize>>, String> {
    let mut cells = vec![None; columns.len()];
    for (at, heading) in headings.iter().enumerate().filter(|(_, heading)| !heading.is_empty()) {
        let free = columns
            .iter()
            .zip(&mut cells)
            .find(|(field, cell)| cell.is_none() && is_called(field, &plain(heading), is_data));
        match free {
            Some((_, cell)) => *cell = Some(at),
            None => return Err(heading.clone()),
        }
    }
    Ok(cells)
}

/// Whether a field is called so: by its name, by the part of it before or within the brackets, by
/// its key.
fn is_called(field: &Field, heading: &str, is_data: bool) -> bool {
    let label = plain(field.label);
    let (before, within) = label.split_once('(').unwrap_or((&label, ""));
    let names = [label.as_str(), before, within.trim_end_matches(')'), field.key];
    let also = ALSO.iter().filter(|(from, _)| is_data && *from == field.from);
    names.contains(&heading)
        || also.flat_map(|(_, names)| *names).any(|name| plain(name) == heading)
}
