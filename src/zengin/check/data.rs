//! Data records of what companies send. A record whose bytes are all of the right classes is looked
//! at in the few places where values matter; any other goes field by field.

use crate::zengin::bulk::{BulkItem, BulkKind};
use crate::zengin::byte_class::{class_of, mask_of};
use crate::zengin::check::Core;
use crate::zengin::check::again::CUSTOMER_LENGTH;
use crate::zengin::check::code::Code;
use crate::zengin::check::digits::{are_digits, is_uniform, ten_digits};
use crate::zengin::check::expected::RegisteredPayees;
use crate::zengin::check::fields::severity_of;
use crate::zengin::check::finding::Finding;
use crate::zengin::check::keyed::word;
use crate::zengin::check::offices::OfficePlace;
use crate::zengin::check::plan::{Allowed, REFERENCES};
use crate::zengin::check::settings::DebitStage;
use crate::zengin::check::show::show;
use crate::zengin::check::text::TextPlace;
use crate::zengin::layout::{Field, FieldKind, Must, RecordLayout};
use crate::zengin::layouts::EDI;
use crate::zengin::text::TextClass;

/// Where the fields of all four kinds stand; a test holds them against the layouts.
pub(super) mod spot {
    use std::ops::Range;

    pub const BANK: Range<usize> = 1..5;
    pub const BRANCH: Range<usize> = 20..23;
    /// 預金種目 and 口座番号.
    pub const ACCOUNT: Range<usize> = 42..50;
    pub const NAME: Range<usize> = 50..80;
    pub const AMOUNT: Range<usize> = 80..90;
    pub const NEW_CODE: usize = 90;
    pub const REFERENCE: Range<usize> = 91..111;
    /// 振込指定区分, or 振替結果コード.
    pub const KIND_OR_RESULT: usize = 111;
    pub const EDI_FLAG: usize = 112;
}

/// Most that an amount can say.
pub(super) const AMOUNT_MAX: u64 = 9_999_999_999;
const POST_BANK: &[u8] = b"9900";

/// A data record of a bulk file.
#[derive(Clone, Copy)]
struct DataPlace<'r> {
    no: u64,
    kind: BulkKind,
    record: &'r [u8],
    /// Fields with which something is wrong.
    wrong: Wrong,
}

/// What cannot be relied on.
#[derive(Clone, Copy, Default)]
struct Wrong {
    offices: bool,
    account: bool,
    name: bool,
    reference: bool,
}

impl DataPlace<'_> {
    fn part(&self, range: std::ops::Range<usize>) -> &[u8] {
        self.record.get(range).unwrap_or_default()
    }

    /// So many bytes from a place on; no copy, which would have to be waited for.
    #[inline]
    fn bytes<const N: usize>(&self, from: usize) -> &[u8; N] {
        let there = self.record.get(from..).and_then(|rest| rest.first_chunk());
        there.unwrap_or(&[0; N])
    }

    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.record.get(at).copied().unwrap_or_default()
    }

    fn layout(&self) -> RecordLayout {
        self.kind.format().data
    }
}

