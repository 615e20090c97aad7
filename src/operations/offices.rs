//! The directory of banks and branches as the check of files in the banks' formats asks for it.

use chrono::{NaiveDate, TimeDelta};

use crate::domain::directory::{Catalogue, Directory, OwnBank};
use crate::zengin::check::{BankDirectory, Office};

/// Banks open and rename branches every few weeks: a list of this age, in days, does not prove that
/// a code is wrong.
const OLD_DAYS: i64 = 90;

/// Banks and branches, as of a day.
#[derive(Debug, Clone, Copy)]
pub struct Offices<'a> {
    directory: &'a Directory,
    own: &'a [OwnBank],
    is_old: bool,
}

impl<'a> Offices<'a> {
    /// The list and the banks of this installation, on this day.
    #[must_use]
    pub fn new(catalogue: Catalogue<'a>, today: NaiveDate) -> Offices<'a> {
        let Catalogue { directory, own } = catalogue;
        let is_old = today - directory.as_of() > TimeDelta::days(OLD_DAYS);
        Offices { directory, own, is_old }
    }

    /// The same where nobody vouches for the list: an unknown code is a warning whatever its age.
    #[must_use]
    pub fn of_any_age(catalogue: Catalogue<'a>) -> Offices<'a> {
        let Catalogue { directory, own } = catalogue;
        Offices { directory, own, is_old: true }
    }
}

impl BankDirectory for Offices<'_> {
    fn bank(&self, code: &str) -> Option<Office<'_>> {
        let catalogue = Catalogue { directory: self.directory, own: self.own };
        let bank = catalogue.find_bank(code)?;
        Some(Office { name: bank.name, kana: bank.kana })
    }

    fn branch(&self, bank_code: &str, code: &str) -> Option<Office<'_>> {
        if let Some(branch) = self.directory.find_branch(bank_code, code) {
            return Some(Office { name: branch.name, kana: branch.kana });
        }
        let own = self.own.iter().filter(|bank| bank.code == bank_code);
        let (_, name) = own.flat_map(|bank| &bank.branches).find(|(of, _)| of == code)?;
        Some(Office { name, kana: "" })
    }

    fn as_of(&self) -> NaiveDate {
        self.directory.as_of()
    }

    fn is_old(&self) -> bool {
        self.is_old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_branches_are_known_beside_those_of_the_list() {
        let directory = Directory::builtin();
        let own = [OwnBank {
            code: "1999".to_owned(),
            name: "あおば信用金庫".to_owned(),
            kana: "アオバ".to_owned(),
            branches: vec![("001".to_owned(), "本店".to_owned())],
        }];
        let as_of = directory.as_of();
        let at = |days| {
            let catalogue = Catalogue { directory, own: &own };
            Offices::new(catalogue, as_of + TimeDelta::days(days))
        };
        let offices = at(OLD_DAYS);
        assert_eq!(offices.bank("1999").map(|bank| bank.kana), Some("アオバ"));
        assert_eq!(offices.branch("1999", "001").map(|branch| branch.name), Some("本店"));
        assert!(offices.branch("1999", "002").is_none() && offices.bank("1998").is_none());
        let bank = directory.banks().next().unwrap();
        let branch = directory.branches_of(bank.code).next().unwrap();
        assert_eq!(offices.bank(bank.code).map(|found| found.name), Some(bank.name));
        let found = offices.branch(bank.code, branch.code);
        assert_eq!(found.map(|found| found.name), Some(branch.name));
        assert_eq!((offices.as_of(), offices.is_old()), (as_of, false));
        assert!(at(OLD_DAYS + 1).is_old());
        assert!(Offices::of_any_age(Catalogue { directory, own: &[] }).is_old());
    }
}
