//! The characters of text fields: JIS X 0201 in one byte each, by class of field, and how what
//! people type is brought into them.

use unicode_normalization::UnicodeNormalization;

use crate::zengin::byte_class::{class_of, mask_of};

/// Which characters a text field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextClass {
    /// 銀行名, 支店名.
    Office,
    /// Names of people and companies: 依頼人名, 受取人名, 口座名.
    Party,
    /// EDI情報.
    Edi,
    /// Whatever any field may hold: for fields without a list of their own, as 摘要内容.
    Union,
}

impl TextClass {
    /// Whether a field of this class may hold the character.
    #[must_use]
    pub fn allows(self, c: char) -> bool {
        encode(c).is_some_and(|byte| class_of(byte) & mask_of(self) != 0)
    }

    /// What stands, for all to see, where a character cannot be written.
    #[must_use]
    pub fn substitute(self) -> char {
        match self {
            TextClass::Union => '?',
            TextClass::Office | TextClass::Party | TextClass::Edi => '-',
        }
    }
}

/// The byte of a character.
#[must_use]
pub fn encode(c: char) -> Option<u8> {
    match c {
        '¥' => Some(0x5C),
        '\\' => None,
        ' '..='}' => u8::try_from(c).ok(),
        '｡'..='ﾟ' => u8::try_from(u32::from(c) - u32::from('｡') + 0xA1).ok(),
        _ => None,
    }
}

/// The character of a byte.
#[must_use]
pub fn decode(byte: u8) -> Option<char> {
    match byte {
        0x5C => Some('¥'),
        0x20..=0x7D => Some(char::from(byte)),
        0xA1..=0xDF => char::from_u32(u32::from('｡') + u32::from(byte) - 0xA1),
        _ => None,
    }
}

/// The text of bytes, with U+FFFD in the place of each that is no character of the formats.
#[must_use]
pub fn decode_lossy(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| decode(*byte).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A text brought into the characters of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    /// The text, each character of the class.
    pub text: String,
    /// How many characters have the substitute in their place.
    pub replaced: usize,
}

/// Brings a text into the characters of `class`: half width, capitals, katakana, large kana, `-`
/// for every dash; what there is no character for becomes the substitute, and is counted.
#[must_use]
pub fn fold(text: &str, class: TextClass) -> Folded {
    let is_written_so = |c: char| class.allows(c) && !matches!(c, 'ﾞ' | 'ﾟ');
    if text.chars().all(is_written_so) {
        return Folded { text: text.to_owned(), replaced: 0 };
    }
    let mut folded = Folded { text: String::new(), replaced: 0 };
    for c in text.nfkc().flat_map(|c| std::iter::once(plain(c)).nfd()) {
        let half = match c {
            '\u{3099}' => 'ﾞ',
            '\u{309A}' => 'ﾟ',
            _ => half_of(c),
        };
        let is_mark = matches!(half, 'ﾞ' | 'ﾟ');
        let fits = !is_mark || takes_mark(folded.text.chars().next_back(), half);
        if class.allows(half) && fits {
            folded.text.push(half);
        } else {
            folded.text.push(class.substitute());
            folded.replaced += 1;
        }
    }
    folded
}

/// The first `length` characters, but never a kana without its mark.
#[must_use]
pub fn cut(text: &str, length: usize) -> &str {
    let mut ends = text.char_indices().skip(length);
    let Some((end, next)) = ends.next() else { return text };
    let kept = text.get(..end).unwrap_or(text);
    if matches!(next, 'ﾞ' | 'ﾟ') {
        let last = kept.char_indices().next_back().map_or(0, |(last, _)| last);
        return kept.get(..last).unwrap_or(kept);
    }
    kept
}

