//! The check of a file against what the institution agreed with the contract: the same for what is
//! uploaded, typed and handed in.

use chrono::{NaiveDate, TimeDelta};

use crate::db::queries::accounts;
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::day::{DayProblem, DayWindow};
use crate::domain::bulk_file::report::{CheckReport, ReportLine};
use crate::domain::bulk_file::{BulkKind, BulkService, BulkStep};
use crate::domain::directory::{Directory, OwnBank};
use crate::domain::payee::PayeeAccountType;
use crate::domain::portal::FilePolicy;
use crate::operations::bulk_file::{Desk, codec_kind};
use crate::operations::{Ctx, Profiles};
use crate::primitives::calendar::business_day_from;
use crate::primitives::clock::jst_day;
use crate::primitives::kana::to_full_katakana;
use crate::zengin::check::{
    BankDirectory, Checker, DayVerdict, Expected, Finding, Office, OwnAccount, RecordRef, Report,
    Settings, Severity,
};

/// After so many days a code that the list of banks lacks may be a new one.
const DIRECTORY_FRESH: TimeDelta = TimeDelta::days(180);
/// Data records of a file at most.
pub const RECORDS_MAX: u64 = 1_000_000;
/// Findings that a report keeps.
pub const LINES_MAX: usize = 1_000;

/// What is known of the contract, owned: [`check`] and uploads lend it to the checker.
#[derive(Debug, Clone)]
pub struct Knowledge {
    business_types: Vec<&'static str>,
    originator_code: Option<String>,
    own_bank_code: String,
    own_accounts: Vec<OwnAccount>,
    amount_max: Option<u64>,
    today: NaiveDate,
    windows: Vec<(BulkKind, DayWindow)>,
    policy: FilePolicy,
    banks: Vec<OwnBank>,
}

impl Knowledge {
    /// For files of this kind, or of any kind that the user may make.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn of(
        conn: &mut DbConn,
        (ctx, profiles): (&Ctx, &Profiles),
        desk: &Desk,
        kind: Option<BulkKind>,
    ) -> Result<Knowledge, DbError> {
        Knowledge::of_step(conn, (ctx, profiles), desk, (kind, BulkStep::Make))
    }

    /// The same for files with which the user takes this step.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn of_step(
        conn: &mut DbConn,
        (ctx, profiles): (&Ctx, &Profiles),
        desk: &Desk,
        (kind, step): (Option<BulkKind>, BulkStep),
    ) -> Result<Knowledge, DbError> {
        let kinds = match kind {
            Some(kind) => vec![kind],
            None => desk.kinds(step),
        };
        let agreed: Vec<&BulkService> =
            kinds.iter().filter_map(|kind| desk.service(*kind)).collect();
        let only = agreed.first().filter(|_| kind.is_some());
        let files = &ctx.profile.files;
        // Whether all payees are at the own institution is known when the file is handed in.
        let window = |kind: BulkKind| (kind, DayWindow::at(kind, files, true, ctx.now));
        Ok(Knowledge {
            business_types: agreed.iter().filter_map(|service| business_type(service)).collect(),
            originator_code: only.map(|service| service.originator_code.clone()),
            own_bank_code: ctx.profile.portal.bank_code.as_str().to_owned(),
            own_accounts: own_accounts(desk, &kinds, step),
            amount_max: only.and_then(|service| u64::try_from(service.record_limit_yen.0).ok()),
            today: jst_day(ctx.now),
            windows: BulkKind::ALL.iter().map(|kind| window(*kind)).collect(),
            policy: *files,
            banks: own_banks(conn, ctx, profiles)?,
        })
    }

    /// What the day of a file is worth.
    #[must_use]
    pub fn verdict(&self, business_type: &str, on: NaiveDate) -> DayVerdict {
        let kind = BulkKind::of_business_type(business_type);
        let window = self.windows.iter().find(|(of, _)| Some(*of) == kind);
        let Some((kind, window)) = window else { return DayVerdict::Good };
        match window.check(on) {
            Ok(()) => DayVerdict::Good,
            Err(DayProblem::NotBusinessDay) => {
                DayVerdict::NotBusinessDay { next: Some(business_day_from(on)) }
            }
            Err(DayProblem::TooFar) => {
                DayVerdict::OutsideWindow { from: window.first, to: window.last }
            }
            Err(DayProblem::PastDeadline) => DayVerdict::PastCutOff {
                until: deadline_words(*kind, &self.policy),
                first: window.first,
            },
        }
    }

    /// The offices with which it is lent to the checker.
    #[must_use]
    pub fn banks<'a>(&'a self, directory: &'a Directory) -> Banks<'a> {
        Banks { directory, own: &self.banks, today: self.today }
    }

    /// What the checker is told, without the day.
    #[must_use]
    pub fn expected<'a>(&'a self, banks: &'a Banks<'a>) -> Expected<'a> {
        Expected {
            business_types: Some(&self.business_types),
            originator_code: self.originator_code.as_deref(),
            own_bank_code: Some(&self.own_bank_code),
            own_accounts: Some(&self.own_accounts),
            today: Some(self.today),
            directory: Some(banks),
            amount_max: self.amount_max,
            ..Expected::default()
        }
    }

    /// Own 金融機関コード.
    #[must_use]
    pub fn own_bank_code(&self) -> &str {
        &self.own_bank_code
    }
}

