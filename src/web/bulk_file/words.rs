//! Bulk files in words: rows, choices and findings that BFT010 to BFT013 share.

use chrono::NaiveDate;

use crate::domain::bulk_file::day::{DayProblem, DayWindow};
use crate::domain::bulk_file::report::{CheckReport, ReportLine};
use crate::domain::bulk_file::{BulkFile, BulkKind};
use crate::domain::ledger::Account;
use crate::domain::portal::Profile;
use crate::operations::bulk_file::Desk;
use crate::operations::bulk_file::check::deadline_words;
use crate::primitives::clock::{UtcTime, jst_minute_text};
use crate::primitives::yen::grouped;
use crate::web::form::Choice;
use crate::web::page::Row;
use crate::web::transfer::words::{account_text, day_text};

/// Longest name of a file.
pub const NAME_MAX: usize = 60;

/// One thing that a check found, in a table.
#[derive(Debug, Clone)]
pub struct FindingRow {
    /// Class of the mark.
    pub class: &'static str,
    /// エラー or 注意.
    pub level: &'static str,
    /// As `12`; 「全体」 for the file as a whole.
    pub record: String,
    /// The field.
    pub field: String,
    /// As `44`; `-` for the record as a whole.
    pub byte: String,
    /// What it is, with its code.
    pub title: String,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub expected: String,
    /// How it is mended.
    pub fix: String,
}

/// A report as a page shows it.
#[derive(Debug, Clone)]
pub struct ReportView {
    /// In numbers.
    pub rows: Vec<Row>,
    /// What the numbers of records count: レコード, or 行 of CSV.
    pub unit: &'static str,
    /// What was found.
    pub findings: Vec<FindingRow>,
    /// As `エラー1,234件のうち、はじめの1,000件を表示しています。`.
    pub cut: Option<String>,
}

impl ReportView {
    /// The view of a report.
    #[must_use]
    pub fn of(report: &CheckReport) -> ReportView {
        let number = |count: u64| grouped(i64::try_from(count).unwrap_or(i64::MAX));
        let shown = u64::try_from(report.lines.len()).unwrap_or(u64::MAX);
        let all = report.errors.saturating_add(report.warnings);
        ReportView {
            rows: vec![
                Row::new("種類", report.kind.map_or("不明", BulkKind::label)),
                Row::new("レコード数", number(report.records)),
                Row::new("エラー", format!("{}件", number(report.errors))),
                Row::new("注意", format!("{}件", number(report.warnings))),
            ],
            unit: if report.is_by_lines { "行" } else { "レコード" },
            findings: report.lines.iter().map(finding).collect(),
            cut: (shown < all).then(|| {
                format!(
                    "全部で{}件あります。はじめの{}件を表示しています。",
                    number(all),
                    number(shown)
                )
            }),
        }
    }
}

fn finding(line: &ReportLine) -> FindingRow {
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    FindingRow {
        class: if line.is_error { "error" } else { "warn" },
        level: if line.is_error { "エラー" } else { "注意" },
        record: match line.record {
            0 => "全体".to_owned(),
            record => grouped(i64::try_from(record).unwrap_or(i64::MAX)),
        },
        field: or_dash(&line.field),
        byte: if line.byte == 0 { "-".to_owned() } else { line.byte.to_string() },
        title: format!("{}（{}）", line.title, line.code),
        found: or_dash(&line.found),
        expected: or_dash(&line.expected),
        fix: line.fix.clone(),
    }
}

/// What a finding about a typed record says.
#[must_use]
pub fn said(line: &ReportLine) -> String {
    let found = match line.found.is_empty() {
        true => String::new(),
        false => format!("（{}）", line.found),
    };
    format!("{}{found}。{}", line.title, line.fix)
}

/// What the account of a file of this kind is called.
#[must_use]
pub fn account_label(kind: BulkKind) -> &'static str {
    if kind.is_outgoing() { "出金口座" } else { "入金口座" }
}

/// The file's facts.
#[must_use]
pub fn file_rows(file: &BulkFile, accounts: &[Account]) -> Vec<Row> {
    let account = accounts.iter().find(|account| Some(account.id) == file.account_id);
    let day = file.value_date.map_or_else(|| "-".to_owned(), day_text);
    let mut rows = vec![
        Row::new("種類", file.kind.label()),
        Row::new("データ名", file.name.clone()),
        Row::new("状態", file.state.label()),
        Row::new(
            account_label(file.kind),
            account.map_or_else(|| "解約された口座".to_owned(), account_text),
        ),
        Row::new("指定日", day),
        Row::new("件数", format!("{}件", grouped(file.item_count))),
        Row::new("合計金額", file.total_yen.to_string()),
    ];
    if let Some(until) = file.deadline_at {
        rows.push(Row::new("送信の期限", jst_minute_text(until)));
    }
    rows
}

/// The choices of a select; an empty value first, with these words.
#[must_use]
pub fn choices(
    first: Option<&str>,
    all: impl IntoIterator<Item = (String, String)>,
    chosen: &str,
) -> Vec<Choice> {
    let first = first.map(|words| (String::new(), words.to_owned()));
    let choice = |(value, label): (String, String)| Choice {
        is_chosen: value == chosen,
        value,
        label,
        hint: None,
        image: None,
    };
    first.into_iter().chain(all).map(choice).collect()
}

/// The accounts that can be chosen for files of these kinds, each once.
#[must_use]
pub fn account_choices(desk: &Desk, kinds: &[BulkKind]) -> Vec<(String, String)> {
    use crate::domain::bulk_file::BulkStep::Make;
    let mut all: Vec<(String, String)> = Vec::new();
    for account in kinds.iter().flat_map(|kind| desk.accounts(*kind, Make)) {
        let choice = (account.id.to_string(), account_text(account));
        if !all.contains(&choice) {
            all.push(choice);
        }
    }
    all
}

/// The days that can be chosen for files of these kinds.
#[must_use]
pub fn day_choices(profile: &Profile, kinds: &[BulkKind], now: UtcTime) -> Vec<(String, String)> {
    let windows = kinds.iter().map(|kind| DayWindow::at(*kind, &profile.files, true, now));
    let days: std::collections::BTreeSet<NaiveDate> =
        windows.flat_map(|window| window.days().collect::<Vec<_>>()).collect();
    days.into_iter().map(|day| (day.to_string(), day_text(day))).collect()
}

/// Why a file cannot be for a day, and what to do.
#[must_use]
pub fn day_problem(
    profile: &Profile,
    kind: BulkKind,
    (problem, window): (DayProblem, DayWindow),
) -> String {
    let (first, last) = (day_text(window.first), day_text(window.last));
    match problem {
        DayProblem::NotBusinessDay => "銀行営業日を選んでください。".to_owned(),
        DayProblem::TooFar => format!("{last}までの日を選んでください。"),
        DayProblem::PastDeadline => format!(
            "{}の期限は{}です。{first}以降の日を選んでください。",
            kind.label(),
            deadline_words(kind, &profile.files)
        ),
    }
}

/// The name that a file gets where none is typed, as `給与振込 2026年11月25日分`.
#[must_use]
pub fn usual_name(kind: BulkKind, day: NaiveDate) -> String {
    format!("{} {}分", kind.label(), day.format("%Y年%-m月%-d日"))
}

/// A typed name, without what no name has.
#[must_use]
pub fn read_name(typed: &str) -> String {
    typed.trim().chars().filter(|c| !c.is_control()).take(NAME_MAX).collect()
}