impl Core<'_> {
    pub(super) fn check_data(&mut self, no: u64, record: &[u8], is_clean: bool) {
        self.count_data(no);
        let was_open = self.group.other_format.is_some();
        if was_open {
            self.settle_format(record);
        }
        let Some(plan) = &self.plan else {
            self.group.unread += 1;
            return;
        };
        let Some(kind) = plan.kind else {
            self.check_received(no, plan.format, record);
            return;
        };
        let is_clean = if was_open { plan.is_clean(record) } else { is_clean };
        let mut place = DataPlace { no, kind, record, wrong: Wrong::default() };
        let amount = ten_digits(place.bytes(spot::AMOUNT.start));
        if !(is_clean && self.has_good_values(place, amount)) {
            self.check_fields(&mut place);
        }
        self.check_amount(place, amount);
        if !place.wrong.offices {
            self.check_item_offices(place);
        }
        if let Some(amount) = amount.filter(|_| !place.wrong.offices && !place.wrong.account) {
            self.check_again(place, amount);
            self.check_payee(place);
        }
    }

    /// Whether a record of clean bytes has nothing that has to be looked at more closely.
    fn has_good_values(&self, place: DataPlace<'_>, amount: Option<u64>) -> bool {
        let kind = place.kind;
        let [account_type, number @ ..] = place.bytes::<8>(spot::ACCOUNT.start);
        let is_type_good = match account_type {
            b'1' | b'2' => true,
            b'3' => kind == BulkKind::DirectDebit,
            b'4' => kind == BulkKind::GeneralTransfer,
            b'9' => matches!(kind, BulkKind::GeneralTransfer | BulkKind::DirectDebit),
            _ => false,
        };
        is_type_good
            && number != &[b'0'; 7]
            && place.byte(spot::NAME.start) != b' '
            && amount.is_some_and(|amount| amount > 0)
            && matches!(place.byte(spot::NEW_CODE), b'0'..=b'2' | b' ')
            && self.has_good_end(place)
    }

    /// The same for what stands behind the amount.
    fn has_good_end(&self, place: DataPlace<'_>) -> bool {
        let codes = || {
            let (first, second) = (spot::REFERENCE.start, spot::REFERENCE.start + 10);
            is_uniform(place.bytes::<10>(first)) && is_uniform(place.bytes::<10>(second))
        };
        let kind_or_result = place.byte(spot::KIND_OR_RESULT);
        match place.kind {
            BulkKind::GeneralTransfer => {
                let is_reference_good = match place.byte(spot::EDI_FLAG) {
                    b'Y' => {
                        let edi = mask_of(TextClass::Edi);
                        let text = place.part(spot::REFERENCE);
                        text.iter().all(|byte| class_of(*byte) & edi != 0)
                    }
                    flag => flag == b' ' && codes(),
                };
                is_reference_good && matches!(kind_or_result, b'0' | b'7' | b'8' | b' ')
            }
            BulkKind::Payroll | BulkKind::Bonus => codes(),
            BulkKind::DirectDebit => {
                let is_request = self.settings.debit_stage == DebitStage::Request;
                let number = place.bytes::<CUSTOMER_LENGTH>(spot::REFERENCE.start);
                is_uniform(number) && is_request && kind_or_result == b'0'
            }
        }
    }

    /// Looks at every field.
    fn check_fields(&mut self, place: &mut DataPlace<'_>) {
        let flag = place.byte(spot::EDI_FLAG);
        for field in place.layout().fields {
            let is_code =
                place.kind == BulkKind::GeneralTransfer && REFERENCES.contains(&field.key);
            let is_good = match flag {
                _ if !is_code => self.check_field(place.no, field, place.record),
                b' ' => self.check_field(place.no, field, place.record),
                // Both codes are one text, looked at where the first stands.
                b'Y' if field.key == "customer_code1" => {
                    self.check_field(place.no, &EDI, place.record)
                }
                b'Y' => true,
                _ => self.check_unclear(place.no, field, place.record),
            };
            if is_good {
                continue;
            }
            let wrong = &mut place.wrong;
            match field.key {
                "payee_bank_code" | "payer_bank_code" | "payee_branch_code"
                | "payer_branch_code" => wrong.offices = true,
                "account_type" | "account_no" => wrong.account = true,
                "payee_name" | "payer_name" => wrong.name = true,
                key if REFERENCES.contains(&key) => wrong.reference = true,
                _ => {}
            }
        }
    }

    /// What is a code or a part of a text: nobody knows which.
    fn check_unclear(&mut self, no: u64, field: &Field, record: &[u8]) -> bool {
        let class = TextClass::Union;
        let (bytes, code) = (field.of(record), Code::NotAllowed);
        let allowed = Allowed { clean: mask_of(class), warned: 0 };
        let (label, from) = (field.label, field.from);
        self.check_text(TextPlace { no, label, from, bytes, class, allowed, code })
    }

    fn check_amount(&mut self, place: DataPlace<'_>, amount: Option<u64>) {
        let Some(amount) = amount else {
            self.group.unread += 1;
            self.group.has_unknown_part = true;
            return;
        };
        self.add_amount(amount);
        if place.kind == BulkKind::DirectDebit && self.settings.debit_stage == DebitStage::Result {
            self.add_result(place.byte(spot::KIND_OR_RESULT), amount);
        }
        let most = self.expected.amount_max.filter(|most| amount > *most);
        if amount > 0 && most.is_none() {
            return;
        }
        let Some(field) = place.layout().field("amount") else { return };
        let finding = |code| {
            let finding = Finding::new(code, place.no).at(field.from).of(field.label);
            finding.found(in_yen(amount))
        };
        if amount == 0 {
            self.findings.add(finding(Code::AmountZero).expected("1円以上"));
        } else if let Some(most) = most {
            let expected = format!("{}以下", in_yen(most));
            self.findings.add(finding(Code::AmountLimit).expected(expected));
        }
    }

    /// Adds to the sums of file and group.
    pub(super) fn add_amount(&mut self, amount: u64) {
        self.amount = self.amount.saturating_add(amount);
        let sum =
            if self.group.late > 0 { &mut self.group.late_amount } else { &mut self.group.amount };
        *sum = sum.saturating_add(amount);
    }

    fn add_result(&mut self, code: u8, amount: u64) {
        let [done, failed] = &mut self.group.parts;
        let part = match code {
            b'0' => done,
            b'1'..=b'4' | b'8' | b'9' => failed,
            _ => {
                self.group.has_unknown_part = true;
                return;
            }
        };
        part.count += 1;
        part.amount = part.amount.saturating_add(amount);
    }

    fn check_item_offices(&mut self, place: DataPlace<'_>) {
        let layout = place.layout();
        let mut fields = layout.fields.iter().skip(1);
        let (Some(bank_code), Some(bank_name), Some(branch_code), Some(branch_name)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return;
        };
        let (no, record) = (place.no, place.record);
        let offices = OfficePlace { no, record, bank_code, bank_name, branch_code, branch_name };
        self.check_offices(offices);
        if place.part(spot::BANK) == POST_BANK && !place.wrong.account {
            self.check_post_bank(place);
        }
    }

    /// ゆうちょ銀行: a branch whose number ends in 8 has 普通 and 貯蓄 accounts, one in 9 has 当座.
    fn check_post_bank(&mut self, place: DataPlace<'_>) {
        let branch = place.part(spot::BRANCH);
        let account_type = place.byte(spot::ACCOUNT.start);
        let is_good = match branch.last() {
            Some(b'8') => matches!(account_type, b'1' | b'4'),
            Some(b'9') => account_type == b'2',
            _ => false,
        };
        if is_good {
            return;
        }
        let Some(field) = place.layout().field("account_type") else { return };
        let finding = Finding::new(Code::PostBank, place.no).at(field.from).of(field.label);
        let found = format!("店番{}、預金種目{}", show(branch), char::from(account_type));
        let expected = "店番の末尾が8なら1（普通）か4（貯蓄）、9なら2（当座）";
        self.findings.add(finding.found(found).expected(expected));
    }

    /// The same payment, or the same number of a customer, as in a record before.
    fn check_again(&mut self, place: DataPlace<'_>, amount: u64) {
        let offices = word(place.bytes::<4>(spot::BANK.start)) << 32
            | word(place.bytes::<3>(spot::BRANCH.start));
        let key = [offices, word(place.bytes::<8>(spot::ACCOUNT.start))];
        let (no, kind) = (place.no, place.kind);
        if kind != BulkKind::DirectDebit {
            self.findings.look_for_payment(no, kind, key, amount, None);
            return;
        }
        let number = place.bytes(spot::REFERENCE.start);
        self.findings.look_for_payment(no, kind, key, amount, Some(number));
        if !are_digits(number) || number == &[b'0'; CUSTOMER_LENGTH] {
            return;
        }
        if let Some(severity) = severity_of(self.settings.same_customer_number) {
            self.findings.look_for_customer(no, number, severity);
        }
    }

    /// The payee against the one registered with this account.
    fn check_payee(&mut self, place: DataPlace<'_>) {
        let Some(payees) = self.expected.payees.filter(|_| !place.wrong.name) else { return };
        let Some((found, registered)) = other_name(payees, place) else { return };
        let Some(field) = place.layout().fields.iter().find(|field| is_item_name(field)) else {
            return;
        };
        let finding = Finding::new(Code::PayeeDiffers, place.no).at(field.from).of(field.label);
        self.findings.add(finding.found(found).expected(registered));
    }
}

fn is_item_name(field: &Field) -> bool {
    field.from == spot::NAME.start + 1
        && field.must == Must::Required
        && matches!(field.kind, FieldKind::Text(_))
}

/// The record's name and the registered one, where they differ.
fn other_name(payees: &dyn RegisteredPayees, place: DataPlace<'_>) -> Option<(String, String)> {
    let item = BulkItem::read(place.kind, place.record).ok()?;
    let registered = payees.name_of(place.kind, &item)?;
    (registered.trim_end() != item.name).then_some((item.name, registered))
}

/// An amount as people read it.
pub(super) fn in_yen(amount: u64) -> String {
    format!("{}円", with_commas(amount))
}

/// A number with a comma behind each three digits.
pub(super) fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
