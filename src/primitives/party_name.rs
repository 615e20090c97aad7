//! Names of payers and payees as the Zengin formats hold them (受取人名, 依頼人名, 口座名): half-width
//! kana, capitals, digits, space and `( ) - .`.
//!
//! [`convert`] makes such a name out of what people type, by ten rules:
//!
//! 1. full-width letters, digits and space become half width, small letters capitals;
//! 2. hiragana become katakana;
//! 3. small kana become large, ヰ and ヱ become イ and エ; ヷ ヸ ヹ ヺ are refused;
//! 4. the long-vowel mark and every dash become `-`;
//! 5. voiced kana become two characters, also where the mark was typed apart;
//! 6. `・` becomes `.`, full-width brackets half-width ones; commas and 「」 are refused;
//! 7. kanji are refused: nobody guesses how a name is read;
//! 8. words for companies (株式会社) are offered in their short form (`ｶ)`);
//! 9. the length is counted with the marks, and a name that is too long is refused, with its
//!    beginning as an offer;
//! 10. a mark stands behind a kana that can have it.
//!
//! Every change is reported, so that a screen can show what was typed and what is sent.

mod company;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// Longest 受取人名 in the formats.
pub const PAYEE_NAME_MAX: usize = 30;

/// A kind of change that was made, in the order of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameChange {
    /// Full width to half width.
    Width,
    /// Small letters to capitals.
    Case,
    /// Hiragana to katakana.
    Hiragana,
    /// Small kana to large.
    SmallKana,
    /// ヰ, ヱ to イ, エ.
    OldKana,
    /// ー and dashes to `-`.
    Dash,
    /// A mark that was typed apart.
    Mark,
    /// `・` to `.`.
    Dot,
    /// Spaces at the ends, or several in a row.
    Spaces,
}

/// A name that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// As it is sent.
    pub name: String,
    /// What had to be changed; nothing where it was typed like that.
    pub changes: BTreeSet<NameChange>,
}

/// Why a name cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameProblem {
    /// Nothing is left of it.
    Empty,
    /// Kanji: these.
    Kanji(String),
    /// ヷ, ヸ, ヹ or ヺ: these.
    OldVoiced(String),
    /// ヲ, which names have as オ.
    Wo,
    /// Commas: banks use them between fields.
    Comma(String),
    /// Other characters that no name has: these.
    NotAllowed(String),
    /// A voiced mark behind nothing that can have one; what stands before it, if anything.
    LonelyMark(Option<char>),
    /// A company's word that has a short form; the whole name with it.
    CompanyWord {
        /// As typed.
        word: &'static str,
        /// The short form, as `ｶ)`.
        short: String,
        /// What the name would be, if the rest can be sent.
        offer: String,
    },
    /// Longer than the field.
    TooLong {
        /// How long it is.
        length: usize,
        /// As much of it as the field holds, no kana parted from its mark.
        offer: String,
    },
}

/// Makes a name that can be sent out of what was typed, of `length_max` characters at most.
///
/// # Errors
/// What stands in the way, the first by the rules.
pub fn convert(typed: &str, length_max: usize) -> Result<Converted, NameProblem> {
    if let Some(found) = company::find(typed) {
        // The rest has to be good for the offer to be one.
        let offer = spell(&found.replaced)?.name;
        return Err(NameProblem::CompanyWord { word: found.word, short: found.short, offer });
    }
    let converted = spell(typed)?;
    let length = converted.name.chars().count();
    if length > length_max {
        let offer = beginning(&converted.name, length_max);
        return Err(NameProblem::TooLong { length, offer });
    }
    Ok(converted)
}

/// Whether this is a party name as the formats want it: the check that every converted name
/// passes.
#[must_use]
pub fn is_party_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_allowed) && lonely_mark(name).is_none()
}

/// Rules 1 to 7 and 10.
fn spell(typed: &str) -> Result<Converted, NameProblem> {
    let mut changes = BTreeSet::new();
    let mut name = String::new();
    let mut refused = Refused::default();
    for c in typed.chars() {
        if !push(c, &mut name, &mut changes) {
            refused.add(c);
        }
    }
    if let Some(problem) = refused.problem() {
        return Err(problem);
    }
    let trimmed = name.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if trimmed != name {
        changes.insert(NameChange::Spaces);
    }
    if trimmed.is_empty() {
        return Err(NameProblem::Empty);
    }
    match lonely_mark(&trimmed) {
        Some(before) => Err(NameProblem::LonelyMark(before)),
        None => Ok(Converted { name: trimmed, changes }),
    }
}

/// Adds one character as it is sent; false where it cannot be.
fn push(typed: char, name: &mut String, changes: &mut BTreeSet<NameChange>) -> bool {
    let mut note = |change: NameChange| {
        changes.insert(change);
    };
    let mut c = typed;
    if let '\u{FF01}'..='\u{FF5E}' = c {
        c = char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c);
        note(NameChange::Width);
    } else if c == '\u{3000}' {
        c = ' ';
        note(NameChange::Width);
    }
    if c.is_ascii_lowercase() {
        c = c.to_ascii_uppercase();
        note(NameChange::Case);
    }
    if let 'ぁ'..='ゖ' = c {
        c = char::from_u32(u32::from(c) + 0x60).unwrap_or(c);
        note(NameChange::Hiragana);
    } else if let 'ァ'..='ヺ' = c {
        note(NameChange::Width);
    }
    if let Some(large) = large(c) {
        c = large;
        note(NameChange::SmallKana);
    }
    if let Some(usual) = usual(c) {
        c = usual;
        note(NameChange::OldKana);
    }
    if is_dash(c) {
        c = '-';
        note(NameChange::Dash);
    }
    if let Some(mark) = mark(c) {
        c = mark;
        note(NameChange::Mark);
    }
    if matches!(c, '・' | '･') {
        c = '.';
        note(NameChange::Dot);
    }
    if is_allowed(c) {
        name.push(c);
        return true;
    }
    push_kana(c, name)
}

