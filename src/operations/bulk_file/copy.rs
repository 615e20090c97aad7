//! 過去データの利用 (BFT013): a new draft with the records of an earlier file and a new day.
//!
//! Rule: chunk by chunk, in short transactions; the copy is there only if the earlier file did not
//! change meanwhile.
//!
//! Permission: whoever sees the earlier file and has the right to make files of the kind, on its
//! account.

use chrono::NaiveDate;

use crate::db::queries::bulk_lists::{self, BulkFilter};
use crate::db::queries::bulk_uploads::BulkContent;
use crate::db::queries::member_lists::PageOf;
use crate::db::queries::{bulk_chunks, users};
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkFile, BulkKind, BulkOrigin, BulkStep};
use crate::domain::right::Rights;
use crate::domain::user::User;
use crate::operations::bulk_file::edit::{mmdd, put};
use crate::operations::bulk_file::keep::{Coming, Keeper, KeptContent};
use crate::operations::bulk_file::make::{self, MakeOutcome};
use crate::operations::bulk_file::read::{self, RECORD_LENGTH, chunk_no};
use crate::operations::bulk_file::upload::finish_key;
use crate::operations::bulk_file::{Desk, find_visible};
use crate::operations::one_time_key::RequestKey;
use crate::operations::step::{StepOutcome, once};
use crate::operations::{ActAbort, Ctx, OperationError, Services, guard};
use crate::primitives::ids::BulkFileId;

/// What the form says.
#[derive(Debug, Clone)]
pub struct Copy {
    /// The user.
    pub user: User,
    /// The earlier file.
    pub source: BulkFileId,
    /// The content that was shown.
    pub seen: String,
    /// 指定日 of the new one.
    pub value_date: NaiveDate,
    /// As its user will know it.
    pub name: String,
    /// The form's one-time key.
    pub key: RequestKey,
    /// Below which files stand, as `/aoba/files`.
    pub files_url: String,
}

/// Makes a draft of an earlier file.
///
/// # Errors
/// Database trouble; refusals are values.
pub async fn copy(
    services: &Services,
    ctx: &Ctx,
    input: Copy,
) -> Result<MakeOutcome, OperationError> {
    once(services, ctx, &input.key, copy_with_key(services, ctx, &input)).await
}

async fn copy_with_key(
    services: &Services,
    ctx: &Ctx,
    input: &Copy,
) -> Result<MakeOutcome, OperationError> {
    let stale = MakeOutcome::Step(StepOutcome::Stale);
    let (reader, user, id) = (ctx.clone(), input.user.clone(), input.source);
    let found = services.db.read(move |conn| {
        let found = find_visible(conn, &reader, &user, id)?;
        let Some((file, _)) = found else { return Ok(None) };
        let header = read::record(conn, &file, 1)?;
        Ok::<_, OperationError>(header.map(|header| (file, header)))
    });
    let Some((source, mut header)) = found.await? else { return Ok(stale) };
    let day = mmdd(input.value_date);
    if source.content_sha256 != input.seen
        || put(&mut header, source.kind, "value_date", &day).is_none()
    {
        return Ok(stale);
    }
    let coming = Coming {
        user: input.user.clone(),
        kind: source.kind,
        business_type: source.business_type.clone(),
        origin: BulkOrigin::Copy,
        name: input.name.clone(),
        stride: read::stride(&source),
    };
    let mut keeper = Keeper::new(services, ctx, coming);
    let ended = fill(services, ctx, input, (&source, &header), &mut keeper).await;
    if !matches!(ended, Ok(MakeOutcome::Made(_))) {
        keeper.discard().await?;
    }
    ended
}

async fn fill(
    services: &Services,
    ctx: &Ctx,
    input: &Copy,
    (source, header): (&BulkFile, &[u8]),
    keeper: &mut Keeper<'_>,
) -> Result<MakeOutcome, OperationError> {
    for no in 0.. {
        let id = source.id;
        let chunk = services.db.read(move |conn| bulk_chunks::find(conn, id, chunk_no(no))).await?;
        let Some(mut chunk) = chunk else { break };
        if no == 0
            && let Some(to) = chunk.get_mut(..RECORD_LENGTH)
            && to.len() == header.len()
        {
            to.copy_from_slice(header);
        }
        keeper.take(&chunk).await?;
    }
    let KeptContent { id, content_sha256, .. } = keeper.end().await?;
    let Some(account_id) = source.account_id else {
        return Ok(MakeOutcome::Step(StepOutcome::Stale));
    };
    let content = BulkContent {
        account_id,
        value_date: input.value_date,
        item_count: source.item_count,
        total: source.total_yen,
        content_sha256,
        gaps: String::new(),
    };
    let url = format!("{}/{id}", input.files_url);
    let (ctx, input, result) = (ctx.clone(), input.clone(), url.clone());
    let finished = services.db.write(move |conn| {
        finish(conn, &ctx, &input, (id, &content))?;
        finish_key(conn, &ctx, &input.key, &result)
    });
    match finished.await {
        Ok(()) => Ok(MakeOutcome::Made(url)),
        Err(ActAbort::Stale) => Ok(MakeOutcome::Step(StepOutcome::Stale)),
        Err(ActAbort::Db(error)) => Err(error.into()),
    }
}

fn finish(
    conn: &mut DbConn,
    ctx: &Ctx,
    input: &Copy,
    (id, content): (BulkFileId, &BulkContent),
) -> Result<(), ActAbort> {
    let user = users::get(conn, input.user.id)?;
    guard(user.stopped_at.is_none())?;
    let found = find_visible(conn, ctx, &user, input.source)?;
    let (source, _) = found.ok_or(ActAbort::Stale)?;
    guard(source.content_sha256 == input.seen)?;
    let desk = Desk::of_user(conn, ctx, &user)?;
    let own = desk.accounts(source.kind, BulkStep::Make);
    guard(own.iter().any(|account| account.id == content.account_id))?;
    make::finish(conn, ctx, (&user, id), content)
}

/// A page of the files that a user with these rights can use again, the newest first, and how many
/// there are in all.
///
/// Permission: the right to make files of some kind.
///
/// # Errors
/// Whatever the database says.
pub fn list(
    conn: &mut DbConn,
    user: &User,
    rights: &Rights,
    page: PageOf,
) -> Result<(Vec<BulkFile>, i64), DbError> {
    let may_make = |kind: &BulkKind| rights.allows(kind.right(BulkStep::Make));
    let kinds = BulkKind::ALL.iter().copied().filter(may_make).collect();
    let account_ids = rights.account_ids();
    let filter = BulkFilter { kinds, account_ids, ..BulkFilter::default() };
    let slice = (page.size * page.page, page.size);
    let found = bulk_lists::list(conn, user.contract_id, &filter, slice)?;
    Ok((found, bulk_lists::count(conn, user.contract_id, &filter)?))
}
