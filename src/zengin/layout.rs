//! What a record consists of, as data: one table from which records are written, read and checked,
//! and which the page about the formats shows.

use crate::zengin::text::TextClass;

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Always these characters.
    Constant(&'static str),
    /// N: digits, right-aligned, filled with zeros; nothing is zeros.
    Number,
    /// N: a day as `MMDD`.
    MonthDay,
    /// N: a day as `YYMMDD`, the year that of the Japanese era; nothing is zeros.
    EraDay,
    /// C: text, left-aligned, filled with spaces.
    Text(TextClass),
    /// ダミー: spaces.
    Filler,
}

/// Whether something has to stand in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Must {
    /// It has to.
    Required,
    /// It may stay empty (※ in the standard): zeros in a number, where spaces are read too.
    Optional,
    /// Nobody reads it.
    Unused,
}

/// A field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in code, unique in its record.
    pub key: &'static str,
    /// Its name in the standard.
    pub label: &'static str,
    /// What stands in it.
    pub kind: FieldKind,
    /// Its first byte, from 1.
    pub from: usize,
    /// Its length in bytes.
    pub length: usize,
    /// Whether something has to stand in it.
    pub must: Must,
    /// What may stand in it, where the standard has a list; empty where it has none.
    pub values: &'static [&'static str],
    /// What to know about it, short and in Japanese; often empty.
    pub remark: &'static str,
}

impl Field {
    const fn new(
        key: &'static str,
        label: &'static str,
        kind: FieldKind,
        from: usize,
        length: usize,
    ) -> Field {
        let must = Must::Required;
        Field { key, label, kind, from, length, must, values: &[], remark: "" }
    }

    /// Digits in the bytes `from` to `to`.
    #[must_use]
    pub const fn number(key: &'static str, label: &'static str, from: usize, to: usize) -> Field {
        Field::new(key, label, FieldKind::Number, from, to + 1 - from)
    }

    /// `MMDD` in the bytes `from` to `to`.
    #[must_use]
    pub const fn month_day(
        key: &'static str,
        label: &'static str,
        from: usize,
        to: usize,
    ) -> Field {
        Field::new(key, label, FieldKind::MonthDay, from, to + 1 - from)
    }

    /// `YYMMDD` in the bytes `from` to `to`.
    #[must_use]
    pub const fn era_day(key: &'static str, label: &'static str, from: usize, to: usize) -> Field {
        Field::new(key, label, FieldKind::EraDay, from, to + 1 - from)
    }

    /// Text of this class in the bytes `from` to `to`.
    #[must_use]
    pub const fn text(
        key: &'static str,
        label: &'static str,
        (from, to): (usize, usize),
        class: TextClass,
    ) -> Field {
        Field::new(key, label, FieldKind::Text(class), from, to + 1 - from)
    }

    /// These characters from the byte `from` on.
    #[must_use]
    pub const fn constant(
        key: &'static str,
        label: &'static str,
        from: usize,
        content: &'static str,
    ) -> Field {
        Field::new(key, label, FieldKind::Constant(content), from, content.len())
    }

    /// Spaces in the bytes `from` to `to`.
    #[must_use]
    pub const fn filler(from: usize, to: usize) -> Field {
        Field::new("filler", "ダミー", FieldKind::Filler, from, to + 1 - from).unused()
    }

    /// The same field, which may stay empty.
    #[must_use]
    pub const fn optional(self) -> Field {
        Field { must: Must::Optional, ..self }
    }

    /// The same field, which nobody reads.
    #[must_use]
    pub const fn unused(self) -> Field {
        Field { must: Must::Unused, ..self }
    }

    /// The same field by another key.
    #[must_use]
    pub const fn called(self, key: &'static str) -> Field {
        Field { key, ..self }
    }

    /// The same field with a list of what may stand in it.
    #[must_use]
    pub const fn one_of(self, values: &'static [&'static str]) -> Field {
        Field { values, ..self }
    }

    /// The same field with a remark.
    #[must_use]
    pub const fn noted(self, remark: &'static str) -> Field {
        Field { remark, ..self }
    }

    /// Its last byte, from 1.
    #[must_use]
    pub const fn to(&self) -> usize {
        self.from + self.length - 1
    }

    /// Its bytes of a record; empty where the record is too short.
    #[must_use]
    pub fn of<'a>(&self, record: &'a [u8]) -> &'a [u8] {
        record.get(self.from - 1..self.to()).unwrap_or_default()
    }

    /// `N` or `C`, as tables of the standard have it.
    #[must_use]
    pub const fn attribute(&self) -> char {
        match self.kind {
            FieldKind::Constant(_)
            | FieldKind::Number
            | FieldKind::MonthDay
            | FieldKind::EraDay => 'N',
            FieldKind::Text(_) | FieldKind::Filler => 'C',
        }
    }
}

