//! BAU030 利用者情報の登録・変更・照会: the list of a company's users, and the button 登録.

use actix_web::http::StatusCode;
use actix_web::web::Query;

use crate::domain::member::{Member, MemberAct, MemberState};
use crate::operations::administration::draft::{BeginOutcome, begin};
use crate::web::administration::list::{self, ListQuery, ListView, role_label};
use crate::web::administration::{USERS, edit, enter};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::principal::MEMBERS;
use crate::web::screens;
use crate::web::token::flow::{BareForm, Lost, lost_notices};
use crate::web::visit::Visit;

/// One line.
#[derive(Debug, Clone)]
pub struct UserRow {
    /// ログインID.
    pub login_id: String,
    /// 利用者名.
    pub name: String,
    /// The user's details.
    pub url: String,
    /// 利用者区分.
    pub role: &'static str,
    /// How the user stands.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
    /// メールアドレス, if one is proven.
    pub address: String,
}

/// BAU030, the list.
#[derive(askama::Template)]
#[template(path = "administration/members.html")]
pub struct MembersPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top, as that a flow is over.
    pub notices: Vec<Notice>,
    /// The users.
    pub list: ListView<UserRow>,
    /// Begins a registration.
    pub form: FormView,
    /// BAU001.
    pub back_url: String,
}

/// The colour of a state.
pub fn tone_of(state: MemberState) -> Tone {
    match state {
        MemberState::Active => Tone::Success,
        MemberState::Initial => Tone::Info,
        MemberState::Locked => Tone::Warn,
        MemberState::Paused => Tone::Error,
    }
}

/// Shows the list.
///
/// # Errors
/// 403 for whoever administers nobody.
pub async fn show(visit: Visit, query: Query<ListQuery>, lost: Query<Lost>) -> PageResult {
    let (asked, max) = (query.clone(), visit.profile.tokens.throttle.failures_max);
    let (who, (members, total)) =
        enter(&visit, move |conn, _, user| list::read_users(conn, user.contract_id, &asked, max))
            .await?;
    let rows = members.iter().map(|member| row(&visit, member)).collect();
    let page = MembersPage {
        shell: visit.shell_of(&screens::BAU030, &who),
        notices: lost_notices(&lost),
        list: list::view_of_users(&visit, MEMBERS, &query, total, rows),
        form: FormView::new(visit.url(MEMBERS), who.csrf_token()),
        back_url: visit.url(USERS),
    };
    visit.page(StatusCode::OK, &page)
}

fn row(visit: &Visit, member: &Member) -> UserRow {
    let state = member.state();
    UserRow {
        login_id: member.login_id.clone(),
        name: member.name.clone(),
        url: visit.url(&format!("{MEMBERS}/{}", member.id)),
        role: role_label(member.role),
        state: state.label(),
        tone: tone_of(state),
        address: member.mail_address.clone().unwrap_or_else(|| "−".to_owned()),
    }
}

/// Begins a registration.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn register(visit: Visit, body: FormBody) -> PageResult {
    let (who, ()) = enter(&visit, |_, _, _| Ok(())).await?;
    let BareForm {} = body.of(&who)?;
    let services = &visit.app.services;
    match begin(services, &who.ctx, &who.login, MemberAct::Register, None).await? {
        BeginOutcome::Begun(flow_id) => Ok(see_other(&edit::first_url(&visit, &flow_id))),
        BeginOutcome::Refused(_) => Err(PageError::Forbidden("no administrator")),
    }
}
