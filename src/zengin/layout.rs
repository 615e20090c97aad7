//! What a record consists of, as data.

use crate::zengin::text::TextClass;

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Always these characters.
    Constant(&'static str),
    /// N: digits, right-aligned, filled with zeros; nothing is zeros.
    Number,
    /// C: text, left-aligned, filled with spaces.
    Text(TextClass),
    /// ダミー: spaces.
    Filler,
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
}

impl Field {
    /// Digits in the bytes `from` to `to`.
    #[must_use]
    pub const fn number(key: &'static str, label: &'static str, from: usize, to: usize) -> Field {
        Field { key, label, kind: FieldKind::Number, from, length: to + 1 - from }
    }

    /// Text of this class in the bytes `from` to `to`.
    #[must_use]
    pub const fn text(
        key: &'static str,
        label: &'static str,
        (from, to): (usize, usize),
        class: TextClass,
    ) -> Field {
        Field { key, label, kind: FieldKind::Text(class), from, length: to + 1 - from }
    }

    /// These characters from the byte `from` on.
    #[must_use]
    pub const fn constant(
        key: &'static str,
        label: &'static str,
        from: usize,
        content: &'static str,
    ) -> Field {
        Field { key, label, kind: FieldKind::Constant(content), from, length: content.len() }
    }

    /// Spaces in the bytes `from` to `to`.
    #[must_use]
    pub const fn filler(from: usize, to: usize) -> Field {
        let kind = FieldKind::Filler;
        Field { key: "filler", label: "ダミー", kind, from, length: to + 1 - from }
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
}

/// A format: one layout for each データ区分.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// 種別コード.
    pub business_type: &'static str,
    /// データ区分 1.
    pub header: RecordLayout,
    /// データ区分 2.
    pub data: RecordLayout,
    /// データ区分 8.
    pub trailer: RecordLayout,
    /// データ区分 9.
    pub end: RecordLayout,
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
