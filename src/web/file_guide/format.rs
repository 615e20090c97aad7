//! BHL006: one format, record by record, with what its fields may hold and what is checked.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::web::failure::{PageError, PageResult};
use crate::web::file_guide::{CHECK, FORMATS, direction};
use crate::web::help;
use crate::web::page::{NavItem, Row, Shell};
use crate::web::screens;
use crate::web::visit::Visit;
use crate::zengin::check::Code;
use crate::zengin::layout::{Field, FieldKind, Format, Must, RecordLayout};
use crate::zengin::layouts;
use crate::zengin::text::{TextClass, decode};

/// A field in a table.
#[derive(Debug, Clone)]
pub struct FieldRow {
    /// Its number in the record, from 1.
    pub no: usize,
    /// Its name.
    pub label: &'static str,
    /// N or C.
    pub attribute: char,
    /// How many characters.
    pub length: usize,
    /// As `15-54`.
    pub bytes: String,
    /// Whether something has to stand there.
    pub must: &'static str,
    /// What stands there.
    pub content: String,
}

/// A record.
#[derive(Debug, Clone)]
pub struct RecordTable {
    /// Its place in the page's addresses.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its fields.
    pub fields: Vec<FieldRow>,
}

/// A check.
#[derive(Debug, Clone)]
pub struct CheckRow {
    /// As `Z301`.
    pub code: &'static str,
    /// エラー, 注意 or 参考.
    pub level: &'static str,
    /// What it says.
    pub title: &'static str,
    /// How it is mended.
    pub fix: &'static str,
}

/// BHL006.
#[derive(askama::Template)]
#[template(path = "file_guide/format.html")]
pub struct FormatPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The way between the help pages.
    pub pages: Vec<NavItem>,
    /// The format in short.
    pub rows: Vec<Row>,
    /// Its records.
    pub records: Vec<RecordTable>,
    /// The characters of its fields, by class.
    pub characters: Vec<Row>,
    /// What is checked.
    pub checks: Vec<CheckRow>,
    /// BHL005.
    pub formats_url: String,
    /// BFT050.
    pub check_url: String,
}

/// Shows BHL006.
///
/// # Errors
/// 404 for what is no 種別コード.
pub async fn show(visit: Visit, code: Path<String>) -> PageResult {
    let format = layouts::find(&code).ok_or(PageError::NotFound)?;
    let mut shell = visit.shell(&screens::BHL006);
    shell.title = format!("{}の形式", format.name).into();
    let records = records(format);
    let page = FormatPage {
        shell,
        pages: help::tabs(&visit.profile, screens::BHL006.id),
        rows: vec![
            Row::new("種別コード", format.business_types.join("、")),
            Row::new("1レコードの長さ", format!("{}バイト（半角1文字が1バイト）", format.length())),
            Row::new("送る側", direction(format)),
            Row::new("並び", "ヘッダ、データ（1件以上）、トレーラ、エンドの順"),
        ],
        characters: characters(format),
        records,
        checks: Code::ALL.iter().filter(|code| is_of_files(**code)).map(check).collect(),
        formats_url: visit.url(FORMATS),
        check_url: visit.url(CHECK),
    };
    visit.page(StatusCode::OK, &page)
}

fn records(format: &Format) -> Vec<RecordTable> {
    let other = match format.business_types {
        ["03"] => "データ・レコード（通知・定期・積立定期）",
        _ => "データ・レコード（フォーマットB）",
    };
    let all = [
        ("ヘッダ・レコード", Some(format.header)),
        ("データ・レコード", Some(format.data)),
        (other, format.other_data),
        ("トレーラ・レコード", Some(format.trailer)),
        ("エンド・レコード", Some(format.end)),
    ];
    let known = all.into_iter().filter_map(|(name, layout)| Some((name, layout?)));
    known.enumerate().map(|(at, (name, layout))| table(at + 1, name, layout)).collect()
}

fn table(no: usize, name: &str, layout: RecordLayout) -> RecordTable {
    let row = |(at, field): (usize, &Field)| FieldRow {
        no: at + 1,
        label: field.label,
        attribute: field.attribute(),
        length: field.length,
        bytes: format!("{}-{}", field.from, field.to()),
        must: match field.must {
            Must::Required => "必須",
            Must::Optional => "任意",
            Must::Unused => "-",
        },
        content: content(field),
    };
    let fields = layout.fields.iter().enumerate().map(row).collect();
    RecordTable { id: format!("record-{no}"), name: name.to_owned(), fields }
}