/// A full-width katakana as half-width ones.
fn push_kana(c: char, name: &mut String) -> bool {
    let before = name.len();
    // ヷ and the like come apart too, but no name has them.
    if !matches!(c, 'ア'..='ヴ') {
        return false;
    }
    for part in std::iter::once(c).nfd() {
        match mark(part).or_else(|| half_of(part)).filter(|half| is_allowed(*half)) {
            Some(half) => name.push(half),
            None => {
                name.truncate(before);
                return false;
            }
        }
    }
    true
}

fn half_of(full: char) -> Option<char> {
    ('ｱ'..='ﾝ').find(|half| std::iter::once(*half).nfkc().eq(std::iter::once(full)))
}

/// What may stand in a party name.
fn is_allowed(c: char) -> bool {
    matches!(c, 'ｱ'..='ﾝ' | 'ﾞ' | 'ﾟ' | 'A'..='Z' | '0'..='9' | ' ' | '(' | ')' | '-' | '.')
}

fn large(c: char) -> Option<char> {
    Some(match c {
        'ァ' | 'ｧ' => 'ｱ',
        'ィ' | 'ｨ' => 'ｲ',
        'ゥ' | 'ｩ' => 'ｳ',
        'ェ' | 'ｪ' => 'ｴ',
        'ォ' | 'ｫ' => 'ｵ',
        'ッ' | 'ｯ' => 'ﾂ',
        'ャ' | 'ｬ' => 'ﾔ',
        'ュ' | 'ｭ' => 'ﾕ',
        'ョ' | 'ｮ' => 'ﾖ',
        'ヮ' => 'ﾜ',
        'ヵ' => 'ｶ',
        'ヶ' => 'ｹ',
        _ => return None,
    })
}

fn usual(c: char) -> Option<char> {
    match c {
        'ヰ' => Some('ｲ'),
        'ヱ' => Some('ｴ'),
        _ => None,
    }
}

/// Everything that looks like the long-vowel mark; `-` itself is none.
fn is_dash(c: char) -> bool {
    matches!(c, 'ー' | 'ｰ' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{301C}' | '\u{FF5E}' | '~')
}

/// A voiced mark of any width, as the formats have it; the half-width ones are it already.
fn mark(c: char) -> Option<char> {
    match c {
        '\u{3099}' | '\u{309B}' => Some('ﾞ'),
        '\u{309A}' | '\u{309C}' => Some('ﾟ'),
        _ => None,
    }
}

/// The first mark that has no kana to stand behind: what it does stand behind.
fn lonely_mark(name: &str) -> Option<Option<char>> {
    let mut before = None;
    for c in name.chars() {
        let is_fitting = match c {
            'ﾞ' => matches!(before, Some('ｳ' | 'ｶ'..='ﾄ' | 'ﾊ'..='ﾎ')),
            'ﾟ' => matches!(before, Some('ﾊ'..='ﾎ')),
            _ => true,
        };
        if !is_fitting {
            return Some(before);
        }
        before = Some(c);
    }
    None
}

/// The first characters that a field holds.
fn beginning(name: &str, length_max: usize) -> String {
    let mut short: String = name.chars().take(length_max).collect();
    let next = name.chars().nth(length_max);
    if matches!(next, Some('ﾞ' | 'ﾟ')) {
        short.pop();
    }
    short.trim_end().to_owned()
}

/// What could not be sent, by why.
#[derive(Default)]
struct Refused {
    kanji: String,
    old_voiced: String,
    has_wo: bool,
    commas: String,
    others: String,
}

impl Refused {
    fn add(&mut self, c: char) {
        let into = match c {
            'ヷ'..='ヺ' => &mut self.old_voiced,
            'を' | 'ヲ' | 'ｦ' => {
                self.has_wo = true;
                return;
            }
            ',' | '，' | '、' | '､' => &mut self.commas,
            '\u{3400}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{3FFFF}'
            | '々' => &mut self.kanji,
            _ => &mut self.others,
        };
        if !into.contains(c) {
            into.push(c);
        }
    }

    fn problem(self) -> Option<NameProblem> {
        if !self.kanji.is_empty() {
            return Some(NameProblem::Kanji(self.kanji));
        }
        if !self.old_voiced.is_empty() {
            return Some(NameProblem::OldVoiced(self.old_voiced));
        }
        if !self.others.is_empty() {
            return Some(NameProblem::NotAllowed(self.others));
        }
        if !self.commas.is_empty() {
            return Some(NameProblem::Comma(self.commas));
        }
        self.has_wo.then_some(NameProblem::Wo)
    }
}
