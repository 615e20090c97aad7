//! What each byte of a format's records may be under the settings: with it a whole record is known
//! to be clean in one pass, and how ill a record fits says what it was meant to be.

use crate::zengin::bulk::BulkKind;
use crate::zengin::byte_class::{
    DIGIT, KANA, LONG_VOWEL, Mask, SPACE, WO, class_of, lonely, mask_of,
};
use crate::zengin::check::quick::Quick;
use crate::zengin::check::settings::{Choice, DebitSigns, Settings};
use crate::zengin::layout::{Field, FieldKind, Format, Must, RecordKind, RecordLayout};
use crate::zengin::text::TextClass;

/// Longest record of any format.
pub(super) const LENGTH_MAX: usize = 200;
/// A record that fits its own kind this badly may be of another kind.
const DOUBTFUL: usize = 8;
/// A record that fits a kind no worse than this may be meant to be one.
const SIMILAR: usize = 6;

/// Fields that hold a number of the sender's own.
pub(super) const REFERENCES: [&str; 5] =
    ["customer_code1", "customer_code2", "employee_no", "department", "customer_no"];
/// Names of people and companies.
pub(super) const NAMES: [&str; 3] = ["originator_name", "payee_name", "payer_name"];

/// What a text field may hold without a word, and beside that with a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowed {
    pub clean: Mask,
    pub warned: Mask,
}

impl Allowed {
    fn with(self, choice: Choice, mask: Mask) -> Allowed {
        match choice {
            Choice::Allow => Allowed { clean: self.clean | mask, ..self },
            Choice::Warn => Allowed { warned: self.warned | mask, ..self },
            Choice::Refuse => self,
        }
    }

    /// What a text field of this format may hold.
    pub(super) fn of(
        field: &Field,
        class: TextClass,
        kind: Option<BulkKind>,
        settings: &Settings,
    ) -> Allowed {
        let mut mask = mask_of(class);
        let is_name = NAMES.contains(&field.key);
        let takes_all = settings.debit_signs == DebitSigns::All;
        if is_name && kind == Some(BulkKind::DirectDebit) && takes_all {
            mask |= mask_of(TextClass::Union) & !WO;
        }
        let mut allowed = Allowed { clean: mask, warned: 0 };
        let is_payroll = matches!(kind, Some(BulkKind::Payroll | BulkKind::Bonus));
        if is_payroll && field.key == "payee_name" {
            let plain = KANA | DIGIT | SPACE;
            allowed = Allowed { clean: plain, warned: 0 }.with(settings.payroll_signs, mask);
        }
        if is_name {
            allowed = allowed.with(settings.wo_in_names, WO);
        }
        allowed.with(settings.long_vowel, LONG_VOWEL)
    }
}

/// What each byte of a record may be.
#[derive(Debug, Clone)]
pub(super) struct RecordMask {
    length: usize,
    masks: [Mask; LENGTH_MAX],
    quick: Quick,
}

impl RecordMask {
    fn of(layout: RecordLayout, kind: Option<BulkKind>, settings: &Settings) -> RecordMask {
        let mut masks = [0; LENGTH_MAX];
        for field in layout.fields {
            let mask = mask_of_field(field, kind, settings);
            for place in masks.iter_mut().skip(field.from - 1).take(field.length) {
                *place = mask;
            }
        }
        RecordMask { length: layout.length, masks, quick: Quick::of(&masks, layout.length) }
    }

    /// Whether each byte is one that may stand there, and each mark behind a kana that takes it.
    pub(super) fn is_clean(&self, record: &[u8]) -> bool {
        self.quick.is_clean(record) || self.is_clean_by_table(record)
    }

    fn is_clean_by_table(&self, record: &[u8]) -> bool {
        let Some(masks) = self.masks.get(..record.len()) else { return false };
        let (mut before, mut wrong) = (DIGIT, 0);
        for (byte, mask) in record.iter().zip(masks) {
            let class = class_of(*byte);
            wrong |= Mask::from(class & mask == 0) | lonely(before, class);
            before = class;
        }
        wrong == 0 && record.len() == self.length
    }

    /// How many bytes cannot stand where they stand; no more than `limit` are counted.
    fn misfits(&self, record: &[u8], limit: usize) -> usize {
        let pairs = record.iter().zip(&self.masks).take(self.length);
        pairs.filter(|(byte, mask)| class_of(**byte) & **mask == 0).take(limit).count()
    }

    /// How many bytes cannot stand where they stand if some bytes are missing, or are too many, at
    /// one place in the record: those before it stand where they belong, those behind it too when
    /// counted from the end.
    fn misfits_shifted(&self, record: &[u8]) -> usize {
        let own = self.masks.get(..self.length).unwrap_or_default();
        let misfit = |(byte, mask): (&u8, &Mask)| usize::from(class_of(*byte) & *mask == 0);
        let surplus = record.len().saturating_sub(self.length);
        // What the bytes from a place on come to, for each place, the last first.
        let mut behind = vec![0];
        for pair in record.iter().rev().zip(own.iter().rev()) {
            behind.push(behind.last().unwrap_or(&0) + misfit(pair));
        }
        let mut front = 0;
        let mut best = usize::MAX;
        let mut misfits = record.iter().zip(own).map(misfit);
        for at in 0..=record.len().min(self.length) {
            let rest = record.len() - (at + surplus).min(record.len());
            best = best.min(front + behind.get(rest).unwrap_or(&0));
            front += misfits.next().unwrap_or(0);
        }
        best
    }
}

