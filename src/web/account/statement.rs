//! BAC010 入出金明細: the movements of one account, newest first, fifty a page.

use actix_web::web::{Path, Query};
use chrono::NaiveDate;

use crate::db::queries::accounts;
use crate::db::queries::statements::{self, Lines};
use crate::db::{DbConn, DbError};
use crate::domain::ledger::Account;
use crate::domain::login::LoginStage;
use crate::domain::right::{Rights, UserRight};
use crate::domain::statement::{Movement, StatementSpan};
use crate::domain::user::User;
use crate::operations::statement::file::account_text;
use crate::operations::statement::read::{SEARCHED_MAX, lines_of, reach_of, search};
use crate::operations::{Ctx, right};
use crate::primitives::clock::{jst_day, jst_minute_text};
use crate::primitives::ids::AccountId;
use crate::web::account::span::{StatementQuery, form, shortcuts};
use crate::web::account::{ACCOUNTS, checked, id_of, statement_url};
use crate::web::failure::PageResult;
use crate::web::form::FormView;
use crate::web::page::{Link, NavItem, Row, Shell};
use crate::web::principal::{self, Who};
use crate::web::screens;
use crate::web::visit::Visit;

/// Lines a page.
const PAGE_SIZE: i64 = 50;

/// One movement.
#[derive(Clone, Debug)]
pub struct MovementRow {
    /// 取引日, as `2026年10月5日`.
    pub day: String,
    /// 摘要.
    pub text: String,
    /// お支払金額; empty where money came in.
    pub paid: String,
    /// お預り金額; empty where money went out.
    pub received: String,
    /// 差引残高.
    pub balance: String,
}

/// The movements that a page shows.
#[derive(Clone, Debug)]
pub struct MovementsView {
    /// The lines.
    pub rows: Vec<MovementRow>,
    /// As `713件のうち 1〜50件目`.
    pub total_text: String,
    /// The first page, where this is another one.
    pub newest: Option<Link>,
    /// The page after this one.
    pub older: Option<Link>,
    /// The last page, where that is not the next one.
    pub oldest: Option<Link>,
    /// What to do where there is nothing.
    pub nothing: &'static str,
}

/// BAC010.
#[derive(askama::Template)]
#[template(path = "account/statement.html")]
pub struct StatementPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The account, its balance.
    pub account: Vec<Row>,
    /// Spans that are one press away.
    pub shortcuts: Vec<NavItem>,
    /// Days and text.
    pub form: FormView,
    /// The movements; none where the form is wrong.
    pub movements: Option<MovementsView>,
    /// Files of the whole span.
    pub files: Vec<Link>,
    /// BAC001.
    pub back_url: String,
}

/// What a page is made of.
pub(in crate::web::account) struct Read {
    pub account: Account,
    pub span: Result<(StatementSpan, FormView), FormView>,
    pub lines: Option<Lines>,
    shown: Shown,
    may_see_balance: bool,
}

/// The lines of one page.
#[derive(Default)]
struct Shown {
    movements: Vec<Movement>,
    next_before: Option<i64>,
    /// How many lines a search looked at.
    searched: Option<i64>,
}

