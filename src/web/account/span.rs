//! What the address of a statement asks for: days or the latest, a text, and from which line on.
//! All of it stands in the address, so that a statement can be bookmarked and works without script.

use chrono::{Datelike, NaiveDate};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::domain::statement::{LATEST, SpanProblem, StatementReach, StatementSpan, span_of_days};
use crate::primitives::day_text::read_day;
use crate::web::form::{FieldView, FormView};
use crate::web::page::NavItem;

/// Longest text searched for.
const SEARCH_LENGTH_MAX: usize = 64;
/// Longest day as people type it.
const DAY_LENGTH_MAX: usize = 20;

/// What the address of a statement says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct StatementQuery {
    /// 開始日, as typed.
    pub from: Option<String>,
    /// 終了日, as typed.
    pub to: Option<String>,
    /// Instead of days: how many of the latest.
    pub last: Option<String>,
    /// Part of 摘要.
    pub q: Option<String>,
    /// Only lines before this one.
    pub before: Option<String>,
    /// What kind of file.
    pub format: Option<String>,
}

impl StatementQuery {
    /// What is searched for; nothing where nothing is.
    pub fn text(&self) -> Option<String> {
        let typed = self.q.as_deref().unwrap_or_default().trim().chars();
        let text: String = typed.filter(|c| !c.is_control()).take(SEARCH_LENGTH_MAX).collect();
        Some(text).filter(|text| !text.is_empty())
    }

    /// Before which line the page begins.
    pub fn before(&self) -> Option<i64> {
        self.before.as_deref().and_then(|line| line.parse().ok()).filter(|line| *line > 0)
    }

    fn latest(&self) -> Option<i64> {
        let count = self.last.as_deref().and_then(|count| count.parse().ok());
        count.filter(|count| LATEST.contains(count))
    }

    /// The span; `Err` carries the form with what is wrong.
    ///
    /// # Errors
    /// Days that nobody can read, or that cannot be asked for.
    pub fn span(
        &self,
        mut form: FormView,
        reach: StatementReach,
        last_booked: NaiveDate,
    ) -> Result<(StatementSpan, FormView), FormView> {
        if let Some(count) = self.latest() {
            return Ok((StatementSpan::Latest(count), form));
        }
        let mut read = |name: &str, label: &str, typed: &Option<String>| {
            let typed = typed.as_deref().unwrap_or_default().trim();
            let day = read_day(typed);
            if day.is_none() && !typed.is_empty() {
                form.set_error(
                    name,
                    format!(
                        "{label}は、「{}」のように年月日で入力してください。",
                        reach.today.format("%Y-%m-%d")
                    ),
                );
            }
            day
        };
        let (from, to) = (read("from", "開始日", &self.from), read("to", "終了日", &self.to));
        if form.is_invalid() {
            return Err(form);
        }
        match span_of_days(from, to, reach, last_booked) {
            Ok(span) => Ok((span, form)),
            Err(problem) => {
                let (name, words) = problem_words(problem);
                form.set_error(name, words);
                Err(form)
            }
        }
    }

    /// The address of a page of this statement: the same days and text, before another line.
    pub fn url(&self, base: &str, before: Option<i64>) -> String {
        let mut parts = self.span_parts();
        if let Some(text) = self.text() {
            parts.push(part("q", &text));
        }
        parts.extend(before.map(|line| format!("before={line}")));
        with_query(base, &parts)
    }

    /// The address of a file of all that the span has.
    pub fn file_url(&self, base: &str, format: &str) -> String {
        let mut parts = self.span_parts();
        parts.push(format!("format={format}"));
        with_query(&format!("{base}/file"), &parts)
    }

    fn span_parts(&self) -> Vec<String> {
        if let Some(count) = self.latest() {
            return vec![format!("last={count}")];
        }
        let days = [("from", &self.from), ("to", &self.to)];
        let typed = days.into_iter().filter_map(|(name, typed)| {
            let typed = typed.as_deref().map(str::trim).filter(|typed| !typed.is_empty())?;
            // As it was read: the address stays the same however the day was typed.
            let day = read_day(typed).map(|day| day.to_string());
            Some(part(name, day.as_deref().unwrap_or(typed)))
        });
        typed.collect()
    }
}

fn part(name: &str, value: &str) -> String {
    format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
}

fn with_query(base: &str, parts: &[String]) -> String {
    if parts.is_empty() { base.to_owned() } else { format!("{base}?{}", parts.join("&")) }
}

fn day_words(day: NaiveDate) -> String {
    day.format("%Y年%-m月%-d日").to_string()
}

