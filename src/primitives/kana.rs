//! Names in kana as account books hold them: half width, as `ｼﾗｶﾊﾞ ﾊﾅｺ`.

use unicode_normalization::UnicodeNormalization;

/// Beside kana, what such names may hold.
const SIGNS: &str = " ()-./,";

/// The half-width form of what people type as kana: hiragana, katakana, capitals, digits and a few
/// signs, half or full width. `None`: something else is among them.
#[must_use]
pub fn to_half_kana(text: &str) -> Option<String> {
    let mut half = String::new();
    for c in text.trim().nfkc().flat_map(katakana).nfd() {
        half.push(match c {
            '\u{3099}' => 'ﾞ',
            '\u{309A}' => 'ﾟ',
            _ if c.is_ascii_uppercase() || c.is_ascii_digit() || SIGNS.contains(c) => c,
            _ if c.is_ascii_lowercase() => c.to_ascii_uppercase(),
            _ => half_of(c)?,
        });
    }
    Some(half)
}

/// Half-width kana as full-width katakana, with their marks: `ｶﾞ` is `ガ`.
#[must_use]
pub fn to_full_katakana(half: &str) -> String {
    half.nfkc().collect()
}

/// Hiragana as katakana.
fn katakana(c: char) -> Option<char> {
    match u32::from(c) {
        code @ 0x3041..=0x3096 => char::from_u32(code + 0x60),
        _ => Some(c),
    }
}

fn half_of(full: char) -> Option<char> {
    ('ｦ'..='ﾝ').find(|half| std::iter::once(*half).nfkc().eq(std::iter::once(full)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kana_become_half_width_however_they_are_typed() {
        for (typed, kept) in [
            ("シラカバ　ハナコ", "ｼﾗｶﾊﾞ ﾊﾅｺ"),
            ("しらかば はなこ", "ｼﾗｶﾊﾞ ﾊﾅｺ"),
            ("ｼﾗｶﾊﾞ ﾊﾅｺ", "ｼﾗｶﾊﾞ ﾊﾅｺ"),
            (" カ）アオバショウジ ", "ｶ)ｱｵﾊﾞｼｮｳｼﾞ"),
            ("ポーラABc12", "ﾎﾟｰﾗABC12"),
            ("", ""),
        ] {
            assert_eq!(to_half_kana(typed).as_deref(), Some(kept), "{typed}");
        }
        for wrong in ["白樺", "ハナコ!"] {
            assert_eq!(to_half_kana(wrong), None, "{wrong}");
        }
    }
}