/// Shows the movements.
///
/// # Errors
/// 303 to the login, 404 for an account that is not the user's, 403 for whoever may not see
/// statements.
pub async fn show(visit: Visit, id: Path<String>, query: Query<StatementQuery>) -> PageResult {
    let id = id_of(&id)?;
    let (who, read) = read_for(&visit, id, &query, true).await?;
    let base = statement_url(&visit, id);
    let today = jst_day(visit.ctx.now);
    let (form, movements) = match &read.span {
        Ok((_, form)) => (form.clone(), Some(view(&base, &query, &read))),
        Err(form) => (form.clone(), None),
    };
    let has_lines = read.lines.is_some();
    let page = StatementPage {
        shell: visit.shell_of(&screens::BAC010, &who),
        account: facts(&visit, &read),
        shortcuts: shortcuts(&base, &query, today),
        form,
        movements,
        files: if has_lines { files(&base, &query) } else { Vec::new() },
        back_url: visit.url(ACCOUNTS),
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Who asks, and the account with its lines, in one read.
///
/// # Errors
/// As [`show`].
pub(in crate::web::account) async fn read_for(
    visit: &Visit,
    id: AccountId,
    query: &StatementQuery,
    with_movements: bool,
) -> Result<(Who, Read), crate::web::failure::PageError> {
    let (ctx, query) = (visit.ctx.clone(), query.clone());
    let form = form(&statement_url(visit, id), &query, reach_of(&ctx));
    let (who, found) = principal::enter(visit, LoginStage::Complete, move |conn, _, user| {
        read(conn, &ctx, user, id, &query, form, with_movements)
    })
    .await?;
    Ok((who, checked(found, |read| &read.account)?))
}

fn read(
    conn: &mut DbConn,
    ctx: &Ctx,
    user: &User,
    id: AccountId,
    query: &StatementQuery,
    form: FormView,
    with_movements: bool,
) -> Result<Option<(Read, Rights)>, DbError> {
    let Some((account, last_booked)) = accounts::find_with_last_day(conn, id, user.contract_id)?
    else {
        return Ok(None);
    };
    let rights = right::of_user(conn, ctx, user)?;
    let span = query.span(form, reach_of(ctx), last_booked);
    let lines = match &span {
        Ok((span, _)) if rights.allows_on(UserRight::Statement, id) => {
            lines_of(conn, ctx, id, *span)?
        }
        _ => None,
    };
    let shown = match lines.filter(|_| with_movements) {
        Some(lines) => shown(conn, id, lines, query)?,
        None => Shown::default(),
    };
    let may_see_balance = rights.allows_on(UserRight::Balance, id);
    Ok(Some((Read { account, span, lines, shown, may_see_balance }, rights)))
}

fn shown(
    conn: &mut DbConn,
    id: AccountId,
    (first, last): Lines,
    query: &StatementQuery,
) -> Result<Shown, DbError> {
    let last = query.before().map_or(last, |before| last.min(before - 1));
    if let Some(text) = query.text() {
        let found = search(conn, id, (first, last), &text, PAGE_SIZE)?;
        let (movements, next_before) = (found.movements, found.next_before);
        return Ok(Shown { movements, next_before, searched: Some(found.searched) });
    }
    let movements = statements::list_newest(conn, id, (first, last), PAGE_SIZE)?;
    let oldest = movements.last().map(|movement| movement.line_no);
    let next_before = oldest.filter(|line| *line > first);
    Ok(Shown { movements, next_before, searched: None })
}

fn facts(visit: &Visit, read: &Read) -> Vec<Row> {
    let account = &read.account;
    let mut rows = vec![
        Row::new("口座", account_text(account)),
        Row::new("名義", account.holder_kana.clone()),
    ];
    if read.may_see_balance {
        rows.push(Row::new("残高", account.balance.to_string()));
        rows.push(Row::new("支払可能残高", account.available().to_string()));
    }
    rows.push(Row::new("照会日時", jst_minute_text(visit.ctx.now)));
    rows
}

fn view(base: &str, query: &StatementQuery, read: &Read) -> MovementsView {
    let link = |label: &str, before| Link { label: label.to_owned(), url: query.url(base, before) };
    let (shown, before) = (&read.shown, query.before());
    let (first, last) = read.lines.unwrap_or((1, 0));
    let total = last - first + 1;
    let total_text = match (shown.searched, shown.movements.first(), shown.movements.last()) {
        (Some(_), _, _) if read.lines.is_none() => "0件".to_owned(),
        (Some(searched), _, _) => {
            let more = if shown.next_before.is_some() {
                "まだ続きがあります"
            } else {
                "最後まで調べました"
            };
            format!("{}件（{searched}件の明細を調べ、{more}）", shown.movements.len())
        }
        (None, Some(newest), Some(oldest)) => {
            let (from, to) = (last - newest.line_no + 1, last - oldest.line_no + 1);
            format!("{total}件のうち {from}〜{to}件目")
        }
        _ => format!("{total}件"),
    };
    let is_search = shown.searched.is_some();
    let older_label = match (is_search, shown.movements.is_empty()) {
        (true, true) => "さらに前の明細を探す",
        _ => "前の明細へ",
    };
    // The last page has what is left over of full ones.
    let last_before = first + (total - 1).rem_euclid(PAGE_SIZE) + 1;
    let is_last_next = shown.next_before.is_none_or(|next| next <= last_before);
    MovementsView {
        rows: shown.movements.iter().map(row).collect(),
        total_text,
        newest: before.map(|_| link("最新の明細へ", None)),
        older: shown.next_before.map(|line| link(older_label, Some(line))),
        oldest: (!is_search && !is_last_next).then(|| link("最も古い明細へ", Some(last_before))),
        nothing: nothing(is_search, shown.next_before.is_some()),
    }
}

fn nothing(is_search: bool, is_left: bool) -> &'static str {
    const {
        assert!(SEARCHED_MAX == 2_000, "the words below");
    }
    match (is_search, is_left) {
        (true, true) => {
            "ここまでの2,000件には見つかりませんでした。「さらに前の明細を探す」を押すと、続けて探します。"
        }
        (true, false) => "当てはまる明細はありません。文字や期間を変えて、もう一度お探しください。",
        _ => "この期間の明細はありません。期間を変えて、もう一度お試しください。",
    }
}

fn row(movement: &Movement) -> MovementRow {
    let amount = if movement.amount.0 < 0 { -movement.amount } else { movement.amount };
    let (paid, received) = match movement.amount.0 < 0 {
        true => (amount.to_string(), String::new()),
        false => (String::new(), amount.to_string()),
    };
    MovementRow {
        day: day_text(movement.booked_on),
        text: movement.description.clone(),
        paid,
        received,
        balance: movement.balance_after.to_string(),
    }
}

fn day_text(day: NaiveDate) -> String {
    day.format("%Y年%-m月%-d日").to_string()
}

fn files(base: &str, query: &StatementQuery) -> Vec<Link> {
    let formats = [
        ("CSV（UTF-8）", "csv"),
        ("CSV（Shift_JIS）", "csv-sjis"),
        ("全銀形式", "zengin"),
        ("全銀形式（改行なし）", "zengin-bare"),
    ];
    let link = |(label, format): (&str, &str)| Link {
        label: label.to_owned(),
        url: query.file_url(base, format),
    };
    formats.into_iter().map(link).collect()
}
