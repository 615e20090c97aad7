//! What counts as the same letter when people search: width, case, hiragana, small kana, long
//! vowels; and romaji, in which Hepburn, Kunrei and what stands in the list come out alike.

use unicode_normalization::UnicodeNormalization;

/// A row of the fifty sounds, as lists are cut by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GojuonRow {
    /// Its first kana, by which it is called.
    pub head: char,
    /// All of it.
    pub kana: &'static str,
}

/// The rows from あ to わ.
pub const ROWS: [GojuonRow; 10] = [
    GojuonRow { head: 'あ', kana: "あいうえお" },
    GojuonRow { head: 'か', kana: "かきくけこ" },
    GojuonRow { head: 'さ', kana: "さしすせそ" },
    GojuonRow { head: 'た', kana: "たちつてと" },
    GojuonRow { head: 'な', kana: "なにぬねの" },
    GojuonRow { head: 'は', kana: "はひふへほ" },
    GojuonRow { head: 'ま', kana: "まみむめも" },
    GojuonRow { head: 'や', kana: "やゆよ" },
    GojuonRow { head: 'ら', kana: "らりるれろ" },
    GojuonRow { head: 'わ', kana: "わをん" },
];

/// Whether `kana` begins with this hiragana, voiced or not.
#[must_use]
pub fn is_of_initial(kana: &str, initial: char) -> bool {
    kana.chars().next().is_some_and(|first| plain_hiragana(first) == initial)
}

/// A kana as unvoiced hiragana.
fn plain_hiragana(c: char) -> char {
    let hiragana = match u32::from(c) {
        code @ 0x30A1..=0x30F6 => char::from_u32(code - 0x60).unwrap_or(c),
        _ => c,
    };
    std::iter::once(hiragana).nfd().next().unwrap_or(hiragana)
}

/// A letter of a name or of kana as it is compared: capitals of half width, large katakana. Nothing
/// for what is left out: spaces, hyphens, the long-vowel mark, dots.
pub(super) fn letter(c: char) -> Option<char> {
    let c = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        _ => c,
    };
    if matches!(c, ' ' | '　' | '-' | 'ー' | '‐' | '−' | '・' | '.' | '\'') {
        return None;
    }
    Some(match c {
        'ァ' => 'ア',
        'ィ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' => 'エ',
        'ォ' => 'オ',
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        'ッ' => 'ツ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ヮ' => 'ワ',
        _ => c.to_ascii_uppercase(),
    })
}

/// What people typed, as it is compared.
pub(super) fn folded(typed: &str) -> String {
    // NFKC makes half-width kana, squared words and the like what they stand for.
    typed.nfkc().filter_map(letter).collect()
}

/// Writes `text` into `out` as it is compared; `out` is used again and again.
pub(super) fn fold_into(text: &str, out: &mut String) {
    out.clear();
    out.extend(text.chars().filter_map(letter));
}

const ROMAJI: &[(&str, &str)] = &[
    ("アイウエオ", "a i u e o"),
    ("カキクケコ", "ka ki ku ke ko"),
    ("ガギグゲゴ", "ga gi gu ge go"),
    ("サシスセソ", "sa si su se so"),
    ("ザジズゼゾ", "za zi zu ze zo"),
    ("タチツテト", "ta ti tu te to"),
    ("ダヂヅデド", "da zi zu de do"),
    ("ナニヌネノ", "na ni nu ne no"),
    ("ハヒフヘホ", "ha hi hu he ho"),
    ("バビブベボ", "ba bi bu be bo"),
    ("パピプペポ", "pa pi pu pe po"),
    ("マミムメモ", "ma mi mu me mo"),
    ("ヤユヨ", "ya yu yo"),
    ("ラリルレロ", "ra ri ru re ro"),
    ("ワヰヱヲンヴ", "wa i e o n bu"),
];

fn romaji(kana: char) -> Option<&'static str> {
    let (kanas, sounds) = ROMAJI.iter().find(|(kanas, _)| kanas.contains(kana))?;
    let at = kanas.chars().position(|known| known == kana)?;
    sounds.split(' ').nth(at)
}

/// Kana as loose romaji: `トウキヨウ` is `tokiyo`, as `Tokyo`, `toukyou` and `Tôkyô` are.
pub(super) fn kana_sound_into(kana: &str, out: &mut String) {
    out.clear();
    for c in kana.chars().filter_map(letter) {
        match romaji(c) {
            Some(sound) => out.push_str(sound),
            None => out.push(c.to_ascii_lowercase()),
        }
    }
    let loose = loosened(out);
    out.clear();
    out.push_str(&loose);
}

/// Whether this is typed in Roman letters, with or without marks for long vowels.
pub(super) fn is_roman(typed: &str) -> bool {
    typed.nfkd().all(|c| c.is_ascii() || is_combining(c))
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}')
}

/// Romaji as typed, made as loose as [`kana_sound_into`] makes kana.
pub(super) fn typed_sound(typed: &str) -> String {
    let plain: String = typed.nfkd().filter(char::is_ascii_alphanumeric).collect();
    let mut text = plain.to_ascii_lowercase();
    // Longer spellings first.
    for (from, to) in [
        ("tch", "ttiy"),
        ("cch", "ttiy"),
        ("sh", "siy"),
        ("ch", "tiy"),
        ("ts", "t"),
        ("f", "h"),
        ("j", "ziy"),
        ("dz", "z"),
        ("di", "zi"),
        ("du", "zu"),
        ("v", "b"),
        ("iyi", "i"),
        ("mb", "nb"),
        ("mp", "np"),
    ] {
        text = text.replace(from, to);
    }
    let mut out = String::new();
    let letters: Vec<char> = text.chars().collect();
    for (at, &c) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied();
        let after = letters.get(at + 1).copied();
        let is_consonant = !is_vowel(c) && c.is_ascii_alphabetic();
        if is_consonant && c != 'n' && after == Some(c) {
            // ッ stands in the list as ツ.
            out.push_str("tu");
        } else if c == 'y' && before.is_some_and(|before| !is_vowel(before)) {
            // きょ stands in the list as キヨ.
            out.push_str("iy");
        } else {
            out.push(c);
        }
    }
    loosened(&out)
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'i' | 'u' | 'e' | 'o')
}

/// Without long vowels, with one n for two, and alike for んよ and にょ.
fn loosened(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("niy", "ny").chars() {
        let before = out.chars().last();
        let is_long = matches!((before, c), (Some('o' | 'u'), 'u') | (Some('o'), 'o'))
            || before == Some('n') && c == 'n';
        if !is_long {
            out.push(c);
        }
    }
    out
}
