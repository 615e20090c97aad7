//! BFT000 ファイル伝送: what waits for this user, and the way to everything about files.

use actix_web::http::StatusCode;

use crate::db::queries::bulk_lists::{self, BulkFilter};
use crate::db::{DbConn, DbError};
use crate::domain::auth_rule::Operation;
use crate::domain::bulk_file::{BulkKind, BulkState, BulkStep};
use crate::domain::right::UserRight;
use crate::domain::user::User;
use crate::operations::bulk_file::{open_to, seen_by};
use crate::operations::{Ctx, external_file};
use crate::web::bulk_desk::{APPROVAL, HISTORY, LIST_MAX, Listed, Place, SENDING, enter, list};
use crate::web::bulk_file;
use crate::web::external;
use crate::web::failure::PageResult;
use crate::web::file_guide::{CHECK, FORMATS};
use crate::web::home::changes::{self, ChangeNotice};
use crate::web::page::{LinkCard, Notice, Row, Shell, Tone};
use crate::web::screens;
use crate::web::transfer::obstacle;
use crate::web::visit::Visit;

/// BFT000.
#[derive(askama::Template)]
#[template(path = "bulk_desk/menu.html")]
pub struct MenuPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// What will be asked for from which day on.
    pub changes: Option<ChangeNotice>,
    /// What waits for this user.
    pub counts: Vec<Count>,
    /// The ways.
    pub cards: Vec<LinkCard>,
    /// What was agreed, kind by kind.
    pub services: Vec<Row>,
}

/// How many files wait for something.
#[derive(Debug, Clone)]
pub struct Count {
    /// For what.
    pub label: &'static str,
    /// How many, as `3件`.
    pub text: String,
    /// Where they are.
    pub url: String,
    /// Whether there are any.
    pub is_some: bool,
}

/// The files that wait for this user.
pub struct Waiting {
    approve: Listed,
    send: Listed,
    returned: i64,
    /// Files that nobody of those who receive them has fetched.
    unfetched: i64,
}

/// What waits: to be approved or sent, and what came back to the user.
///
/// # Errors
/// Whatever the database says.
pub fn read(conn: &mut DbConn, ctx: &Ctx, place: &Place, user: &User) -> Result<Waiting, DbError> {
    let rights = &place.desk.rights;
    let to_approve = open_to(rights, BulkStep::Approve, BulkState::Waiting);
    let to_send = open_to(rights, BulkStep::Send, BulkState::Approved);
    let states = vec![BulkState::Returned];
    let back = BulkFilter { states, maker: Some(user.id), ..seen_by(rights) };
    let unfetched = match place.desk.rights.allows(UserRight::ExternalReceive) {
        true => external_file::count_new(conn, ctx, user, rights)?,
        false => 0,
    };
    Ok(Waiting {
        unfetched,
        approve: list(conn, place, user, &to_approve)?,
        send: list(conn, place, user, &to_send)?,
        returned: bulk_lists::count(conn, user.contract_id, &back)?,
    })
}

impl Waiting {
    /// How many this user can approve.
    #[must_use]
    pub fn to_approve(&self, visit: &Visit, place: &Place) -> usize {
        let can = |(file, actor): &&(_, _)| place.rules(visit, file).approve(file, *actor).is_ok();
        self.approve.iter().filter(can).count()
    }

    /// How many this user can send.
    #[must_use]
    pub fn to_send(&self, visit: &Visit, place: &Place) -> usize {
        let can = |(file, actor): &&(_, _)| place.rules(visit, file).send(file, *actor).is_ok();
        self.send.iter().filter(can).count()
    }
}

/// Shows BFT000.
///
/// # Errors
/// 303 to the login; 403 for whoever only administers.
pub async fn show(visit: Visit) -> PageResult {
    let ctx = visit.ctx.clone();
    let (who, place, (waiting, changes)) = enter(&visit, move |conn, place, user| {
        Ok((read(conn, &ctx, place, user)?, changes::read(conn, &ctx, user)?))
    })
    .await?;
    let page = MenuPage {
        shell: visit.shell_of(&screens::BFT000, &who),
        notices: notices(&visit, &who.user, &place),
        changes: changes::view(&visit, &who.user, &changes),
        counts: counts(&visit, &place, &waiting),
        cards: cards(&visit, &place),
        services: place
            .desk
            .services
            .iter()
            .map(|service| {
                let most = format!("1ファイル {} まで", service.file_limit_yen);
                Row::new(service.kind.label(), format!("{most}・{}", route_text(service)))
            })
            .collect(),
    };
    visit.page(StatusCode::OK, &page)
}