/// A record: its fields from the first byte to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordLayout {
    /// How long it is in bytes.
    pub length: usize,
    /// What it consists of.
    pub fields: &'static [Field],
}

impl RecordLayout {
    /// The field with this key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The field that has this byte, from 1.
    #[must_use]
    pub fn field_at(&self, byte: usize) -> Option<&'static Field> {
        self.fields.iter().find(|field| (field.from..=field.to()).contains(&byte))
    }
}

/// データ区分: what a record is, by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// 1.
    Header,
    /// 2.
    Data,
    /// 8.
    Trailer,
    /// 9.
    End,
    /// Anything else.
    Unknown,
}

impl RecordKind {
    /// By the first byte of a record.
    #[must_use]
    pub fn of(byte: u8) -> RecordKind {
        match byte {
            b'1' => RecordKind::Header,
            b'2' => RecordKind::Data,
            b'8' => RecordKind::Trailer,
            b'9' => RecordKind::End,
            _ => RecordKind::Unknown,
        }
    }

    /// The first byte of such records; none of an unknown one.
    #[must_use]
    pub fn digit(self) -> Option<char> {
        match self {
            RecordKind::Header => Some('1'),
            RecordKind::Data => Some('2'),
            RecordKind::Trailer => Some('8'),
            RecordKind::End => Some('9'),
            RecordKind::Unknown => None,
        }
    }

    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            RecordKind::Header => "ヘッダレコード",
            RecordKind::Data => "データレコード",
            RecordKind::Trailer => "トレーラレコード",
            RecordKind::End => "エンドレコード",
            RecordKind::Unknown => "不明なレコード",
        }
    }
}

/// A format: one layout for each データ区分.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// What people call it.
    pub name: &'static str,
    /// 種別コード of the files that have it.
    pub business_types: &'static [&'static str],
    /// データ区分 1.
    pub header: RecordLayout,
    /// データ区分 2.
    pub data: RecordLayout,
    /// データ区分 2 in files whose header or bytes say so: see [`Format::data_of`].
    pub other_data: Option<RecordLayout>,
    /// データ区分 8.
    pub trailer: RecordLayout,
    /// データ区分 9.
    pub end: RecordLayout,
}

impl Format {
    /// How long its records are in bytes; all have one length.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.header.length
    }

    /// The layout of this kind of record; of data records the usual one.
    #[must_use]
    pub fn layout(&self, kind: RecordKind) -> Option<RecordLayout> {
        match kind {
            RecordKind::Header => Some(self.header),
            RecordKind::Data => Some(self.data),
            RecordKind::Trailer => Some(self.trailer),
            RecordKind::End => Some(self.end),
            RecordKind::Unknown => None,
        }
    }

    /// The layout of a data record below this header: 03 has another one for accounts of the kinds
    /// 5, 6 and 7; 01 does not mark which of two it uses, so the record is looked at: digits in
    /// the bytes 129 to 152 are the second amounts of format B.
    #[must_use]
    pub fn data_of(&self, header: &[u8], record: &[u8]) -> RecordLayout {
        let Some(other) = self.other_data else { return self.data };
        let is_other = match self.header.field("account_type") {
            Some(field) if field.values.contains(&"5") => {
                matches!(field.of(header), b"5" | b"6" | b"7")
            }
            _ => record.get(128..152).is_some_and(|part| part.iter().all(u8::is_ascii_digit)),
        };
        if is_other { other } else { self.data }
    }
}

/// What stands after each record of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnd {
    /// CR and LF, as most programs expect.
    #[default]
    CrLf,
    /// Nothing (改行なし).
    None,
}

impl LineEnd {
    /// Its bytes.
    #[must_use]
    pub fn bytes(self) -> &'static [u8] {
        match self {
            LineEnd::CrLf => b"\r\n",
            LineEnd::None => b"",
        }
    }
}
