//! BAU100 利用者情報選択: the users and their tokens, and the way to register, change and delete them.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::contracts;
use crate::domain::contract::TokenMode;
use crate::domain::member::MemberAct;
use crate::domain::permission::users::UserActRefusal;
use crate::domain::portal::SecretKind;
use crate::domain::user::Role;
use crate::operations::administration::draft::{BeginOutcome, begin};
use crate::operations::certificate::is_offered;
use crate::primitives::ids::UserId;
use crate::web::administration::edit;
use crate::web::administration::list::{self, ListQuery, ListView, Listed, MemberRow};
use crate::web::administration::{enter, release};
use crate::web::administrator::{CERTIFICATES, MENU, MODE, STOP, mode_label, row};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Link, Notice, Shell, Tone};
use crate::web::principal::{ADMINISTRATOR_USERS, Who};
use crate::web::screens;
use crate::web::token::flow::{Lost, lost_notices};
use crate::web::visit::Visit;

/// BAU100. Fields of its form: `user`, and `act` by the button.
#[derive(askama::Template)]
#[template(path = "administrator/users.html")]
pub struct UsersPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top, as that a flow is over.
    pub notices: Vec<Notice>,
    /// Begins a registration, a change or a deletion.
    pub form: FormView,
    /// What the administrator needs beside them.
    pub needs: Vec<String>,
    /// The mode that holds.
    pub mode: &'static str,
    /// The users.
    pub list: ListView,
    /// The portal's word for the serial number.
    pub serial_label: String,
    /// 利用形態設定.
    pub register: Link,
    /// The other acts on tokens.
    pub acts: Vec<Link>,
    /// BAD100.
    pub back_url: String,
}

/// What can be done beside the registration of tokens.
fn acts(visit: &Visit) -> Vec<Link> {
    let words = &visit.profile.words;
    let link = |label: String, path: &str| Link { label, url: visit.url(path) };
    let mut acts = vec![
        link(words.release.clone(), release::PATH),
        link(words.stop.clone().unwrap_or_default(), STOP),
    ];
    if is_offered(&visit.profile) {
        acts.push(link("電子証明書の失効".to_owned(), CERTIFICATES));
    }
    acts
}

/// The form of the list.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ActForm {
    #[validate(length(max = 16))]
    act: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    user: Option<String>,
}

/// Shows BAU100.
///
/// # Errors
/// 403 for whoever is no administrator.
pub async fn show(visit: Visit, query: Query<ListQuery>, lost: Query<Lost>) -> PageResult {
    let (who, read) = read(&visit, &query).await?;
    let form = form(&visit, &who, &query);
    show_list(&visit, &who, &query, read, (lost_notices(&lost), form), StatusCode::OK)
}

/// The list as of now, with word that somebody else was faster.
///
/// # Errors
/// As [`show`].
pub async fn show_changed(visit: &Visit) -> PageResult {
    let notice = Notice {
        tone: Tone::Warn,
        title: "利用者の情報が、ほかの画面で先に変更されました。".to_owned(),
        text: vec![
            "お手続きはしていません。今の内容をお確かめのうえ、もう一度お手続きください。"
                .to_owned(),
        ],
    };
    let query = ListQuery::default();
    let (who, read) = read(visit, &query).await?;
    let form = form(visit, &who, &query);
    show_list(visit, &who, &query, read, (vec![notice], form), StatusCode::CONFLICT)
}

/// Begins a registration, a change or a deletion.
///
/// # Errors
/// 4xx for what is no form of ours, 404 for a user of another contract.
pub async fn submit(visit: Visit, query: Query<ListQuery>, body: FormBody) -> PageResult {
    let (who, read) = read(&visit, &query).await?;
    let input: ActForm = body.of(&who)?;
    let act = MemberAct::from_text(&input.act).ok_or(PageError::BadRequest("no such act"))?;
    let target = match (act, input.user) {
        (MemberAct::Register, _) => None,
        (_, Some(id)) => Some(UserId(id.parse().map_err(|_| PageError::NotFound)?)),
        (_, None) => {
            let words = "変更または削除する利用者を、一覧から選んでください。";
            let mut form = form(&visit, &who, &query);
            form.set_error_apart("user", words);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show_list(&visit, &who, &query, read, (Vec::new(), form), status);
        }
    };
    match begin(&visit.app.services, &who.ctx, &who.login, act, target).await? {
        BeginOutcome::Begun(flow_id) if act == MemberAct::Delete => {
            Ok(see_other(&format!("{}/confirm", edit::first_url(&visit, &flow_id))))
        }
        BeginOutcome::Begun(flow_id) => Ok(see_other(&edit::first_url(&visit, &flow_id))),
        BeginOutcome::Refused(UserActRefusal::NotThere) => Err(PageError::NotFound),
        BeginOutcome::Refused(_) => Err(PageError::Forbidden("not to this user")),
    }
}

type Read = (Listed, Option<TokenMode>);

async fn read(visit: &Visit, query: &ListQuery) -> Result<(Who, Read), PageError> {
    let (asked, max) = (query.clone(), visit.profile.tokens.throttle.failures_max);
    enter(visit, move |conn, _, user| {
        let listed = list::read_of(conn, user.contract_id, &asked, max, Some(Role::General))?;
        Ok((listed, contracts::get(conn, user.contract_id)?.token_mode))
    })
    .await
}

fn form(visit: &Visit, who: &Who, query: &ListQuery) -> FormView {
    FormView::new(query.own_url(&visit.url(ADMINISTRATOR_USERS)), who.csrf_token())
}

fn show_list(
    visit: &Visit,
    who: &Who,
    query: &ListQuery,
    (listed, mode): Read,
    (notices, form): (Vec<Notice>, FormView),
    status: StatusCode,
) -> PageResult {
    let tick = |id: UserId| Some(id.to_string());
    let rows: Vec<MemberRow> = listed
        .members
        .iter()
        .map(|member| row(visit, &listed, member, tick(member.id), &[]))
        .collect();
    let (profile, words) = (&visit.profile, &visit.profile.words);
    let label = |kind| profile.secret_label(kind, who.user.role).to_owned();
    let link = |label: String, path: &str| Link { label, url: visit.url(path) };
    let page = UsersPage {
        shell: visit.shell_of(&screens::BAU100, who),
        notices,
        form,
        needs: vec![
            "お客様カード".to_owned(),
            label(SecretKind::Login),
            label(SecretKind::Confirm),
            words.token.clone(),
        ],
        mode: mode.map_or("まだ設定されていません", mode_label),
        list: list::view(visit, ADMINISTRATOR_USERS, query, listed.total, rows, true),
        serial_label: words.serial.clone(),
        register: link("利用形態設定".to_owned(), MODE),
        acts: acts(visit),
        back_url: visit.url(MENU),
    };
    visit.page(status, &page)
}
