//! The directory of banks and branches: the list that is built in (data/directory.gz, from the MIT
//! licensed package zengin-code), or a newer one that was given at the start.
//!
//! The list is one text that is kept as it is; banks and branches are places in it, so that reading
//! it allocates next to nothing, and a search allocates only its answers.
//!
//! A line is a bank (`0001`, name, kana), a branch of the bank above (`001`, name, kana), a remark
//! (`#`), or one of the two facts `as_of` and `often`; its parts stand between tabs.

mod fold;
mod read;
mod search;
#[cfg(test)]
mod tests;

use std::io::Read;
use std::ops::Range;
use std::sync::LazyLock;

use chrono::NaiveDate;

pub use self::fold::{GojuonRow, ROWS, is_of_initial};
pub use self::search::{Query, search};

/// The list that is built in, as `bin/directory` writes it.
const BUILT_IN: &[u8] = include_bytes!("../../data/directory.gz");
/// The built-in list has a fifth of that; nobody's is longer.
const LENGTH_MAX: u64 = 8 * 1024 * 1024;

/// What is wrong with a list: the line, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct DirectoryError {
    /// From one.
    pub line: usize,
    /// In English, for whoever runs the server.
    pub why: String,
}

/// A bank or a branch: places in the list's text.
#[derive(Debug, Clone)]
struct Place {
    code: Range<usize>,
    name: Range<usize>,
    kana: Range<usize>,
    /// Its branches, of a bank.
    branches: Range<usize>,
}

/// The list.
#[derive(Debug, Clone)]
pub struct Directory {
    text: String,
    as_of: NaiveDate,
    often: Range<usize>,
    banks: Vec<Place>,
    branches: Vec<Place>,
}

/// A bank or a branch as it is shown and searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry<'a> {
    /// 金融機関コード of four digits, or 店番 of three.
    pub code: &'a str,
    /// As in the list, without 銀行 and 支店.
    pub name: &'a str,
    /// Full-width katakana with large letters only, as `トウキヨウ`; empty where nobody knows it.
    pub kana: &'a str,
}

/// A bank of this installation, from a profile, with the branches that its accounts have: it is
/// there whether the list knows it or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnBank {
    /// 金融機関コード.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its name in full-width kana.
    pub kana: String,
    /// Code and name of its branches.
    pub branches: Vec<(String, String)>,
}

impl Directory {
    /// The list that is built in; read once, when somebody first asks.
    #[must_use]
    pub fn builtin() -> &'static Directory {
        static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| {
            let mut text = String::new();
            let mut packed = flate2::read::GzDecoder::new(BUILT_IN).take(LENGTH_MAX);
            // A test reads what is built in; were it broken, there would be the own banks only.
            let is_read = packed.read_to_string(&mut text).is_ok();
            let text = if is_read { text } else { String::new() };
            Directory::parse(text).unwrap_or_else(|_| Directory::empty())
        });
        &DIRECTORY
    }

    fn empty() -> Directory {
        let (text, as_of) = (String::new(), NaiveDate::default());
        Directory { text, as_of, often: 0..0, banks: Vec::new(), branches: Vec::new() }
    }

    /// Reads a list.
    ///
    /// # Errors
    /// The first mistake, with its line.
    pub fn parse(text: String) -> Result<Directory, DirectoryError> {
        read::parse(text)
    }

    /// Of which day the list is.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// How many banks there are.
    #[must_use]
    pub fn bank_count(&self) -> usize {
        self.banks.len()
    }

    /// How many branches there are.
    #[must_use]
    pub fn branch_count(&self) -> usize {
        self.branches.len()
    }

    /// All banks in order of their codes.
    pub fn banks(&self) -> impl Iterator<Item = Entry<'_>> {
        self.banks.iter().map(|place| self.entry(place))
    }

    /// The bank of this code.
    #[must_use]
    pub fn find_bank(&self, code: &str) -> Option<Entry<'_>> {
        Some(self.entry(self.place_of(code)?))
    }

    /// The branches of a bank in order of their codes.
    pub fn branches_of(&self, bank_code: &str) -> impl Iterator<Item = Entry<'_>> {
        let range = self.place_of(bank_code).map_or(0..0, |bank| bank.branches.clone());
        let places = self.branches.get(range).unwrap_or_default();
        places.iter().map(|place| self.entry(place))
    }

    /// The branch of this code of a bank.
    #[must_use]
    pub fn find_branch(&self, bank_code: &str, code: &str) -> Option<Entry<'_>> {
        self.branches_of(bank_code).find(|branch| branch.code == code)
    }

    fn place_of(&self, code: &str) -> Option<&Place> {
        let code_of = |place: &Place| self.part(&place.code);
        let at = self.banks.binary_search_by(|place| code_of(place).cmp(code)).ok()?;
        self.banks.get(at)
    }

    fn entry(&self, place: &Place) -> Entry<'_> {
        let part = |range: &Range<usize>| self.part(range);
        Entry { code: part(&place.code), name: part(&place.name), kana: part(&place.kana) }
    }

    fn part(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }
}