fn problem_words(problem: SpanProblem) -> (&'static str, String) {
    match problem {
        SpanProblem::TooEarly(first) => (
            "from",
            format!(
                "開始日は、{}以降の日を入力してください。照会できるのは24か月前までです。",
                day_words(first)
            ),
        ),
        SpanProblem::BeginsTooLate(last) => {
            ("from", format!("開始日は、{}までの日を入力してください。", day_words(last)))
        }
        SpanProblem::EndsTooLate(last) => {
            ("to", format!("終了日は、{}までの日を入力してください。", day_words(last)))
        }
        SpanProblem::Reversed => {
            ("to", "終了日は、開始日と同じか、それより後の日を入力してください。".to_owned())
        }
    }
}

/// The form with what was typed.
pub fn form(action: &str, query: &StatementQuery, reach: StatementReach) -> FormView {
    let day = |name, label: &str, typed: &Option<String>, hint: String| {
        let field = FieldView::text(name, label).hint(hint).maxlength(DAY_LENGTH_MAX);
        field.value(typed.as_deref().unwrap_or_default())
    };
    let earliest = format!("{}から照会できます", day_words(reach.earliest()));
    let example = format!("例 {}", reach.today.format("%Y-%m-%d"));
    let text =
        FieldView::text("q", "摘要に含まれる文字").hint("例 でんき").maxlength(SEARCH_LENGTH_MAX);
    // It is sent by GET and changes nothing, so it carries no token.
    FormView::new(action, "").fields(vec![
        day("from", "開始日", &query.from, earliest),
        day("to", "終了日", &query.to, example),
        text.value(query.text().unwrap_or_default()),
    ])
}

/// Spans that are one press away.
pub fn shortcuts(base: &str, query: &StatementQuery, today: NaiveDate) -> Vec<NavItem> {
    let first = today.with_day(1).unwrap_or(today);
    let before = first.pred_opt().unwrap_or(first);
    let first_before = before.with_day(1).unwrap_or(before);
    let own = query.url(base, None);
    let mut items = vec![("すべて".to_owned(), StatementQuery::default())];
    for (label, from, to) in [("今月", first, today), ("先月", first_before, before)] {
        let (from, to) = (Some(from.to_string()), Some(to.to_string()));
        items.push((label.to_owned(), StatementQuery { from, to, ..StatementQuery::default() }));
    }
    for count in LATEST {
        let last = Some(count.to_string());
        let label = format!("最新{count}件");
        items.push((label, StatementQuery { last, ..StatementQuery::default() }));
    }
    let item = |(label, query): (String, StatementQuery)| {
        let url = query.url(base, None);
        NavItem { label, is_current: url == own, url }
    };
    items.into_iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(from: &str, to: &str, last: &str, q: &str) -> StatementQuery {
        let some = |text: &str| Some(text.to_owned());
        StatementQuery {
            from: some(from),
            to: some(to),
            last: some(last),
            q: some(q),
            ..StatementQuery::default()
        }
    }

    #[test]
    fn addresses_keep_the_span_the_text_and_the_line() {
        let asked = query("２０２６年１０月１日", "", "", " 電気& ");
        let url = asked.url("/a", Some(51));
        assert_eq!(url, "/a?from=2026%2D10%2D01&q=%E9%9B%BB%E6%B0%97%26&before=51");
        assert_eq!(asked.file_url("/a", "csv"), "/a/file?from=2026%2D10%2D01&format=csv");
        assert_eq!(query("2026-10-01", "", "30", "").url("/a", None), "/a?last=30");
        assert_eq!(query("", "", "7", "").url("/a", None), "/a");
        for odd in ["0", "-1", "x", "99999999999999999999"] {
            let asked =
                StatementQuery { before: Some(odd.to_owned()), ..StatementQuery::default() };
            assert_eq!(asked.before(), None, "{odd}");
        }
    }

    #[test]
    fn the_span_that_shows_is_marked() {
        let today = "2026-10-05".parse().unwrap();
        let marked = |asked: &StatementQuery| -> Vec<String> {
            let items = shortcuts("/a", asked, today).into_iter();
            items.filter(|item| item.is_current).map(|item| item.label).collect()
        };
        assert_eq!(marked(&StatementQuery::default()), ["すべて"]);
        assert_eq!(marked(&query("2026/10/1", "20261005", "", "")), ["今月"]);
        assert_eq!(marked(&query("2026-09-01", "2026-09-30", "", "")), ["先月"]);
        assert_eq!(marked(&query("", "", "30", "")), ["最新30件"]);
        assert!(marked(&query("2026-09-02", "", "", "")).is_empty());
    }
}
