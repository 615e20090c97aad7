//! What a check comes to.

use chrono::NaiveDate;
use serde::Serialize;

use crate::zengin::bulk::{BulkHeader, BulkKind};
use crate::zengin::check::Core;
use crate::zengin::check::code::{Code, Severity};
use crate::zengin::check::data::in_yen;
use crate::zengin::check::expected::{SentFiles, Totals};
use crate::zengin::check::finding::Finding;
use crate::zengin::check::framing::{Framing, LineEnds};
use crate::zengin::layouts;

/// Everything that is known of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What companies send it for; nothing of other formats.
    pub kind: Option<BulkKind>,
    /// 種別コード of the first header, as it stands there; nothing where there is no header.
    pub business_type: Option<String>,
    /// What people call the format, where 種別コード is known.
    pub format: Option<&'static str>,
    /// How the bytes make records.
    pub framing: Framing,
    /// Whether it is a file of the association's formats at all, in JIS.
    pub is_readable: bool,
    /// The first header, where it is one of a bulk file.
    pub header: Option<BulkHeader>,
    /// Its day, where it is known of which year.
    pub value_date: Option<NaiveDate>,
    /// How many records there are, of all kinds and lengths.
    pub records: u64,
    /// How many data records.
    pub item_count: u64,
    /// The sum in yen of the amounts that can be read.
    pub total_amount: u64,
    /// What was found, in the file's order; the first of it where there is much.
    pub findings: Vec<Finding>,
    /// How many errors were found.
    pub errors: u64,
    /// How many warnings.
    pub warnings: u64,
    /// How many infos.
    pub infos: u64,
}

impl Report {
    /// Whether the file can be taken.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.errors == 0
    }
}

impl Core<'_> {
    pub(super) fn report(mut self, framing: Framing, sha256: Option<[u8; 32]>) -> Report {
        self.close_file();
        self.check_line_ends(framing);
        if let Some((sent, sha256)) = self.expected.sent.zip(sha256) {
            self.check_sent(sent, &sha256);
        }
        let kind = self.bulk_kind();
        let findings = self.findings.finish();
        let [errors, warnings, infos] = findings.counts();
        let format = self.business_type.as_deref().and_then(layouts::find);
        let is_unreadable = self.said.is_unreadable || self.records == 0;
        Report {
            kind,
            format: format.map(|format| format.name),
            business_type: self.business_type,
            framing,
            is_readable: !is_unreadable,
            header: self.header,
            value_date: self.value_date,
            records: self.records,
            item_count: self.items,
            total_amount: self.amount,
            errors,
            warnings,
            infos,
            findings: findings.into_kept(),
        }
    }

    /// Says where line ends are the same everywhere, but not the usual ones.
    fn check_line_ends(&mut self, framing: Framing) {
        let code = match framing.line_ends {
            LineEnds::Lf => Code::LfOnly,
            LineEnds::Cr => Code::CrOnly,
            LineEnds::None | LineEnds::CrLf | LineEnds::Mixed => return,
        };
        if !self.said.is_unreadable {
            let finding = Finding::new(code, 0).found(framing.line_ends.label());
            self.findings.add(finding.expected("CR LF、または改行なし"));
        }
    }

    /// Says whether the file, or one like it, was sent before.
    fn check_sent(&mut self, sent: &dyn SentFiles, sha256: &[u8; 32]) {
        let same = sent.same_content(sha256).map(|known| (known, "同じ内容のファイル".to_owned()));
        let same = same.or_else(|| {
            let header = self.header.as_ref()?;
            let (value_date, count, amount) = (self.value_date, self.items, self.amount);
            let known = sent.same_totals(&Totals { header, value_date, count, amount })?;
            Some((
                known,
                format!("同じ日付・件数・合計（{count}件、{}）のファイル", in_yen(amount)),
            ))
        });
        if let Some((known, found)) = same {
            let finding = Finding::new(Code::SentBefore, 0).found(format!("{found}：{known}"));
            let finding = finding.expected("送信していないファイル");
            self.findings.add(finding.graded(Severity::Warning));
        }
    }
}
