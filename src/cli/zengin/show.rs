//! `zengin show`.

use std::io::Write;

use crate::cli::zengin::{ShowArgs, run};
use crate::cli::{CommandError, Exit};
use crate::zengin::check::{Expected, RecordRef, Settings};
use crate::zengin::follow::Follower;
use crate::zengin::layout::RecordLayout;
use crate::zengin::text::decode_lossy;

/// Columns of the names of fields, the longest of which is 振込依頼人名または契約者番号.
const LABEL_WIDTH: usize = 30;

/// Shows the records of a file.
///
/// # Errors
/// A file that cannot be read, or the output.
pub fn show(args: &ShowArgs, out: &mut dyn Write) -> Result<Exit, CommandError> {
    let mut shower = Shower { wanted: args.record, follower: Follower::default(), shown: 0 };
    let mut trouble = None;
    let mut sink = |record: RecordRef<'_>| {
        if trouble.is_none() {
            trouble = shower.take(record, out).err();
        }
    };
    let report = run(&args.file, Settings::default(), Expected::default(), &mut sink)?;
    if let Some(error) = trouble {
        return Err(error.into());
    }
    if !report.is_readable {
        let shown = args.file.display();
        writeln!(
            out,
            "{shown}: 全銀協規定形式のファイルではありません（zengin check で確認できます）。"
        )?;
        return Ok(Exit::Refused);
    }
    match args.record {
        Some(record) if shower.shown == 0 => {
            let records = report.records;
            writeln!(out, "レコード{record}は表示できません。レコードは{records}件です。")?;
            Ok(Exit::Findings)
        }
        _ => Ok(Exit::Done),
    }
}

struct Shower {
    wanted: Option<u64>,
    follower: Follower,
    shown: u64,
}

impl Shower {
    fn take(&mut self, record: RecordRef<'_>, out: &mut dyn Write) -> std::io::Result<()> {
        let layout = self.follower.layout(record.kind, record.bytes);
        if self.wanted.is_some_and(|wanted| wanted != record.no) {
            return Ok(());
        }
        self.shown += 1;
        writeln!(out, "レコード{} {}", record.no, record.kind.label())?;
        match layout {
            Some(layout) => write_fields(layout, record.bytes, out),
            None => writeln!(out, "  {}", decode_lossy(record.bytes)),
        }
    }
}

fn write_fields(layout: RecordLayout, record: &[u8], out: &mut dyn Write) -> std::io::Result<()> {
    for (at, field) in layout.fields.iter().enumerate() {
        let spaces = " ".repeat(LABEL_WIDTH.saturating_sub(width(field.label)));
        let (from, to) = (field.from, field.to());
        let content = decode_lossy(field.of(record));
        let kind = field.attribute();
        writeln!(
            out,
            "{:>4} {from:>3}-{to:<3} {kind} {}{spaces} [{content}]",
            at + 1,
            field.label
        )?;
    }
    Ok(())
}

/// Columns that a text takes on a terminal.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() || ('｡'..='ﾟ').contains(&c) { 1 } else { 2 }).sum()
}
