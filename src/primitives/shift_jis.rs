//! Texts in Shift_JIS, as the vendors' programs have it.

use encoding_rs::SHIFT_JIS;

/// What stands, for all to see, where the set has no character.
pub const SUBSTITUTE: char = '〓';

/// The text's bytes and how many of its characters the set lacks, in whose place 〓 stands.
pub fn encode(text: &str) -> (Vec<u8>, usize) {
    let known: String = text.chars().map(as_vendors_map_it).collect();
    let (bytes, _, has_others) = SHIFT_JIS.encode(&known);
    if !has_others {
        return (bytes.into_owned(), 0);
    }
    let (mut replaced, mut buffer) = (0, [0; 4]);
    let written: String = known
        .chars()
        .map(|c| {
            let is_lacking = SHIFT_JIS.encode(c.encode_utf8(&mut buffer)).2;
            replaced += usize::from(is_lacking);
            if is_lacking { SUBSTITUTE } else { c }
        })
        .collect();
    (SHIFT_JIS.encode(&written).0.into_owned(), replaced)
}

/// The character that the vendors' Shift_JIS has in the place of this one.
pub fn as_vendors_map_it(character: char) -> char {
    match character {
        '〜' => '～',
        '—' => '―',
        '‖' => '∥',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_set_lacks_is_seen_and_counted() {
        assert_eq!(encode("残高"), (vec![0x8e, 0x63, 0x8d, 0x82], 0));
        assert_eq!(encode("〜—‖−"), (b"\x81\x60\x81\x5c\x81\x61\x81\x7c".to_vec(), 0));
        assert_eq!(encode("髙ﾃﾞ"), (vec![0xfb, 0xfc, 0xc3, 0xde], 0));
        assert_eq!(encode("a😀𠮷b"), (b"a\x81\xac\x81\xacb".to_vec(), 2));
    }
}
