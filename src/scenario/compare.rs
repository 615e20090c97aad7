//! What a page shows now beside what it showed before.

use similar::{ChangeTag, TextDiff};

use super::model::Expect;

/// One thing that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Another screen.
    Screen {
        /// The screen that had to show.
        expected: String,
        /// The one that shows.
        found: String,
    },
    /// A line that is gone.
    Gone(String),
    /// A line that was not there.
    New(String),
}

impl std::fmt::Display for Difference {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Difference::Screen { expected, found } => write!(out, "screen {expected} -> {found}"),
            Difference::Gone(line) => write!(out, "- {line}"),
            Difference::New(line) => write!(out, "+ {line}"),
        }
    }
}

/// Compares. Times of day and numbers that are drawn anew each time (receipts, serials of keys) are
/// no difference; amounts, dates and words are.
#[must_use]
pub fn compare(expected: &Expect, screen: &str, lines: &[String]) -> Vec<Difference> {
    let mut all = Vec::new();
    if expected.screen != screen {
        let (expected, found) = (expected.screen.clone(), screen.to_owned());
        all.push(Difference::Screen { expected, found });
    }
    let Some(before) = &expected.lines else { return all };
    let masked = |lines: &[String]| lines.iter().map(|line| mask(line)).collect::<Vec<_>>();
    let (old, new) = (masked(before), masked(lines));
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
    for change in TextDiff::from_slices(&old, &new).iter_all_changes() {
        let shown = |of: &[String], at: Option<usize>| {
            at.and_then(|at| of.get(at)).cloned().unwrap_or_default()
        };
        match change.tag() {
            ChangeTag::Equal => {}
            ChangeTag::Delete => all.push(Difference::Gone(shown(before, change.old_index()))),
            ChangeTag::Insert => all.push(Difference::New(shown(lines, change.new_index()))),
        }
    }
    all
}

/// The line with `0` for each digit of what changes from one time to the next: times of day, and
/// numbers of six digits and more that no comma divides.
fn mask(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let mut masked = String::with_capacity(line.len());
    let mut at = 0;
    while let Some(first) = chars.get(at) {
        if !is_of_code(*first) {
            masked.push(*first);
            at += 1;
            continue;
        }
        let rest = chars.get(at..).unwrap_or_default();
        let run: Vec<char> = rest.iter().copied().take_while(|c| is_of_code(*c)).collect();
        at += run.len();
        let digits = run.iter().filter(|c| c.is_ascii_digit()).count();
        let is_time = run.contains(&':');
        let is_drawn = digits >= 6 && !run.contains(&',') && !run.contains(&'-');
        let of = |c: &char| if (is_time || is_drawn) && *c != ':' { '0' } else { *c };
        masked.extend(run.iter().map(of));
    }
    masked
}

fn is_of_code(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ',' | ':' | '-')
}
