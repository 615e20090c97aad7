//! Which layout each record of a file has, record after record.

use crate::zengin::layout::{Format, RecordKind, RecordLayout};
use crate::zengin::layouts;
use crate::zengin::text::decode_lossy;

/// Knows the last header, which says what the records behind it consist of.
#[derive(Debug, Clone, Default)]
pub struct Follower {
    format: Option<&'static Format>,
    header: Vec<u8>,
}

impl Follower {
    /// The layout of the next record; nothing where no header has said what it is.
    pub fn layout(&mut self, kind: RecordKind, record: &[u8]) -> Option<RecordLayout> {
        if kind == RecordKind::Header {
            let code = decode_lossy(record.get(1..3).unwrap_or_default());
            self.format = layouts::find(&code).filter(|of| of.length() == record.len());
            record.clone_into(&mut self.header);
        }
        let format = self.format?;
        match kind {
            RecordKind::Data => Some(format.data_of(&self.header, record)),
            kind => format.layout(kind),
        }
    }
}
