//! The log: one line for each event, on standard error.

use std::fmt::{self, Debug, Write as _};
use std::io::IsTerminal;

use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FormatFields, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogFormat, LogSettings};

/// Sends the log to standard error. Libraries log warnings only: at finer levels some of them write
/// addresses of people.
pub fn start(log: &LogSettings) {
    let filter = Targets::new().with_default(LevelFilter::WARN).with_target("madoguchi", log.level);
    let registry = tracing_subscriber::registry().with(filter);
    let is_terminal = std::io::stderr().is_terminal();
    let lines =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(is_terminal);
    // Fails only if a log is running already, as in tests.
    let _ = match log.format {
        LogFormat::Compact if is_terminal => registry.with(lines.compact()).try_init(),
        LogFormat::Compact => registry.with(compact(std::io::stderr)).try_init(),
        LogFormat::Json => registry.with(lines.json()).try_init(),
    };
}

/// Compact lines for files and pipes, as each request writes one.
pub fn compact<S, W>(writer: W) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false)
        .fmt_fields(PlainFields)
        .compact()
}

/// Fields as `name=value`, without the paths for colours that the library's own formatter takes
/// even where none are wanted. What a value contains never begins a line of its own.
struct PlainFields;

impl<'writer> FormatFields<'writer> for PlainFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut line = Line { writer, is_empty: true, result: Ok(()) };
        fields.record(&mut line);
        line.result
    }
}

struct Line<'writer> {
    writer: Writer<'writer>,
    is_empty: bool,
    result: fmt::Result,
}

impl Line<'_> {
    fn write(&mut self, name: &str, value: &dyn Debug) -> fmt::Result {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.writer.write_char(' ')?;
        }
        if name != "message" {
            self.writer.write_str(name)?;
            self.writer.write_char('=')?;
        }
        write!(OneLine(&mut self.writer), "{value:?}")
    }
}

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.result = self.result.and_then(|()| self.write(field.name(), value));
    }
}

/// Writes control characters as escapes: a line that somebody made up inside a value is none, and
/// no terminal that shows the log obeys it.
struct OneLine<'a, 'writer>(&'a mut Writer<'writer>);

impl fmt::Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !text.contains(char::is_control) {
            return self.0.write_str(text);
        }
        text.chars().try_for_each(|letter| {
            if letter.is_control() {
                write!(self.0, "{}", letter.escape_default())
            } else {
                self.0.write_char(letter)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;

    use parking_lot::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_holds_message_and_fields_and_stays_one_line() {
        let kept = Kept::default();
        let writer = kept.clone();
        let log = tracing_subscriber::registry().with(compact(move || writer.clone()));
        tracing::subscriber::with_default(log, || {
            let error = "gone\n\u{1b}[31m2026 INFO forged";
            tracing::info!(http.status = 200_u16, error = %error, "request");
        });
        let text = String::from_utf8(kept.0.lock().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let end = "request http.status=200 error=gone\\n\\u{1b}[31m2026 INFO forged\n";
        assert!(text.ends_with(end), "{text}");
    }
}