/// 「3営業日前の12:00」.
#[must_use]
pub fn deadline_words(kind: BulkKind, policy: &FilePolicy) -> String {
    let deadline = kind.deadline(policy);
    let own = deadline.business_days_own.map_or_else(String::new, |days| {
        format!("（お受取人がすべて当店の口座のときは{days}営業日前）")
    });
    format!("{}営業日前の{}{own}", deadline.business_days, deadline.until)
}

fn business_type(service: &BulkService) -> Option<&'static str> {
    let known = codec_kind(service.kind).business_types();
    known.iter().copied().find(|known| *known == service.business_type)
}

fn own_accounts(desk: &Desk, kinds: &[BulkKind], step: BulkStep) -> Vec<OwnAccount> {
    let mut own = Vec::new();
    for account in kinds.iter().flat_map(|kind| desk.accounts(*kind, step)) {
        let account = OwnAccount {
            branch_code: account.branch_code.clone(),
            account_type: PayeeAccountType::of_own(account.account_type).zengin_digit(),
            account_no: account.number.clone(),
        };
        if !own.contains(&account) {
            own.push(account);
        }
    }
    own
}

/// The banks of this installation with the branches that their accounts have.
pub(super) fn own_banks(
    conn: &mut DbConn,
    ctx: &Ctx,
    profiles: &Profiles,
) -> Result<Vec<OwnBank>, DbError> {
    let mut banks: Vec<OwnBank> = Vec::new();
    for profile in std::iter::once(&ctx.profile).chain(profiles.values()) {
        let portal = &profile.portal;
        let code = portal.bank_code.as_str();
        let of_bank = profiles.values().filter(|of| of.portal.bank_code.as_str() == code);
        let portals: Vec<String> = of_bank.map(|of| of.slug().to_owned()).collect();
        if banks.iter().any(|bank| bank.code == code) {
            continue;
        }
        banks.push(OwnBank {
            code: code.to_owned(),
            name: portal.institution.clone(),
            kana: to_full_katakana(&portal.bank_name_kana),
            branches: accounts::list_branches(conn, &portals)?,
        });
    }
    Ok(banks)
}

/// Banks and branches as the checker asks for them.
#[derive(Debug, Clone, Copy)]
pub struct Banks<'a> {
    directory: &'a Directory,
    own: &'a [OwnBank],
    today: NaiveDate,
}

impl BankDirectory for Banks<'_> {
    fn bank(&self, code: &str) -> Option<Office<'_>> {
        if let Some(bank) = self.own.iter().find(|bank| bank.code == code) {
            return Some(Office { name: &bank.name, kana: &bank.kana });
        }
        let bank = self.directory.find_bank(code)?;
        Some(Office { name: bank.name, kana: bank.kana })
    }

    fn branch(&self, bank_code: &str, code: &str) -> Option<Office<'_>> {
        if let Some(branch) = self.directory.find_branch(bank_code, code) {
            return Some(Office { name: branch.name, kana: branch.kana });
        }
        let bank = self.own.iter().find(|bank| bank.code == bank_code)?;
        let (_, name) = bank.branches.iter().find(|(known, _)| known == code)?;
        Some(Office { name, kana: "" })
    }

    fn as_of(&self) -> NaiveDate {
        self.directory.as_of()
    }

    fn is_old(&self) -> bool {
        !is_fresh(self.directory, self.today)
    }
}

/// Whether the list of banks is young enough to prove that a code is wrong.
#[must_use]
pub fn is_fresh(directory: &Directory, today: NaiveDate) -> bool {
    today.signed_duration_since(directory.as_of()) <= DIRECTORY_FRESH
}

/// How the portal reads files: as zengin.md 1.10 recommends.
#[must_use]
pub fn settings() -> Settings {
    Settings { records_max: RECORDS_MAX, findings_max: LINES_MAX, ..Settings::default() }
}

/// Checks a file that is there piece by piece; without `asks_day`, not whether its day can still be
/// had.
///
/// # Errors
/// Those of `pieces`.
pub fn check<E>(
    (knowledge, directory): (&Knowledge, &Directory),
    asks_day: bool,
    mut pieces: impl FnMut() -> Result<Option<Vec<u8>>, E>,
    sink: &mut dyn FnMut(RecordRef<'_>),
) -> Result<Report, E> {
    let banks = knowledge.banks(directory);
    let verdict = |business_type: &str, on: NaiveDate| knowledge.verdict(business_type, on);
    let mut expected = knowledge.expected(&banks);
    if asks_day {
        expected.day = Some(&verdict);
    }
    let mut checker = Checker::new(settings(), expected);
    while let Some(piece) = pieces()? {
        checker.feed(&piece, sink);
    }
    Ok(checker.finish(sink))
}

/// The report as it is kept and shown; what is only worth knowing is left out.
#[must_use]
pub fn kept(report: &Report) -> CheckReport {
    let told = report.findings.iter().filter(|finding| finding.severity != Severity::Info);
    let kind = report.header.as_ref();
    CheckReport {
        kind: kind.and_then(|header| BulkKind::of_business_type(&header.business_type)),
        records: report.records,
        errors: report.errors,
        warnings: report.warnings,
        lines: told.map(line).collect(),
        is_by_lines: false,
    }
}

/// One finding in words.
#[must_use]
pub fn line(finding: &Finding) -> ReportLine {
    ReportLine {
        code: finding.code.as_str().to_owned(),
        is_error: finding.severity == Severity::Error,
        title: finding.title().to_owned(),
        record: finding.record,
        byte: finding.byte,
        field: finding.field.unwrap_or_default().to_owned(),
        found: finding.found.clone(),
        expected: finding.expected.clone(),
        fix: finding.fix.clone().into_owned(),
    }
}
