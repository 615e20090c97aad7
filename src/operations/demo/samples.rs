//! Sample files for the contracts of the demo, of every kind, good and broken: made anew whenever
//! they are asked for, so that their days can be had by the console's clock.

mod spoil;

use chrono::NaiveDate;

use self::spoil::{Paper, spoilt};
use crate::db::DbConn;
use crate::db::queries::users;
use crate::domain::bulk_file::day::DayWindow;
use crate::domain::bulk_file::{BulkKind, BulkStep};
use crate::operations::bulk_file::check::is_fresh;
use crate::operations::bulk_file::{Desk, codec_kind, make};
use crate::operations::{Actor, Ctx, OperationError, Services};
use crate::primitives::clock::jst_day;
use crate::zengin::bulk::{BulkFile, BulkHeader, BulkItem, Reference};
use crate::zengin::layout::LineEnd;
use crate::zengin::record::FieldError;

/// Who uploads them: a portal, and somebody of a company there who makes files.
const MAKERS: [(&str, &str); 2] = [("aoba", "9000000001/tantoa"), ("inaho", "sachikodt")];
const NAMES: [&str; 4] = ["ﾔﾏﾀﾞ ﾊﾅｺ", "ﾐﾔﾏ ｻﾄｼ", "ｺﾄﾘﾔ ﾊﾙｶ", "ﾊﾅﾉｷ ﾕｳｼﾞ"];

/// What becomes of a file that is uploaded on BFT011.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// A draft, without a word.
    Draft,
    /// A draft, with this warning.
    Warned(&'static str),
    /// A report with this error.
    Refused(&'static str),
}

impl Promise {
    /// In words for who tries it.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Promise::Draft => "作成中のデータになります。".to_owned(),
            Promise::Warned(code) => {
                format!("注意 {code} が出て、作成中のデータになります。")
            }
            Promise::Refused(code) => format!("エラー {code} で、登録されません。"),
        }
    }
}

/// A sample.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The portal's slug.
    pub portal: &'static str,
    /// Who uploads it.
    pub login_id: &'static str,
    /// Its name as a file, unique in its portal.
    pub name: String,
    /// What it is, in Japanese.
    pub what: String,
    /// What becomes of it.
    pub promise: Promise,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// All samples of the portals that are served, as of the clock's time.
///
/// Permission: the QA console, on demo data only.
///
/// # Errors
/// Whatever the database says; mistakes in the shipped data.
pub fn samples(services: &Services) -> Result<Vec<Sample>, OperationError> {
    let mut all = Vec::new();
    for (portal, login_id) in MAKERS {
        let Some(profile) = services.profiles.get(portal).cloned() else { continue };
        let ctx = Ctx {
            profile,
            actor: Actor::command("demo"),
            source: "demo".to_owned(),
            request_id: "demo".to_owned(),
            now: services.clock.now(),
            keys: services.keys.clone(),
            public_url: services.public_url.clone(),
        };
        let is_fresh = is_fresh(services.directory(), jst_day(ctx.now));
        let read = |conn: &mut DbConn| of_maker(conn, &ctx, (portal, login_id), is_fresh);
        let of_portal = services.db.read_blocking(read)?;
        all.extend(of_portal);
    }
    Ok(all)
}

fn of_maker(
    conn: &mut DbConn,
    ctx: &Ctx,
    (portal, login_id): (&'static str, &'static str),
    is_fresh: bool,
) -> Result<Vec<Sample>, OperationError> {
    let Some(user) = users::find_by_login_id(conn, portal, login_id)? else {
        return Ok(Vec::new());
    };
    let desk = Desk::of_user(conn, ctx, &user)?;
    let corrupt = |_: FieldError| OperationError::Corrupt("a sample file of the demo");
    let mut all = Vec::new();
    for kind in desk.kinds(BulkStep::Make) {
        let window = DayWindow::at(kind, &ctx.profile.files, true, ctx.now);
        let header = |on: NaiveDate| {
            let account = desk.accounts(kind, BulkStep::Make).into_iter().next()?;
            Some(make::header(ctx, desk.service(kind)?, account, on))
        };
        let Some(first) = header(window.first) else { continue };
        let facts = Facts { kind, window, header: first, is_fresh };
        for (name, what, promise, bytes) in files(&facts).map_err(corrupt)? {
            all.push(Sample { portal, login_id, name, what, promise, bytes });
        }
    }
    Ok(all)
}

/// What the files of a kind are made of.
struct Facts {
    kind: BulkKind,
    window: DayWindow,
    header: BulkHeader,
    /// Whether the list of banks is young enough to prove a code wrong.
    is_fresh: bool,
}

type Named = (String, String, Promise, Vec<u8>);

/// The good ones of a kind, then the broken ones. No two have the same total.
fn files(facts: &Facts) -> Result<Vec<Named>, FieldError> {
    let code = &facts.header.business_type;
    let label = facts.kind.label();
    let good = |count: usize| paper(facts, count);
    let mut all = vec![
        (
            format!("{code}-good.txt"),
            format!("{label}、12件、CR LF"),
            Promise::Draft,
            good(12)?.bytes(b"\r\n"),
        ),
        (
            format!("{code}-plain.txt"),
            format!("{label}、13件、改行なし"),
            Promise::Draft,
            good(13)?.bytes(b""),
        ),
        (
            format!("{code}-lf.txt"),
            format!("{label}、14件、改行がLFだけ"),
            Promise::Warned("Z005"),
            good(14)?.bytes(b"\n"),
        ),
        (
            format!("{code}-end-mark.txt"),
            format!("{label}、15件、終わりに0x1A"),
            Promise::Draft,
            [good(15)?.bytes(b"\r\n"), vec![0x1A]].concat(),
        ),
    ];
    for (name, what, promise, bytes) in
        spoilt((facts.kind, facts.is_fresh), &facts.window, &good(6)?)
    {
        all.push((format!("{code}-{name}.txt"), format!("{label}、{what}"), promise, bytes));
    }
    Ok(all)
}

/// A good file, record by record.
fn paper(facts: &Facts, count: usize) -> Result<Paper, FieldError> {
    let (mut file, first) = BulkFile::begin(&facts.header, LineEnd::None)?;
    let mut records = vec![first];
    for (place, name) in NAMES.into_iter().cycle().take(count).enumerate() {
        records.push(file.item(&item(facts.kind, place, name))?);
    }
    let rest = file.finish()?;
    records.extend(rest.chunks(rest.len() / 2).map(<[u8]>::to_vec));
    Ok(Paper { records })
}

fn item(kind: BulkKind, place: usize, name: &str) -> BulkItem {
    let number = u64::try_from(place).unwrap_or_default() + 1;
    let reference = match codec_kind(kind) {
        crate::zengin::bulk::BulkKind::DirectDebit => {
            Reference::CustomerNumber(format!("{number:020}"))
        }
        _ => Reference::None,
    };
    BulkItem {
        bank_code: "0001".to_owned(),
        branch_code: "001".to_owned(),
        account_type: 1,
        account_no: format!("{:07}", 1_000_012 + number * 4_241),
        name: name.to_owned(),
        amount: 10_000 + number * 321,
        reference,
        ..BulkItem::default()
    }
}
