//! Banks and branches against the directory. A file names few of them many times, so what was found
//! out about the last ones is kept.

use crate::zengin::check::Core;
use crate::zengin::check::code::{Code, Severity};
use crate::zengin::check::expected::{BankDirectory, Office};
use crate::zengin::check::fields::is_blank;
use crate::zengin::check::finding::Finding;
use crate::zengin::check::keyed::Keyed;
use crate::zengin::layout::Field;
use crate::zengin::text::{TextClass, decode_lossy, fold};

/// How many pairs of bank and branch are kept.
const KEPT: usize = 4096;

/// Pairs of bank and branch with their names that are as the directory says.
#[derive(Debug)]
pub(super) struct Offices {
    keyed: Keyed,
    /// The hash of codes and names of a pair at the place that it says, and what was found.
    kept: Vec<Option<(u64, Verdict)>>,
}

/// What is wrong with a bank and its branch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Verdict {
    is_bank_unknown: bool,
    is_branch_unknown: bool,
    has_other_bank_name: bool,
    has_other_branch_name: bool,
}

/// Where a record names its bank and branch.
#[derive(Clone, Copy)]
pub(super) struct OfficePlace<'r> {
    pub no: u64,
    pub record: &'r [u8],
    pub bank_code: &'static Field,
    pub bank_name: &'static Field,
    pub branch_code: &'static Field,
    pub branch_name: &'static Field,
}

impl Offices {
    pub(super) fn new() -> Offices {
        Offices { keyed: Keyed::new(), kept: Vec::new() }
    }

    fn verdict(&mut self, directory: &dyn BankDirectory, place: OfficePlace<'_>) -> Verdict {
        // Bank's code and name, branch's code and name follow each other.
        let all = place.record.get(place.bank_code.from - 1..place.branch_name.to());
        let hash = self.keyed.hash_bytes(all.unwrap_or_default());
        if self.kept.is_empty() {
            self.kept = vec![None; KEPT];
        }
        let at = usize::try_from(hash % (1 << 12)).unwrap_or_default();
        let Some(kept) = self.kept.get_mut(at) else { return judge(directory, place) };
        match kept {
            Some((of, verdict)) if *of == hash => *verdict,
            _ => kept.insert((hash, judge(directory, place))).1,
        }
    }
}

fn judge(directory: &dyn BankDirectory, place: OfficePlace<'_>) -> Verdict {
    let code = |field: &Field| decode_lossy(field.of(place.record));
    let bank_code = code(place.bank_code);
    let Some(bank) = directory.bank(&bank_code) else {
        return Verdict { is_bank_unknown: true, ..Verdict::default() };
    };
    let has_other_bank_name = is_other_name(place.bank_name.of(place.record), bank, "ｷﾞﾝｺｳ");
    let Some(branch) = directory.branch(&bank_code, &code(place.branch_code)) else {
        return Verdict { is_branch_unknown: true, has_other_bank_name, ..Verdict::default() };
    };
    let has_other_branch_name = is_other_name(place.branch_name.of(place.record), branch, "ｼﾃﾝ");
    Verdict { has_other_bank_name, has_other_branch_name, ..Verdict::default() }
}

/// Whether a name is another one than the directory's; with or without the usual ending, and cut
/// off where the field is full.
fn is_other_name(bytes: &[u8], office: Office<'_>, ending: &str) -> bool {
    if is_blank(bytes) || office.kana.is_empty() {
        return false;
    }
    let plain = |text: &str| text.replace(['-', ' '], "");
    let found = plain(&decode_lossy(bytes));
    let known = plain(&fold(office.kana, TextClass::Office).text);
    let is_cut = bytes.last() != Some(&b' ');
    let is_same = found == known
        || found.strip_prefix(&known) == Some(ending)
        || is_cut && (known.starts_with(&found) || format!("{known}{ending}").starts_with(&found));
    !is_same
}

impl Core<'_> {
    /// Looks bank and branch up.
    pub(super) fn check_offices(&mut self, place: OfficePlace<'_>) {
        let Some(directory) = self.expected.directory else {
            // No bank has this code, whatever the directory.
            if place.bank_code.of(place.record) == b"0000" {
                let expected = "統一金融機関番号";
                self.office(Code::UnknownBank, Severity::Error, place, place.bank_code, expected);
            }
            return;
        };
        let verdict = self.offices.verdict(directory, place);
        if verdict == Verdict::default() {
            return;
        }
        let bank_code = decode_lossy(place.bank_code.of(place.record));
        let branch_code = decode_lossy(place.branch_code.of(place.record));
        let severity = if directory.is_old() { Severity::Warning } else { Severity::Error };
        let listed =
            || format!("{}現在の一覧にある番号", directory.as_of().format("%Y年%-m月%-d日"));
        if verdict.is_bank_unknown {
            self.office(Code::UnknownBank, severity, place, place.bank_code, &listed());
        }
        if verdict.is_branch_unknown {
            self.office(Code::UnknownBranch, severity, place, place.branch_code, &listed());
        }
        for (is_other, field, office) in [
            (verdict.has_other_bank_name, place.bank_name, directory.bank(&bank_code)),
            (
                verdict.has_other_branch_name,
                place.branch_name,
                directory.branch(&bank_code, &branch_code),
            ),
        ] {
            if !is_other {
                continue;
            }
            if !self.findings.wants(Severity::Info) {
                self.findings.count_only(Severity::Info);
                continue;
            }
            let name = office.map(|office| fold(office.kana, TextClass::Office).text);
            let name = name.unwrap_or_default();
            self.office(Code::OfficeName, Severity::Info, place, field, &name);
        }
    }

    fn office(
        &mut self,
        code: Code,
        severity: Severity,
        place: OfficePlace<'_>,
        field: &Field,
        expected: &str,
    ) {
        let finding = Finding::new(code, place.no).at(field.from).of(field.label);
        let found = crate::zengin::check::show::show(field.of(place.record));
        self.findings.add(finding.found(found).expected(expected).graded(severity));
    }
}
