//! Reading a list, strictly: whoever gives a broken one hears in which line.

use std::ops::Range;

use chrono::NaiveDate;

use super::{Directory, DirectoryError, Place};

const HEADER: &str = "madoguchi directory 1";
const BANK_DIGITS: usize = 4;
const BRANCH_DIGITS: usize = 3;
/// Longest name, in characters; the columns of payees take it.
const NAME_LENGTH_MAX: usize = 60;
const BANKS_MAX: usize = 5_000;
const BRANCHES_MAX: usize = 100_000;

/// What was read so far.
#[derive(Default)]
struct Reader {
    as_of: Option<NaiveDate>,
    often: Range<usize>,
    banks: Vec<Place>,
    branches: Vec<Place>,
}

pub(super) fn parse(text: String) -> Result<Directory, DirectoryError> {
    let mut reader = Reader::default();
    let (mut at, mut last) = (0, 1);
    for (place, line) in text.split('\n').enumerate() {
        if !line.is_empty() {
            last = place + 1;
        }
        let wrong = |why: String| DirectoryError { line: place + 1, why };
        let bare = line.strip_suffix('\r').unwrap_or(line);
        if place == 0 {
            if bare != HEADER {
                return Err(wrong(format!("a directory begins with the line `{HEADER}`")));
            }
        } else {
            reader.line(&text, at, bare).map_err(wrong)?;
        }
        at += line.len() + 1;
    }
    let at_end = |why: &str| DirectoryError { line: last, why: why.to_owned() };
    let as_of = reader.as_of.ok_or_else(|| at_end("no line `as_of`; add one, as 2026-08-24"))?;
    if reader.branches.is_empty() {
        return Err(at_end("no bank with a branch; is the file cut off?"));
    }
    reader.close_bank().map_err(|why| DirectoryError { line: last, why })?;
    let Reader { often, banks, branches, .. } = reader;
    Ok(Directory { text, as_of, often, banks, branches })
}

impl Reader {
    fn line(&mut self, text: &str, at: usize, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let (first, rest) = line.split_once('\t').ok_or("parts stand between tabs")?;
        let rest_at = at + first.len() + 1;
        match first {
            "as_of" => {
                let day = NaiveDate::parse_from_str(rest, "%Y-%m-%d");
                let day = day.map_err(|_| "as_of is a day, as 2026-08-24".to_owned())?;
                if self.as_of.replace(day).is_some() {
                    return Err("as_of stands there twice".to_owned());
                }
                Ok(())
            }
            "often" => {
                if !rest.split(' ').all(|code| is_digits(code, BANK_DIGITS)) {
                    return Err("often has bank codes of four digits, with spaces".to_owned());
                }
                self.often = rest_at..rest_at + rest.len();
                Ok(())
            }
            code if is_digits(code, BANK_DIGITS) => {
                self.close_bank()?;
                let place = self.place(at, code, rest)?;
                let is_next =
                    self.banks.last().is_none_or(|bank| text.get(bank.code.clone()) < Some(code));
                push(&mut self.banks, place, is_next, BANKS_MAX)
            }
            code if is_digits(code, BRANCH_DIGITS) => {
                let bank = self.banks.last().ok_or("a branch before any bank")?;
                let of_bank = self.branches.get(bank.branches.start..).unwrap_or_default();
                let before = of_bank.last().and_then(|branch| text.get(branch.code.clone()));
                let is_next = before.is_none_or(|before| before < code);
                let place = self.place(at, code, rest)?;
                push(&mut self.branches, place, is_next, BRANCHES_MAX)
            }
            _ => {
                Err("a line begins with a bank's 4 digits, a branch's 3, as_of or often".to_owned())
            }
        }
    }

    fn place(&self, at: usize, code: &str, rest: &str) -> Result<Place, String> {
        let (name, kana) = rest.split_once('\t').ok_or("name and kana stand behind the code")?;
        check_name(name)?;
        if kana.is_empty() || !kana.chars().all(is_kana) {
            return Err("kana are full-width katakana, capitals, digits, `－` and `．`".to_owned());
        }
        let name_at = at + code.len() + 1;
        let kana_at = name_at + name.len() + 1;
        Ok(Place {
            code: at..at + code.len(),
            name: name_at..name_at + name.len(),
            kana: kana_at..kana_at + kana.len(),
            branches: self.branches.len()..self.branches.len(),
        })
    }

    /// The bank above has all its branches now.
    fn close_bank(&mut self) -> Result<(), String> {
        let end = self.branches.len();
        match self.banks.last_mut() {
            Some(bank) if bank.branches.start == end => {
                Err("the bank above has no branch".to_owned())
            }
            Some(bank) => {
                bank.branches.end = end;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

fn push(places: &mut Vec<Place>, place: Place, is_next: bool, max: usize) -> Result<(), String> {
    if !is_next {
        return Err("codes rise, and none stands there twice".to_owned());
    }
    if places.len() >= max {
        return Err(format!("more than {max} of them"));
    }
    places.push(place);
    Ok(())
}

fn check_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    let is_good = (1..=NAME_LENGTH_MAX).contains(&length)
        && name.trim() == name
        && !name.chars().any(char::is_control);
    if is_good { Ok(()) } else { Err(format!("a name has 1 to {NAME_LENGTH_MAX} characters")) }
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_kana(c: char) -> bool {
    matches!(c, 'ァ'..='ヴ' | 'ー' | '－' | '．' | 'Ａ'..='Ｚ' | '０'..='９' | ' ' | '　')
}