fn mask_of_field(field: &Field, kind: Option<BulkKind>, settings: &Settings) -> Mask {
    let is_reference = REFERENCES.contains(&field.key);
    match field.kind {
        FieldKind::Constant(_) => DIGIT,
        FieldKind::Filler => SPACE,
        FieldKind::Number if is_reference && kind.is_some() => mask_of(TextClass::Union),
        FieldKind::Number if matches!(field.key, "new_code" | "result_code") => DIGIT | SPACE,
        FieldKind::Number | FieldKind::MonthDay | FieldKind::EraDay => match field.must {
            Must::Required => DIGIT,
            Must::Optional | Must::Unused => DIGIT | SPACE,
        },
        FieldKind::Text(class) => Allowed::of(field, class, kind, settings).clean,
    }
}

/// A format under the settings.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub format: &'static Format,
    /// Nothing for what banks give out.
    pub kind: Option<BulkKind>,
    pub header: RecordMask,
    pub data: RecordMask,
    other_data: Option<RecordMask>,
    pub trailer: RecordMask,
    pub end: RecordMask,
}

impl Plan {
    pub(super) fn new(format: &'static Format, settings: &Settings) -> Plan {
        let kind = format.business_types.iter().find_map(|code| BulkKind::of(code));
        let mask = |layout| RecordMask::of(layout, kind, settings);
        Plan {
            format,
            kind,
            header: mask(format.header),
            data: mask(format.data),
            other_data: format.other_data.map(mask),
            trailer: mask(format.trailer),
            end: mask(format.end),
        }
    }

    /// Whether this is a clean record of the kind that its first byte says.
    pub(super) fn is_clean(&self, record: &[u8]) -> bool {
        match RecordKind::of(record.first().copied().unwrap_or_default()) {
            RecordKind::Header => self.header.is_clean(record),
            RecordKind::Data => self.data.is_clean(record),
            RecordKind::Trailer => self.trailer.is_clean(record),
            RecordKind::End => self.end.is_clean(record),
            RecordKind::Unknown => false,
        }
    }

    /// How many bytes do not fit a record of this kind; no more than `limit` are counted.
    pub(super) fn misfits(&self, kind: RecordKind, record: &[u8], limit: usize) -> usize {
        match kind {
            RecordKind::Header => self.header.misfits(record, limit),
            RecordKind::Data => {
                let other = self.other_data.as_ref();
                let other = other.map_or(limit, |other| other.misfits(record, limit));
                self.data.misfits(record, limit).min(other)
            }
            RecordKind::Trailer => self.trailer.misfits(record, limit),
            RecordKind::End => self.end.misfits(record, limit),
            RecordKind::Unknown => limit,
        }
    }

    /// What a record of the right length was meant to be: what its first byte says, unless it fits
    /// that ill and another kind well.
    pub(super) fn believed(&self, record: &[u8]) -> RecordKind {
        let said = RecordKind::of(record.first().copied().unwrap_or_default());
        let own = self.misfits(said, record, LENGTH_MAX);
        if said != RecordKind::Unknown && own < DOUBTFUL {
            return said;
        }
        let others = KINDS.into_iter().filter(|kind| *kind != said);
        let best = others.map(|kind| (self.misfits(kind, record, LENGTH_MAX), kind));
        let best = best.min_by_key(|(misfits, _)| *misfits);
        match best {
            Some((misfits, kind)) if misfits <= SIMILAR && misfits * 4 <= own => kind,
            _ => said,
        }
    }

    /// Whether these bytes fit a record of a wrong length better than the first of them fit one of
    /// the right length.
    pub(super) fn is_rather_shifted(&self, record: &[u8], bytes: &[u8]) -> bool {
        let whole = KINDS.into_iter().map(|kind| self.misfits(kind, record, LENGTH_MAX)).min();
        let shifted = KINDS.into_iter().map(|kind| self.misfits_shifted(kind, bytes)).min();
        shifted < whole
    }

    fn misfits_shifted(&self, kind: RecordKind, record: &[u8]) -> usize {
        match kind {
            RecordKind::Header => self.header.misfits_shifted(record),
            RecordKind::Trailer => self.trailer.misfits_shifted(record),
            RecordKind::End => self.end.misfits_shifted(record),
            RecordKind::Data | RecordKind::Unknown => self.data.misfits_shifted(record),
        }
    }

    /// What a record of a wrong length was meant to be, if that can be seen.
    pub(super) fn believed_shifted(&self, record: &[u8]) -> RecordKind {
        let said = RecordKind::of(record.first().copied().unwrap_or_default());
        // Of two that fit alike, the one that the first byte says.
        let best =
            KINDS.into_iter().map(|kind| (self.misfits_shifted(kind, record), kind != said, kind));
        match best.min_by_key(|(misfits, is_other, _)| (*misfits, *is_other)) {
            Some((misfits, _, kind)) if misfits <= SIMILAR => kind,
            _ => RecordKind::Unknown,
        }
    }
}

/// The kinds of records that a format has.
const KINDS: [RecordKind; 4] =
    [RecordKind::Data, RecordKind::Header, RecordKind::Trailer, RecordKind::End];