/// Katakana, large, with plain signs.
fn plain(c: char) -> char {
    let c = match u32::from(c) {
        code @ 0x3041..=0x3096 => char::from_u32(code + 0x60).unwrap_or(c),
        _ => c,
    };
    match c {
        'ァ' => 'ア',
        'ィ' | 'ヰ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' | 'ヱ' => 'エ',
        'ォ' => 'オ',
        'ッ' => 'ツ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ヮ' => 'ワ',
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        'ー' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '〜' => '-',
        '・' => '.',
        '「' => '｢',
        '」' => '｣',
        '\\' => '¥',
        _ => c.to_ascii_uppercase(),
    }
}

/// Large katakana without marks in the order of the half-width ones, which begin at ｱ.
const LARGE: &str =
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

/// The half-width form of a large katakana without mark; whatever has none stays.
fn half_of(full: char) -> char {
    if full == 'ヲ' {
        return 'ｦ';
    }
    let place = LARGE.chars().zip('ｱ'..='ﾝ').find(|(of, _)| *of == full);
    place.map_or(full, |(_, half)| half)
}

/// ﾞ follows カ, サ, タ, ハ and ウ only; ﾟ follows ハ only.
fn takes_mark(before: Option<char>, mark: char) -> bool {
    let of_both = matches!(before, Some('ﾊ'..='ﾎ'));
    of_both || mark == 'ﾞ' && matches!(before, Some('ｶ'..='ﾄ' | 'ｳ'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_brought_into_the_fields_characters() {
        for (typed, folded, replaced) in [
            ("しらかば　はなこ", "ｼﾗｶﾊﾞ ﾊﾅｺ", 0),
            ("カ）アオバショウジ", "ｶ)ｱｵﾊﾞｼﾖｳｼﾞ", 0),
            ("ｶ)ｱｵﾊﾞｼｮｳｼﾞ", "ｶ)ｱｵﾊﾞｼﾖｳｼﾞ", 0),
            ("ポーラ・ａｂｃ", "ﾎﾟ-ﾗ.ABC", 0),
            ("ヴァイオリン", "ｳﾞｱｲｵﾘﾝ", 0),
            ("ﾂﾊﾞﾒｶｰﾄﾞ", "ﾂﾊﾞﾒｶ-ﾄﾞ", 0),
            ("白樺", "--", 2),
            ("ヺ", "--", 2),
            ("ﾞｶ", "-ｶ", 1),
            ("😀!", "--", 2),
        ] {
            let expected = Folded { text: folded.to_owned(), replaced };
            assert_eq!(fold(typed, TextClass::Party), expected, "{typed}");
        }
        assert_eq!(fold("給与?", TextClass::Union).text, "???");
        assert_eq!(fold("ヲ¥", TextClass::Edi), Folded { text: "ｦ¥".to_owned(), replaced: 0 });
        assert_eq!(fold("ヲ", TextClass::Party).replaced, 1);
    }

    #[test]
    fn each_character_of_a_class_has_one_byte_and_comes_back() {
        let all = (0x20..=0xFF_FF).filter_map(char::from_u32);
        let mut count = 0;
        for c in all.filter(|c| TextClass::Union.allows(*c)) {
            assert_eq!(encode(c).and_then(decode), Some(c), "{c}");
            count += 1;
        }
        // Kana with two marks and ｦ, letters, digits, space, signs.
        assert_eq!(count, 45 + 2 + 1 + 26 + 10 + 1 + 13);
        assert_eq!(
            (encode('\\'), encode('ー'), encode('‾'), decode(0x7F)),
            (None, None, None, None)
        );
        let narrower = [TextClass::Office, TextClass::Party, TextClass::Edi];
        for class in narrower {
            assert!(class.allows(class.substitute()) && !class.allows('ｰ') && !class.allows('ｧ'));
        }
    }

    #[test]
    fn a_cut_leaves_no_kana_without_its_mark() {
        assert_eq!(cut("ｱｶﾞｻ", 2), "ｱ");
        assert_eq!(cut("ｱｶﾞｻ", 3), "ｱｶﾞ");
        assert_eq!(cut("ｱｶﾞｻ", 4), "ｱｶﾞｻ");
        assert_eq!(cut("ABC", 0), "");
    }
}