fn route_text(service: &crate::domain::bulk_file::BulkService) -> String {
    match service.second_approval_from_yen {
        None => "承認は1人".to_owned(),
        Some(from) if from.0 == 0 => "承認は2人".to_owned(),
        Some(from) => format!("承認は1人、合計 {from} からは2人"),
    }
}

fn counts(visit: &Visit, place: &Place, waiting: &Waiting) -> Vec<Count> {
    let of = |label, count: usize, url| {
        let is_full = i64::try_from(count) == Ok(LIST_MAX);
        let text = format!("{count}件{}", if is_full { "以上" } else { "" });
        Count { label, text, url, is_some: count > 0 }
    };
    let returned = usize::try_from(waiting.returned).unwrap_or(0);
    let back = format!("{}?state={}", visit.url(HISTORY), BulkState::Returned);
    let mut counts = vec![
        of("承認を待つデータ", waiting.to_approve(visit, place), visit.url(APPROVAL)),
        of("送信を待つデータ", waiting.to_send(visit, place), visit.url(SENDING)),
        of("差し戻されたデータ", returned, back),
    ];
    if visit.profile.services.external_files {
        let new = usize::try_from(waiting.unfetched).unwrap_or(0);
        counts.push(of("受信していないファイル", new, visit.url(external::RECEIVE)));
    }
    counts
}

fn cards(visit: &Visit, place: &Place) -> Vec<LinkCard> {
    let card = |label: &str, description: &'static str, path: &str| LinkCard {
        label: label.to_owned(),
        description: description.into(),
        url: visit.url(path),
    };
    let mut cards = Vec::new();
    if !place.desk.kinds(BulkStep::Make).is_empty() {
        cards.extend([
            card(
                "新規作成",
                "画面で入力するか、表計算ソフト・CSVから取り込みます。",
                bulk_file::NEW,
            ),
            card("アップロード", "会計・給与ソフトのファイルを取り込みます。", bulk_file::UPLOAD),
            card("過去データの利用", "以前の明細を、新しい指定日で使います。", bulk_file::COPY),
        ]);
    }
    cards.extend([
        card("承認", "承認待ちのデータを確かめ、承認または差戻しをします。", APPROVAL),
        card("送信", "承認されたデータを、締切までに送信します。", SENDING),
        card("状況・履歴", "すべてのデータの状態と履歴を確かめ、引戻しをします。", HISTORY),
        card("ファイルのチェック", "登録せずに、ファイルの誤りだけを確かめます。", CHECK),
        card("ファイルの形式", "項目の位置・桁数と、使える文字のご案内です。", FORMATS),
    ]);
    if visit.profile.services.external_files {
        cards.extend([
            card(
                "外部ファイル送信",
                "会計ソフトなどで承認したファイルを、そのまま送信します。",
                external::SEND,
            ),
            card(
                "外部ファイル受信",
                "明細や処理結果を、ファイルで受け取ります。",
                external::RECEIVE,
            ),
        ]);
    }
    cards
}

fn notices(visit: &Visit, user: &User, place: &Place) -> Vec<Notice> {
    let rights = &place.desk.rights;
    let may = |step: BulkStep| BulkKind::ALL.iter().any(|kind| rights.allows(kind.right(step)));
    let asked = if may(BulkStep::Approve) {
        Some(Operation::BulkApprove)
    } else {
        may(BulkStep::Send).then_some(Operation::BulkSend)
    };
    let mut notices: Vec<Notice> =
        asked.and_then(|operation| obstacle(visit, user, operation)).into_iter().collect();
    if place.desk.services.is_empty() {
        notices.push(Notice {
            tone: Tone::Info,
            title: "ファイル伝送のお申し込みがありません。".to_owned(),
            text: vec![
                "ご利用をご希望の場合は、画面下のお問い合わせ先へお電話ください。".to_owned(),
            ],
        });
    }
    notices
}
