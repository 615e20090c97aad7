//! Header records: whose file it is, and for which day.

use chrono::NaiveDate;

use crate::zengin::bulk::BulkHeader;
use crate::zengin::check::Core;
use crate::zengin::check::code::Code;
use crate::zengin::check::day::{FileDay, file_day};
use crate::zengin::check::expected::{DayVerdict, OwnAccount};
use crate::zengin::check::fields::severity_of;
use crate::zengin::check::finding::Finding;
use crate::zengin::check::show::show;
use crate::zengin::layout::{Field, FieldKind, Format};

/// A header of a known format.
#[derive(Clone, Copy)]
struct HeaderPlace<'r> {
    no: u64,
    format: &'static Format,
    record: &'r [u8],
}

impl HeaderPlace<'_> {
    fn field(&self, key: &str) -> Option<(&'static Field, &[u8])> {
        let field = self.format.header.field(key)?;
        Some((field, field.of(self.record)))
    }
}

impl Core<'_> {
    pub(super) fn check_header(&mut self, no: u64, record: &[u8]) {
        self.choose_format(no, record);
        record.clone_into(&mut self.header_bytes);
        self.group.has_header = self.plan.is_some();
        let Some(plan) = &self.plan else { return };
        let place = HeaderPlace { no, format: plan.format, record };
        let mut wrong = Vec::new();
        for field in place.format.header.fields {
            if !self.check_field(no, field, record) {
                wrong.push(field.key);
            }
        }
        self.check_code_kind(place);
        let day = self.check_file_day(place);
        if self.bulk_kind().is_none() {
            return;
        }
        let is_good = |key: &str| !wrong.contains(&key);
        if is_good("originator_code") {
            let expected = self.expected.originator_code;
            self.compare(place, "originator_code", expected, Code::OriginatorCode);
        }
        if is_good("own_bank_code") {
            let expected = self.expected.own_bank_code;
            self.compare(place, "own_bank_code", expected, Code::OwnBank);
        }
        let own_account = ["own_branch_code", "own_account_type", "own_account_no"];
        if own_account.into_iter().all(is_good) {
            self.check_own_account(place);
        }
        if self.header.is_none() {
            self.header = BulkHeader::read(record).ok();
            self.value_date = day;
        }
    }

    fn check_code_kind(&mut self, place: HeaderPlace<'_>) {
        let Some((field, bytes)) = place.field("code_kind") else { return };
        if bytes != b"0" {
            let finding = Finding::new(Code::CodeKind, place.no).at(field.from).of(field.label);
            self.findings.add(finding.found(show(bytes)).expected("0（JIS）"));
        }
    }

    fn compare(
        &mut self,
        place: HeaderPlace<'_>,
        key: &'static str,
        expected: Option<&str>,
        code: Code,
    ) {
        let (Some((field, bytes)), Some(expected)) = (place.field(key), expected) else { return };
        if bytes != expected.as_bytes() {
            let finding = Finding::new(code, place.no).at(field.from).of(field.label);
            self.findings.add(finding.found(show(bytes)).expected(expected));
        }
    }

    /// The day, of which year it is if that is known.
    fn check_file_day(&mut self, place: HeaderPlace<'_>) -> Option<NaiveDate> {
        let (field, bytes) = place.field("value_date")?;
        if field.kind != FieldKind::MonthDay {
            return None;
        }
        let finding = |code| Finding::new(code, place.no).at(field.from).of(field.label);
        let day = match file_day(bytes, self.expected.today) {
            FileDay::Some(day) => day?,
            FileDay::None => {
                let wrong = bytes.iter().position(|byte| !byte.is_ascii_digit());
                let finding = finding(Code::ValueDate).at(field.from + wrong.unwrap_or_default());
                let finding = finding.found(show(bytes)).expected("実在する月日4桁（MMDD）");
                self.findings.add(finding);
                return None;
            }
        };
        let code = String::from_utf8_lossy(place.record.get(1..3).unwrap_or_default());
        let verdict = self.expected.day.map_or(DayVerdict::Good, |judge| judge(&code, day));
        let (code, expected) = match verdict {
            DayVerdict::Good => return Some(day),
            DayVerdict::NotBusinessDay { next } => {
                let next = next.map(|next| format!("営業日（次は{}）", in_words(next)));
                (Code::NotBusinessDay, next.unwrap_or_else(|| "営業日".to_owned()))
            }
            DayVerdict::OutsideWindow { from, to } => {
                (Code::OutsideWindow, format!("{}から{}まで", in_words(from), in_words(to)))
            }
            DayVerdict::PastCutOff { until, first } => {
                (Code::PastCutOff, format!("{}以後（受付は{until}まででした）", in_words(first)))
            }
        };
        self.findings.add(finding(code).found(in_words(day)).expected(expected));
        Some(day)
    }

    fn check_own_account(&mut self, place: HeaderPlace<'_>) {
        let Some((branch, branch_code)) = place.field("own_branch_code") else { return };
        let Some((kind, account_type)) = place.field("own_account_type") else { return };
        let Some((number, account_no)) = place.field("own_account_no") else { return };
        let finding = |code, field: &Field, bytes: &[u8]| {
            Finding::new(code, place.no).at(field.from).of(field.label).found(show(bytes))
        };
        let is_empty = |bytes: &[u8]| bytes.iter().all(|byte| matches!(byte, b'0' | b' '));
        match (is_empty(account_type), is_empty(account_no)) {
            (true, true) => {
                if let Some(severity) = severity_of(self.settings.blank_own_account) {
                    let finding = finding(Code::AccountNumber, number, account_no);
                    self.findings.add(finding.expected("7桁の数字").graded(severity));
                }
            }
            (true, false) => {
                let finding = finding(Code::AccountType, kind, account_type);
                self.findings.add(finding.expected(kind.remark));
            }
            (false, true) => {
                let finding = finding(Code::AccountNumber, number, account_no);
                self.findings.add(finding.expected("7桁の数字"));
            }
            (false, false) => {}
        }
        let Some(own) = self.expected.own_accounts else { return };
        let is_given = |bytes: &[u8], of: &str| is_empty(bytes) || bytes == of.as_bytes();
        let is_own = |account: &OwnAccount| {
            account.branch_code.as_bytes() == branch_code
                && is_given(account_type, &account.account_type.to_string())
                && is_given(account_no, &account.account_no)
        };
        if own.iter().any(is_own) {
            return;
        }
        // At the branch if none of the own accounts is there, else at the account.
        let is_branch = |account: &OwnAccount| account.branch_code.as_bytes() == branch_code;
        let (field, bytes) =
            if own.iter().any(is_branch) { (number, account_no) } else { (branch, branch_code) };
        let shown = own.iter().take(3).map(|account| {
            format!("{}-{}-{}", account.branch_code, account.account_type, account.account_no)
        });
        let expected = shown.collect::<Vec<_>>().join("、");
        self.findings.add(finding(Code::OwnAccount, field, bytes).expected(expected));
    }
}

fn in_words(day: NaiveDate) -> String {
    day.format("%Y年%-m月%-d日").to_string()
}
