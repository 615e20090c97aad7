//! Fields one by one, by the table of their layout. A fault of a field is one finding.

use crate::zengin::byte_class::{class_of, mask_of};
use crate::zengin::check::Core;
use crate::zengin::check::code::{Code, Severity};
use crate::zengin::check::finding::Finding;
use crate::zengin::check::plan::{Allowed, NAMES, REFERENCES};
use crate::zengin::check::settings::{Choice, DebitStage};
use crate::zengin::check::show::show;
use crate::zengin::check::text::{TextPlace, class_in_words};
use crate::zengin::era::era_day;
use crate::zengin::layout::{Field, FieldKind, Must};
use crate::zengin::text::TextClass;

/// The kinds of accounts, for people.
const ACCOUNT_TYPES: [(&str, &str); 9] = [
    ("1", "普通"),
    ("2", "当座"),
    ("3", "納税準備"),
    ("4", "貯蓄"),
    ("5", "通知"),
    ("6", "定期"),
    ("7", "積立定期"),
    ("8", "定期積金"),
    ("9", "その他"),
];

impl Core<'_> {
    /// Checks a field of a record; whether nothing is wrong with it.
    pub(super) fn check_field(&mut self, no: u64, field: &Field, record: &[u8]) -> bool {
        let bytes = field.of(record);
        match field.kind {
            FieldKind::Filler => self.check_filler(no, field, bytes),
            // What has to stand there is looked at where the record's kind and the format are.
            FieldKind::Constant(_) if field.must != Must::Unused => true,
            FieldKind::Constant(content) => {
                bytes == content.as_bytes() || self.filler(no, field, bytes, content)
            }
            FieldKind::Number => self.check_number(no, field, bytes),
            FieldKind::MonthDay => true,
            FieldKind::EraDay => self.check_era_day(no, field, bytes),
            FieldKind::Text(class) => self.check_text_field(no, field, bytes, class),
        }
    }

    fn check_filler(&mut self, no: u64, field: &Field, bytes: &[u8]) -> bool {
        bytes.iter().all(|byte| *byte == b' ') || self.filler(no, field, bytes, "空白")
    }

    fn filler(&mut self, no: u64, field: &Field, bytes: &[u8], expected: &str) -> bool {
        let at = bytes.iter().position(|byte| *byte != b' ').unwrap_or_default();
        let finding = Finding::new(Code::Filler, no).at(field.from + at).of(field.label);
        self.findings.add(finding.found(show(bytes)).expected(expected));
        false
    }

    fn check_number(&mut self, no: u64, field: &Field, bytes: &[u8]) -> bool {
        match field.key {
            "business_type" => true,
            "account_type" | "own_account_type" => self.check_account_type(no, field, bytes),
            "account_no" => self.check_account_no(no, field, bytes),
            "own_account_no" => {
                is_blank(bytes) && field.must == Must::Optional
                    || self.check_account_no(no, field, bytes)
            }
            // What is not used may hold anything of digits and spaces.
            "clearing_house" => match bytes.iter().position(|b| !matches!(b, b'0'..=b'9' | b' ')) {
                Some(at) => self.not_digits(no, field, bytes, at),
                None => true,
            },
            "new_code" => {
                matches!(bytes, b"0" | b"1" | b"2" | b" ")
                    || self.wrong_value(Code::NewCode, no, field, bytes)
            }
            "result_code" => self.check_result_code(no, field, bytes),
            key if REFERENCES.contains(&key) && self.bulk_kind().is_some() => {
                self.check_reference(no, field, bytes)
            }
            _ => self.check_plain_number(no, field, bytes),
        }
    }

    fn check_plain_number(&mut self, no: u64, field: &Field, bytes: &[u8]) -> bool {
        if field.must != Must::Required && is_blank(bytes) {
            return true;
        }
        if let Some(at) = bytes.iter().position(|byte| !byte.is_ascii_digit()) {
            return self.not_digits(no, field, bytes, at);
        }
        let is_zero = bytes.iter().all(|byte| *byte == b'0');
        let is_listed = field.values.iter().any(|value| value.as_bytes() == bytes);
        if field.values.is_empty() || is_listed || is_zero && field.must == Must::Optional {
            return true;
        }
        self.wrong_value(Code::Value, no, field, bytes)
    }

    fn not_digits(&mut self, no: u64, field: &Field, bytes: &[u8], at: usize) -> bool {
        let finding = Finding::new(Code::NotDigits, no).at(field.from + at).of(field.label);
        let finding = finding.found(show(bytes));
        self.findings.add(finding.expected(format!("{}桁の数字", field.length)));
        false
    }

    /// Something that is not in the field's list.
    pub(super) fn wrong_value(&mut self, code: Code, no: u64, field: &Field, bytes: &[u8]) -> bool {
        let finding = Finding::new(code, no).at(field.from).of(field.label).found(show(bytes));
        let mut expected = match field.remark {
            "" => field.values.join("、"),
            remark => remark.to_owned(),
        };
        if expected.is_empty() {
            expected = format!("{}桁の数字", field.length);
        }
        self.findings.add(finding.expected(expected));
        false
    }

    fn check_account_type(&mut self, no: u64, field: &Field, bytes: &[u8]) -> bool {
        if field.must == Must::Optional && matches!(bytes, b" " | b"0") {
            return true;
        }
        if field.values.iter().any(|value| value.as_bytes() == bytes) {
            return true;
        }
        let is_digit = bytes.iter().all(u8::is_ascii_digit);
        let code = if is_digit || is_blank(bytes) { Code::AccountType } else { Code::NotDigits };
        let named = ACCOUNT_TYPES.iter().filter(|(value, _)| field.values.contains(value));
        let named: Vec<String> = named.map(|(value, name)| format!("{value}（{name}）")).collect();
        let finding = Finding::new(code, no).at(field.from).of(field.label).found(show(bytes));
        self.findings.add(finding.expected(named.join("、")));
        false
    }

    fn check_account_no(&mut self, no: u64, field: &Field, bytes: &[u8]) -> bool {
        let wrong = bytes.iter().position(|byte| !byte.is_ascii_digit());
        let is_zero = bytes.iter().all(|byte| *byte == b'0');
        if wrong.is_none() && (!is_zero || field.must == Must::Optional) {
            return true;
        }
        let at = field.from + wrong.unwrap_or_default();
        let finding = Finding::new(Code::AccountNumber, no).at(at).of(field.label);
        let expected = format!("{}桁の数字（すべて0は不可）", field.length);
        self.findings.add(finding.found(show(bytes)).expected(expected));
        false
    }

    fn check_result_code(&mut self, no: u64, field: &Field, bytes: &[u8]) -> bool {
        if self.settings.debit_stage == DebitStage::Result {
            let is_listed = field.values.iter().any(|value| value.as_bytes() == bytes);
            return is_listed || self.wrong_value(Code::Value, no, field, bytes);
        }
        let choice = match bytes {
            b"0" => Choice::Allow,
            b" " => self.settings.blank_result_code,
            _ => Choice::Refuse,
        };
        let Some(severity) = severity_of(choice) else { return true };
        let finding = Finding::new(Code::DebitRequest, no).at(field.from).of(field.label);
        let finding = finding.found(show(bytes)).expected("0").graded(severity);
        self.findings.add(finding.mended("依頼では0を入れてください。"));
        choice == Choice::Warn
    }

    fn check_reference(&mut self, no: u64, field: &Field, bytes: &[u8]) -> bool {
        if is_uniform(bytes) {
            return true;
        }
        let union = mask_of(TextClass::Union);
        if bytes.iter().any(|byte| class_of(*byte) & union == 0) {
            let allowed = Allowed { clean: union, warned: 0 };
            return self.check_text(TextPlace {
                no,
                label: field.label,
                from: field.from,
                bytes,
                class: TextClass::Union,
                allowed,
                code: Code::NotAllowed,
            });
        }
        let Some(severity) = severity_of(self.settings.reference_text) else { return true };
        let at = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or_default();
        let finding = Finding::new(Code::Reference, no).at(field.from + at).of(field.label);
        let finding = finding.found(show(bytes)).graded(severity);
        self.findings.add(finding.expected(format!("{}桁の数字か空白", field.length)));
        severity == Severity::Warning
    }

    fn check_era_day(&mut self, no: u64, field: &Field, bytes: &[u8]) -> bool {
        let is_empty = is_blank(bytes) || bytes.iter().all(|byte| *byte == b'0');
        if field.must != Must::Required && is_empty {
            return true;
        }
        if let Some(at) = bytes.iter().position(|byte| !byte.is_ascii_digit()) {
            return self.not_digits(no, field, bytes, at);
        }
        if era_day(bytes, self.expected.today.unwrap_or_default()).is_some() {
            return true;
        }
        let finding = Finding::new(Code::Day, no).at(field.from).of(field.label);
        self.findings.add(finding.found(show(bytes)).expected("実在する和暦の年月日"));
        false
    }

    fn check_text_field(&mut self, no: u64, field: &Field, bytes: &[u8], class: TextClass) -> bool {
        if field.key == "edi_flag" {
            return matches!(bytes, b"Y" | b" ")
                || self.wrong_value(Code::EdiFlag, no, field, bytes);
        }
        let is_name = NAMES.contains(&field.key);
        if is_name && is_blank(bytes) {
            let is_header = field.key == "originator_name";
            let code = if is_header { Code::OriginatorName } else { Code::NameEmpty };
            let finding = Finding::new(code, no).at(field.from).of(field.label).found("空白");
            self.findings.add(finding.expected(class_in_words(class)));
            return false;
        }
        let allowed = Allowed::of(field, class, self.bulk_kind(), &self.settings);
        let (label, from) = (field.label, field.from);
        let code = if class == TextClass::Edi { Code::EdiText } else { Code::NotAllowed };
        let is_good = self.check_text(TextPlace { no, label, from, bytes, class, allowed, code });
        if is_name && bytes.first() == Some(&b' ') {
            let finding = Finding::new(Code::NotAllowed, no).at(from).of(label);
            let finding = finding.found("先頭の空白").expected("左づめの名前");
            let finding = finding.graded(Severity::Warning);
            self.findings.add(finding.mended("先頭の空白を取り除いてください。"));
        }
        is_good
    }
}

/// How a thing counts that a setting leaves to choice; nothing where it is taken.
pub(super) fn severity_of(choice: Choice) -> Option<Severity> {
    match choice {
        Choice::Allow => None,
        Choice::Warn => Some(Severity::Warning),
        Choice::Refuse => Some(Severity::Error),
    }
}

/// Whether there are spaces only.
pub(super) fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == b' ')
}

/// Whether there are digits only, or spaces only.
pub(super) fn is_uniform(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_digit) || is_blank(bytes)
}
