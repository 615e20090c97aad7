//! BAU030, one user: what is kept, and the buttons 変更 and 削除.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::{accounts, member_acts, members, user_rights};
use crate::db::{DbConn, DbError};
use crate::domain::ledger::Account;
use crate::domain::limit::LimitSet;
use crate::domain::member::{Member, MemberAct};
use crate::domain::permission::users::{UserAct, UserActRefusal, decide_user_act};
use crate::domain::right::Grant;
use crate::domain::user::User;
use crate::operations::administration::draft::{BeginOutcome, begin};
use crate::operations::{Ctx, right};
use crate::primitives::ids::UserId;
use crate::web::administration::edit::words::{address_row, grant_rows, user_rows};
use crate::web::administration::members::tone_of;
use crate::web::administration::{edit, enter};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Row, Shell, Tone};
use crate::web::principal::{MEMBERS, Who};
use crate::web::screens;
use crate::web::visit::Visit;

/// BAU030, the details. Each button has a form of its own with the field `act`.
#[derive(askama::Template)]
#[template(path = "administration/member.html")]
pub struct MemberPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top, as that somebody else was faster.
    pub notices: Vec<Notice>,
    /// How the user stands.
    pub state: &'static str,
    /// Its colour.
    pub tone: Tone,
    /// The user.
    pub rows: Vec<Row>,
    /// Rights and limits.
    pub rights: Vec<Row>,
    /// Begins a change or a deletion.
    pub form: FormView,
    /// Whether it can be changed.
    pub can_change: bool,
    /// Whether it can be deleted.
    pub can_delete: bool,
    /// Why not, in a sentence.
    pub reason: Option<&'static str>,
    /// The list.
    pub back_url: String,
}

/// The form of a button.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ActForm {
    #[validate(length(max = 16))]
    act: String,
}

/// A user with everything that is kept.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The user.
    pub member: Member,
    /// Master users of the contract who can log in.
    pub masters: i64,
    /// What was granted.
    pub grant: Grant,
    /// An address that is not proven yet.
    pub unverified: Option<String>,
    /// The contract's accounts.
    pub accounts: Vec<Account>,
    /// The contract's limits.
    pub limits: LimitSet,
}

/// Reads a user of the same contract; nothing: there is none.
///
/// # Errors
/// Whatever the database says.
pub fn find(
    conn: &mut DbConn,
    ctx: &Ctx,
    actor: &User,
    id: UserId,
) -> Result<Option<Facts>, DbError> {
    let found = members::find_all(conn, actor.contract_id, &[id])?;
    let Some(member) = found.into_iter().next() else { return Ok(None) };
    Ok(Some(Facts {
        masters: members::count_masters(conn, actor.contract_id)?,
        grant: user_rights::find(conn, id)?,
        unverified: member_acts::find_unverified_address(conn, id)?,
        accounts: accounts::list_by_contract(conn, actor.contract_id)?,
        limits: right::contract_limits(conn, ctx, actor.contract_id)?,
        member,
    }))
}

/// Shows the user.
///
/// # Errors
/// 403 for whoever administers nobody, 404 for a user of another contract.
pub async fn show(visit: Visit, id: Path<String>) -> PageResult {
    show_with(&visit, read_id(&id)?, Vec::new(), StatusCode::OK).await
}

fn read_id(text: &str) -> Result<UserId, PageError> {
    text.parse().map(UserId).map_err(|_| PageError::NotFound)
}

/// The user as of now, with word that somebody else was faster.
///
/// # Errors
/// As [`show`].
pub async fn show_changed(visit: &Visit, id: UserId) -> PageResult {
    let notice = Notice {
        tone: Tone::Warn,
        title: "ほかの管理者が、先にこの利用者の情報を変更しました。".to_owned(),
        text: vec![
            "お手続きはしていません。今の内容をお確かめのうえ、もう一度お手続きください。"
                .to_owned(),
        ],
    };
    show_with(visit, id, vec![notice], StatusCode::CONFLICT).await
}

async fn show_with(
    visit: &Visit,
    id: UserId,
    notices: Vec<Notice>,
    status: StatusCode,
) -> PageResult {
    let ctx = visit.ctx.clone();
    let (who, facts) = enter(visit, move |conn, _, user| find(conn, &ctx, user, id)).await?;
    let facts = facts.ok_or(PageError::NotFound)?;
    let (change, delete) = (
        decide(visit, &who, &facts, UserAct::Change(facts.member.role)),
        decide(visit, &who, &facts, UserAct::Delete),
    );
    let (member, state) = (&facts.member, facts.member.state());
    let mut rows = user_rows(visit, &member.login_id, &member.name, member.role);
    rows.push(address_row(member.mail_address.as_deref(), facts.unverified.as_deref()));
    let page = MemberPage {
        shell: visit.shell_of(&screens::BAU030, &who),
        notices,
        state: state.label(),
        tone: tone_of(state),
        rows,
        rights: grant_rows(visit, member.role, &facts.grant, &facts.accounts, &facts.limits),
        form: FormView::new(visit.url(&format!("{MEMBERS}/{id}")), who.csrf_token()),
        can_change: change.is_ok(),
        can_delete: delete.is_ok(),
        reason: delete.err().map(refusal_words),
        back_url: visit.url(MEMBERS),
    };
    visit.page(status, &page)
}

fn decide(visit: &Visit, who: &Who, facts: &Facts, act: UserAct) -> Result<(), UserActRefusal> {
    let target = facts.member.user_target(facts.masters);
    decide_user_act(&visit.profile, &who.user, target, act)
}

/// Why something cannot be done to a user.
pub fn refusal_words(refusal: UserActRefusal) -> &'static str {
    match refusal {
        UserActRefusal::Oneself => "ご自身を削除することはできません。ほかの管理者の方が行えます。",
        UserActRefusal::MasterOnly => {
            "マスターユーザの情報を変更・削除できるのは、マスターユーザだけです。"
        }
        UserActRefusal::LastMaster => {
            "ログインできるマスターユーザがほかにいないため、削除できません。"
        }
        UserActRefusal::NotAdministrator | UserActRefusal::NotThere | UserActRefusal::State => {
            "この利用者には行えません。"
        }
    }
}

/// Begins a change or a deletion.
///
/// # Errors
/// 4xx for what is no form of ours, 403 by the rules, 404 for a user of another contract.
pub async fn submit(visit: Visit, id: Path<String>, body: FormBody) -> PageResult {
    let id = read_id(&id)?;
    let (who, ()) = enter(&visit, |_, _, _| Ok(())).await?;
    let input: ActForm = body.of(&who)?;
    let act = MemberAct::from_text(&input.act)
        .filter(|act| *act != MemberAct::Register)
        .ok_or(PageError::BadRequest("no such act"))?;
    match begin(&visit.app.services, &who.ctx, &who.login, act, Some(id)).await? {
        BeginOutcome::Begun(flow_id) if act == MemberAct::Delete => {
            Ok(see_other(&format!("{}/confirm", edit::first_url(&visit, &flow_id))))
        }
        BeginOutcome::Begun(flow_id) => Ok(see_other(&edit::first_url(&visit, &flow_id))),
        BeginOutcome::Refused(UserActRefusal::NotThere) => Err(PageError::NotFound),
        BeginOutcome::Refused(_) => Err(PageError::Forbidden("not to this user")),
    }
}
