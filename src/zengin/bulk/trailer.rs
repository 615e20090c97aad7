//! Trailer and end records (データ区分 8 and 9), and a file from its header to its end.

use serde::Serialize;

use crate::zengin::bulk::{BulkHeader, BulkItem, BulkKind};
use crate::zengin::layout::LineEnd;
use crate::zengin::record::{FieldError, Record, RecordView};

/// The control totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BulkTrailer {
    /// 合計件数.
    pub total_count: u64,
    /// 合計金額 in yen.
    pub total_amount: u64,
    /// 振替済件数 of the result of a 預金口座振替; zero in its request, and of other kinds.
    pub done_count: u64,
    /// 振替済金額 in yen.
    pub done_amount: u64,
    /// 振替不能件数.
    pub failed_count: u64,
    /// 振替不能金額 in yen.
    pub failed_amount: u64,
}

impl BulkTrailer {
    /// Reads a trailer record of this kind.
    ///
    /// # Errors
    /// Not one record's length, or something that is no digit.
    pub fn read(kind: BulkKind, record: &[u8]) -> Result<BulkTrailer, FieldError> {
        let view = RecordView::new(kind.format().trailer, record)?;
        let mut trailer = BulkTrailer {
            total_count: view.number("total_count")?,
            total_amount: view.number("total_amount")?,
            ..BulkTrailer::default()
        };
        if kind == BulkKind::DirectDebit {
            trailer.done_count = view.number("done_count")?;
            trailer.done_amount = view.number("done_amount")?;
            trailer.failed_count = view.number("failed_count")?;
            trailer.failed_amount = view.number("failed_amount")?;
        }
        Ok(trailer)
    }

    /// The trailer record of this kind, without a line end.
    ///
    /// # Errors
    /// Totals that do not fit their fields (six digits, twelve digits).
    pub fn write(&self, kind: BulkKind) -> Result<Vec<u8>, FieldError> {
        let mut record = Record::new(kind.format().trailer)
            .number("total_count", self.total_count)?
            .number("total_amount", self.total_amount)?;
        if kind == BulkKind::DirectDebit {
            record = record
                .number("done_count", self.done_count)?
                .number("done_amount", self.done_amount)?
                .number("failed_count", self.failed_count)?
                .number("failed_amount", self.failed_amount)?;
        }
        Ok(record.finish(LineEnd::None))
    }
}

/// The end record of this kind, without a line end.
#[must_use]
pub fn end_record(kind: BulkKind) -> Vec<u8> {
    Record::new(kind.format().end).finish(LineEnd::None)
}

/// A file in the making.
#[derive(Debug, Clone)]
pub struct BulkFile {
    kind: BulkKind,
    end: LineEnd,
    is_result: bool,
    trailer: BulkTrailer,
}

impl BulkFile {
    /// Begins a file: its header record.
    ///
    /// # Errors
    /// What does not fit its field.
    pub fn begin(header: &BulkHeader, end: LineEnd) -> Result<(BulkFile, Vec<u8>), FieldError> {
        let Some(kind) = BulkKind::of(&header.business_type) else {
            let found = header.business_type.clone();
            return Err(FieldError::NotListed { field: "種別コード", found });
        };
        let file = BulkFile { kind, end, is_result: false, trailer: BulkTrailer::default() };
        let record = file.ended(header.write()?);
        Ok((file, record))
    }

    /// The result (処理結果明細) of a 預金口座振替 instead of a request: its trailer says what was
    /// collected, by the items' result codes.
    #[must_use]
    pub fn as_result(self) -> BulkFile {
        BulkFile { is_result: true, ..self }
    }

    /// One item's record.
    ///
    /// # Errors
    /// What does not fit its field.
    pub fn item(&mut self, item: &BulkItem) -> Result<Vec<u8>, FieldError> {
        let record = item.write(self.kind)?;
        let trailer = &mut self.trailer;
        trailer.total_count += 1;
        trailer.total_amount = trailer.total_amount.saturating_add(item.amount);
        if self.is_result {
            let (count, amount) = match item.result_code {
                0 => (&mut trailer.done_count, &mut trailer.done_amount),
                _ => (&mut trailer.failed_count, &mut trailer.failed_amount),
            };
            *count += 1;
            *amount = amount.saturating_add(item.amount);
        }
        Ok(self.ended(record))
    }

    /// Ends the file: its trailer and end records.
    ///
    /// # Errors
    /// Totals that do not fit their fields.
    pub fn finish(self) -> Result<Vec<u8>, FieldError> {
        let mut bytes = self.ended(self.trailer.write(self.kind)?);
        bytes.extend(self.ended(end_record(self.kind)));
        Ok(bytes)
    }

    fn ended(&self, mut record: Vec<u8>) -> Vec<u8> {
        record.extend_from_slice(self.end.bytes());
        record
    }
}
