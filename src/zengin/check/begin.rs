//! Which format a file has: by its header, and by what the caller expects.

use crate::zengin::bulk::BulkKind;
use crate::zengin::check::again::Found;
use crate::zengin::check::code::Code;
use crate::zengin::check::finding::Finding;
use crate::zengin::check::offices::Offices;
use crate::zengin::check::plan::{LENGTH_MAX, Plan};
use crate::zengin::check::show::show;
use crate::zengin::check::structure::{Group, State};
use crate::zengin::check::{Core, Expected, Said, Settings};
use crate::zengin::layout::{Format, RecordKind};
use crate::zengin::layouts;
use crate::zengin::text::decode_lossy;

/// Where 種別コード stands, in every format.
const BUSINESS_TYPE: std::ops::Range<usize> = 1..3;

impl<'a> Core<'a> {
    pub(super) fn new(settings: Settings, expected: Expected<'a>) -> Core<'a> {
        Core {
            settings,
            expected,
            findings: Found::new(settings.findings_max),
            plan: None,
            state: State::Begin,
            group: Group::default(),
            groups: 0,
            records: 0,
            items: 0,
            amount: 0,
            business_type: None,
            header: None,
            value_date: None,
            header_bytes: Vec::new(),
            offices: Offices::new(),
            said: Said::default(),
        }
    }

    /// The one format that the caller expects, if it is one.
    pub(super) fn expected_format(&self) -> Option<&'static Format> {
        let mut formats = self.expected.business_types?.iter().map(|code| layouts::find(code));
        let first = formats.next().flatten()?;
        formats.all(|format| format == Some(first)).then_some(first)
    }

    pub(super) fn bulk_kind(&self) -> Option<BulkKind> {
        self.plan.as_ref().and_then(|plan| plan.kind)
    }

    /// A plan for the cuts before the first header was seen.
    pub(super) fn plan_ahead(&mut self, window: &[u8], length: Option<usize>) {
        let Some(length) = length else { return };
        let code = decode_lossy(window.get(BUSINESS_TYPE).unwrap_or_default());
        let fits = |format: &&Format| format.length() == length;
        let format = self.expected_format().filter(fits).or(layouts::find(&code).filter(fits));
        self.plan = format.map(|format| Plan::new(format, &self.settings));
    }

    /// Takes the format that a header says, or the expected one if it says none.
    pub(super) fn choose_format(&mut self, no: u64, header: &[u8]) {
        let said = header.get(BUSINESS_TYPE).unwrap_or_default();
        let code = decode_lossy(said);
        let fits = |format: &&Format| format.length() == header.len();
        let own = layouts::find(&code).filter(fits);
        let wanted = self.expected_format().filter(fits);
        let is_allowed =
            self.expected.business_types.is_none_or(|codes| codes.contains(&code.as_str()));
        let is_first = self.business_type.is_none();
        let is_same = self.business_type.as_ref().is_none_or(|first| *first == code);
        if own.is_none() || !is_allowed || !is_same {
            let expected = if is_same { self.known_types() } else { self.business_type.clone() };
            let finding = Finding::new(Code::BusinessType, no).at(2).of("種別コード");
            let finding = finding.found(show(said)).expected(expected.unwrap_or_default());
            self.findings.add(finding);
        }
        let format = match (own, wanted) {
            (Some(own), _) if is_allowed => Some(own),
            // A file of another service, or a wrong digit: the records say.
            (Some(own), Some(wanted)) => {
                self.group.other_format = Some(wanted);
                Some(own)
            }
            (own, wanted) => wanted.or(own),
        };
        if self.plan.as_ref().map(|plan| plan.format) != format {
            self.plan = format.map(|format| Plan::new(format, &self.settings));
        }
        if is_first {
            self.business_type = Some(code);
        }
    }

    /// The first data record decides between the format that the header says and the expected one.
    pub(super) fn settle_format(&mut self, record: &[u8]) {
        let Some(wanted) = self.group.other_format.take() else { return };
        let Some(plan) = &self.plan else { return };
        let wanted = Plan::new(wanted, &self.settings);
        let misfits = |plan: &Plan| plan.misfits(RecordKind::Data, record, LENGTH_MAX);
        if misfits(&wanted) <= misfits(plan) {
            self.plan = Some(wanted);
        }
    }

    /// 種別コード that a header may have.
    fn known_types(&self) -> Option<String> {
        let known = |code: &&str| match layouts::find(code) {
            Some(format) => format!("{code}（{}）", format.name),
            None => (*code).to_owned(),
        };
        let codes: Vec<String> = match self.expected.business_types {
            Some(codes) => codes.iter().map(known).collect(),
            None => {
                let all = layouts::ALL.iter().flat_map(|format| format.business_types);
                all.map(known).collect()
            }
        };
        Some(codes.join("、"))
    }
}
