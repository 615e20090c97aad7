//! How bytes of a file are shown to people: also those that should not be there.

use encoding_rs::SHIFT_JIS;

use crate::zengin::text::decode;

/// Most characters of a field that a finding shows.
const SHOWN_MAX: usize = 48;

/// A character of a file as it is, not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// One byte, a character of JIS.
    One(char),
    /// Two bytes, a character of Shift_JIS: kanji, hiragana, full width.
    Two(char),
    /// A byte that is no character.
    Control(u8),
}

impl Shown {
    pub(super) fn length(self) -> usize {
        match self {
            Shown::Two(_) => 2,
            Shown::One(_) | Shown::Control(_) => 1,
        }
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Shown::One(c) | Shown::Two(c) => write!(f, "{c}"),
            Shown::Control(b'\r' | b'\n') => f.write_str("〔改行〕"),
            Shown::Control(b'\t') => f.write_str("〔タブ〕"),
            Shown::Control(byte) => write!(f, "〔{byte:02X}〕"),
        }
    }
}

/// The character with which these bytes begin; nothing where there are none.
pub(super) fn first(bytes: &[u8]) -> Option<Shown> {
    let (byte, rest) = bytes.split_first()?;
    if let Some(c) = decode(*byte) {
        return Some(Shown::One(c));
    }
    if *byte == b'~' {
        return Some(Shown::One('~'));
    }
    let Some(second) = rest.first() else { return Some(Shown::Control(*byte)) };
    let pair = [*byte, *second];
    let decoded = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&pair);
    let mut chars = decoded.as_deref().unwrap_or_default().chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Some(Shown::Two(c)),
        _ => Some(Shown::Control(*byte)),
    }
}

/// A field's content for a finding.
pub(super) fn show(bytes: &[u8]) -> String {
    if bytes.iter().all(|byte| *byte == b' ') {
        return "空白".to_owned();
    }
    let mut text = String::new();
    let mut rest = bytes;
    let mut count = 0;
    while let Some(shown) = first(rest) {
        if count == SHOWN_MAX {
            text.push('…');
            break;
        }
        text.push_str(&shown.to_string());
        rest = rest.get(shown.length()..).unwrap_or_default();
        count += 1;
    }
    // Spaces behind a text fill its field; those before it are seen.
    text.truncate(text.trim_end_matches(' ').len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stands_there_can_be_shown() {
        for (bytes, shown) in [
            (&b"ABC  "[..], "ABC"),
            (b"  ABC", "  ABC"),
            (b"   ", "空白"),
            (b"\x8ER\x93c", "山田"),
            (b"\xB6\xDE\x5C~", "ｶﾞ¥~"),
            (b"A\nB\r\t\x00\xFF", "A〔改行〕B〔改行〕〔タブ〕〔00〕〔FF〕"),
            (b"\x8E", "〔8E〕"),
        ] {
            assert_eq!(show(bytes), shown);
        }
        assert_eq!(show(&[b'1'; 100]).chars().count(), SHOWN_MAX + 1);
    }
}
