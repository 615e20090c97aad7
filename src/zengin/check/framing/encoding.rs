//! Files in other encodings, by name: the mistakes that people make when they save a file.

use crate::zengin::check::code::Code;

/// UTF-8's byte order mark.
pub(super) const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// What a file is that is not in JIS, by its first bytes.
pub(super) fn other_than_jis(window: &[u8]) -> Option<Code> {
    match window {
        // A header in the Katakana EBCDIC of IBM (code page 290): 1, and two digits.
        [0xF1 | 0xF2 | 0xF8 | 0xF9, 0xF0..=0xF9, 0xF0..=0xF9, ..] => Some(Code::Ebcdic),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some(Code::Utf16),
        [b'0'..=b'9', 0, b'0'..=b'9', 0, ..] | [0, b'0'..=b'9', 0, b'0'..=b'9', ..] => {
            Some(Code::Utf16)
        }
        _ => holds_utf8_kana(window).then_some(Code::Utf8),
    }
}

/// Whether these bytes, which may end within a character, are UTF-8 with kana or kanji in them. No
/// byte that leads one of those stands for anything in JIS.
pub(in super::super) fn holds_utf8_kana(bytes: &[u8]) -> bool {
    if !bytes.iter().any(|byte| (0xE3..=0xEF).contains(byte)) {
        return false;
    }
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        }
        Err(_) => return false,
    };
    valid.chars().any(is_japanese)
}

/// Hiragana, katakana, kanji, half-width kana.
fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}' | '\u{FF61}'..='\u{FF9F}')
}