/// What stands in a field: what is always there, what may be, and what the table notes.
fn content(field: &Field) -> String {
    let mut parts = Vec::new();
    match field.kind {
        FieldKind::Constant(content) => parts.push(format!("「{content}」")),
        FieldKind::Filler => parts.push("空白".to_owned()),
        FieldKind::Text(class) => parts.push(class_name(class).to_owned()),
        FieldKind::Number | FieldKind::MonthDay | FieldKind::EraDay => {}
    }
    if !field.remark.is_empty() {
        parts.push(field.remark.to_owned());
    } else if !field.values.is_empty() {
        parts.push(field.values.join("、"));
    }
    parts.join("。")
}

fn class_name(class: TextClass) -> &'static str {
    match class {
        TextClass::Office => "店名の文字",
        TextClass::Party => "名前の文字",
        TextClass::Edi => "EDI情報の文字",
        TextClass::Union => "全体の文字",
    }
}

/// The characters of each class that a field of the format has.
fn characters(format: &Format) -> Vec<Row> {
    let layouts = [Some(format.header), Some(format.data), format.other_data];
    let fields: Vec<&Field> = layouts.iter().flatten().flat_map(|layout| layout.fields).collect();
    let has_edi = fields.iter().any(|field| field.key == "edi_flag");
    let classes = [TextClass::Office, TextClass::Party, TextClass::Edi, TextClass::Union];
    let is_there = |class: &TextClass| {
        let kind = FieldKind::Text(*class);
        fields.iter().any(|field| field.kind == kind) || has_edi && *class == TextClass::Edi
    };
    let digits = Row::new("属性N", "0～9（右づめ、残りは0）");
    let texts = classes.into_iter().filter(is_there);
    let texts = texts.map(|class| Row::new(class_name(class), allowed(class)));
    std::iter::once(digits).chain(texts).collect()
}

/// The characters that a class has, neighbours as `A～Z`.
fn allowed(class: TextClass) -> String {
    let all = (0..=u8::MAX).filter_map(decode).filter(|c| class.allows(*c));
    let mut runs: Vec<(char, char)> = Vec::new();
    for c in all {
        match runs.last_mut() {
            Some((_, last)) if is_next(*last, c) => *last = c,
            _ => runs.push((c, c)),
        }
    }
    let word = |c: char| if c == ' ' { "空白".to_owned() } else { c.to_string() };
    let run = |(first, last): &(char, char)| match first == last {
        true => word(*first),
        false => format!("{first}～{last}"),
    };
    runs.iter().map(run).collect::<Vec<_>>().join(" ")
}

/// Whether both are digits, letters or kana, and one follows the other.
fn is_next(one: char, other: char) -> bool {
    let kinds = ['0'..='9', 'A'..='Z', 'ｱ'..='ﾝ'];
    let is_one_kind = kinds.iter().any(|kind| kind.contains(&one) && kind.contains(&other));
    is_one_kind && u32::from(one) + 1 == u32::from(other)
}

/// Whether a check is of files themselves: limits are a contract's, lines those of CSV.
fn is_of_files(code: Code) -> bool {
    !code.as_str().starts_with("Z5") && !code.as_str().starts_with("Z6")
}

fn check(code: &Code) -> CheckRow {
    CheckRow {
        code: code.as_str(),
        level: code.severity().label(),
        title: code.title(),
        fix: code.fix(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_those_of_the_class() {
        assert_eq!(allowed(TextClass::Office), "空白 - 0～9 A～Z ｱ～ﾝ ﾞ ﾟ");
        assert_eq!(allowed(TextClass::Party), "空白 ( ) - . 0～9 A～Z ｱ～ﾝ ﾞ ﾟ");
        assert_eq!(allowed(TextClass::Edi), "空白 ( ) - . / 0～9 A～Z ¥ ｢ ｣ ｦ ｱ～ﾝ ﾞ ﾟ");
    }

    #[test]
    fn each_format_has_all_its_fields() {
        for format in layouts::ALL {
            let records = records(format);
            let count = if format.other_data.is_some() { 5 } else { 4 };
            assert_eq!(records.len(), count, "{}", format.name);
            for record in &records {
                let length: usize = record.fields.iter().map(|field| field.length).sum();
                assert_eq!(length, format.length(), "{} {}", format.name, record.name);
            }
        }
    }
}
