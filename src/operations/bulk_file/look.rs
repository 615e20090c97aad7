//! ファイルのチェック (BFT050): a file is looked at while it comes, against what holds for everybody;
//! nothing of it is kept, and no line of any log says what was in it.
//!
//! Permission: anybody.

use futures_util::{Stream, StreamExt};

use crate::db::DbError;
use crate::domain::directory::Catalogue;
use crate::operations::bulk_file::check::own_banks;
use crate::operations::offices::Offices;
use crate::operations::{Ctx, OperationError, Services};
use crate::primitives::clock::jst_day;
use crate::zengin::check::{Checker, DebitStage, Expected, Report, Settings};

/// Most bytes of a file: a hundred thousand records.
pub const BYTES_MAX: u64 = 12 * 1024 * 1024;

/// What is said beside the file.
#[derive(Debug, Clone)]
pub struct Look {
    /// 種別コード that it has to have; nothing: any.
    pub business_type: Option<String>,
    /// Whether a 91 came back as the result.
    pub is_result: bool,
}

/// How it ended.
#[derive(Debug, Clone)]
pub enum LookOutcome {
    /// What was found.
    Read(Box<Report>),
    /// No file was chosen, or there is nothing in it.
    Empty,
    /// More bytes than a file may have here.
    TooLarge,
    /// The connection broke.
    Broken,
}

/// Checks the file of `pieces`.
///
/// # Errors
/// Database trouble; refusals are values.
pub async fn look<S, B, E>(
    services: &Services,
    ctx: &Ctx,
    given: &Look,
    mut pieces: S,
) -> Result<LookOutcome, OperationError>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: AsRef<[u8]>,
{
    let (own_ctx, profiles) = (ctx.clone(), services.profiles.clone());
    let read = services.db.read(move |conn| own_banks(conn, &own_ctx, &profiles));
    let own = read.await.map_err(|error: DbError| OperationError::from(error))?;
    let today = jst_day(ctx.now);
    let offices = Offices::new(Catalogue { directory: services.directory(), own: &own }, today);
    let types: Vec<&str> = given.business_type.iter().map(String::as_str).collect();
    let expected = Expected {
        business_types: (!types.is_empty()).then_some(types.as_slice()),
        today: Some(today),
        directory: Some(&offices),
        ..Expected::default()
    };
    let debit_stage = if given.is_result { DebitStage::Result } else { DebitStage::Request };
    let settings = Settings { debit_stage, ..Settings::default() };
    let mut checker = Checker::new(settings, expected);
    let mut length = 0u64;
    while let Some(piece) = pieces.next().await {
        let Ok(piece) = piece else { return Ok(LookOutcome::Broken) };
        let piece = piece.as_ref();
        length = length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if length > BYTES_MAX {
            return Ok(LookOutcome::TooLarge);
        }
        checker.feed(piece, &mut |_| {});
    }
    if length == 0 {
        return Ok(LookOutcome::Empty);
    }
    Ok(LookOutcome::Read(Box::new(checker.finish(&mut |_| {}))))
}