/// The list together with the banks of this installation.
#[derive(Debug, Clone, Copy)]
pub struct Catalogue<'a> {
    /// The list.
    pub directory: &'a Directory,
    /// The portal's own bank first.
    pub own: &'a [OwnBank],
}

impl<'a> Catalogue<'a> {
    /// The portal's own bank and the others of this installation first, then the list.
    pub fn banks(self) -> impl Iterator<Item = Entry<'a>> {
        let own = self.own;
        let is_own = move |code: &str| own.iter().any(|bank| bank.code == code);
        let rest = self.directory.banks().filter(move |bank| !is_own(bank.code));
        own.iter().map(own_entry).chain(rest)
    }

    /// Whose branches people ask for most: the own bank, and those that the list names.
    #[must_use]
    pub fn often(self) -> Vec<Entry<'a>> {
        let codes = self.directory.part(&self.directory.often).split(' ');
        let mut banks: Vec<Entry<'a>> = self.own.iter().take(1).map(own_entry).collect();
        let listed = codes.filter_map(|code| self.directory.find_bank(code));
        for bank in listed {
            if banks.iter().all(|known| known.code != bank.code) {
                banks.push(bank);
            }
        }
        banks
    }

    /// The bank of this code.
    #[must_use]
    pub fn find_bank(self, code: &str) -> Option<Entry<'a>> {
        let own = self.own.iter().find(|bank| bank.code == code).map(own_entry);
        own.or_else(|| self.directory.find_bank(code))
    }

    /// The branches of a bank: those of the list, and those of own accounts that it lacks.
    #[must_use]
    pub fn branches_of(self, bank_code: &str) -> Vec<Entry<'a>> {
        let mut branches: Vec<Entry<'a>> = self.directory.branches_of(bank_code).collect();
        let own = self.own.iter().filter(|bank| bank.code == bank_code);
        let more: Vec<Entry<'a>> = own
            .flat_map(|bank| &bank.branches)
            .filter(|(code, _)| branches.iter().all(|known| known.code != code))
            .map(|(code, name)| Entry { code, name, kana: "" })
            .collect();
        branches.extend(more);
        branches.sort();
        branches.dedup_by(|one, other| one.code == other.code);
        branches
    }

    /// A branch with its bank.
    #[must_use]
    pub fn find(self, bank_code: &str, branch_code: &str) -> Option<(Entry<'a>, Entry<'a>)> {
        let bank = self.find_bank(bank_code)?;
        let branches = self.branches_of(bank_code);
        Some((bank, branches.into_iter().find(|branch| branch.code == branch_code)?))
    }
}

fn own_entry(bank: &OwnBank) -> Entry<'_> {
    Entry { code: &bank.code, name: &bank.name, kana: &bank.kana }
}
