//! BAU020 トークン失効: whose token an administrator revokes.

use actix_web::http::StatusCode;
use actix_web::web::Query;

use crate::domain::member::Member;
use crate::domain::permission::decide_token_act;
use crate::domain::token::{TokenAct, UserTokenStatus};
use crate::operations::administration::revoke::revoke;
use crate::operations::administration::{MembersAct, MembersOutcome};
use crate::operations::count_limit;
use crate::operations::step::StepOutcome;
use crate::primitives::clock::{jst_expiry_text, jst_minute_text};
use crate::primitives::ids::UserId;
use crate::web::administration::list::{
    self, ListQuery, ListView, Listed, MemberRow, own_id, role_label_in,
};
use crate::web::administration::release::{STEPS, changed};
use crate::web::administration::{
    AGREED, TICK, TickedForm, ask_about_last, enter, given_proof, menu_url, proof_fields, result,
};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::set_refusal;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Shell, Step, Tone, steps};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::session;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

/// The address below the portal.
pub const PATH: &str = "admin/revoke";

/// BAU020. Fields: a box a user, `agreed` where the page asks once more, and the proof.
#[derive(askama::Template)]
#[template(path = "administration/revoke.html")]
pub struct RevokePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The users.
    pub list: ListView,
    /// The portal's word for the serial number.
    pub serial_label: String,
    /// From when somebody revoked now can register another token.
    pub registrable_from: String,
    /// What has to be agreed to by name; none: nothing is asked once more.
    pub asks: Option<String>,
    /// Whether anybody on this page can be revoked.
    pub has_ticks: bool,
    /// BAU001.
    pub back_url: String,
}

/// Shows BAU020.
///
/// # Errors
/// 403 for whoever administers nobody.
pub async fn show(visit: Visit, query: Query<ListQuery>) -> PageResult {
    let (who, listed) = read(&visit, &query).await?;
    let form = form(&visit, &who, &query, request_key()?);
    show_list(&visit, &who, &query, &listed, &Ticked::default(), form, StatusCode::OK)
}

/// What was ticked, and what is asked once more because of it.
#[derive(Default)]
struct Ticked {
    ids: Vec<UserId>,
    asks: Option<String>,
}

/// Revokes whom the boxes name.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, query: Query<ListQuery>, body: FormBody) -> PageResult {
    let (who, listed) = read(&visit, &query).await?;
    let (input, ticks, key) = body.ticked::<TickedForm>(&visit, &who, "token.revoke", TICK)?;
    let ids = super::ticked(&visit, &who, &ticks).await?;
    let mut form = form(&visit, &who, &query, key.key.clone());
    if ids.is_empty() {
        form.errors.push("失効する利用者を選んでください。".to_owned());
    }
    let is_own = ids.contains(&who.user.id);
    let mut ticked = Ticked { ids, asks: None };
    if is_own {
        ticked.asks = Some("自分のトークンを失効し、すぐにログアウトする".to_owned());
        if input.agreed.as_deref() != Some(AGREED) {
            form.errors.push(
                "ご自身のトークンが含まれています。失効すると、新しいトークンを登録するまで\
                 ログインできません。よろしければ、確認の欄にチェックを入れて、\
                 もう一度「失効」を押してください。"
                    .to_owned(),
            );
        }
    }
    let agreed = input.agreed.clone();
    let gone = ticked.ids.clone();
    let last = ask_about_last(&visit, &who, &mut form, gone, agreed.as_deref()).await?;
    ticked.asks = ticked.asks.or(last);
    let proof = given_proof(&visit, &who, &mut form, input)?;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show_list(&visit, &who, &query, &listed, &ticked, form, status);
    };
    let act = MembersAct {
        actor: who.user.clone(),
        user_ids: ticked.ids.clone(),
        proof,
        key,
        results_url: visit.url(result::REVOKED),
    };
    match revoke(&visit.app.services, &who.ctx, act).await? {
        // Whoever gave up the own token sees the result once: the login is over.
        MembersOutcome::Done(url) if is_own => {
            let page = result::show_last(&visit, &who, &url).await?;
            session::end(&visit.session);
            Ok(page)
        }
        MembersOutcome::Done(url) => Ok(see_other(&url)),
        MembersOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show_list(&visit, &who, &query, &listed, &ticked, form, status)
        }
        MembersOutcome::Step(_) => {
            let (who, listed) = read(&visit, &query).await?;
            let form = changed(self::form(&visit, &who, &query, request_key()?));
            let none = Ticked::default();
            show_list(&visit, &who, &query, &listed, &none, form, StatusCode::CONFLICT)
        }
    }
}

async fn read(visit: &Visit, query: &ListQuery) -> Result<(Who, Listed), PageError> {
    let (query, max) = (query.clone(), visit.profile.tokens.throttle.failures_max);
    enter(visit, move |conn, _, user| list::read(conn, user.contract_id, &query, max)).await
}

fn form(visit: &Visit, who: &Who, query: &ListQuery, key: String) -> FormView {
    let purpose = "このコードでトークンを失効します。";
    FormView::new(query.own_url(&visit.url(PATH)), who.csrf_token())
        .fields(proof_fields(visit, who, purpose))
        .request_key(key)
}

fn show_list(
    visit: &Visit,
    who: &Who,
    query: &ListQuery,
    listed: &Listed,
    ticked: &Ticked,
    form: FormView,
    status: StatusCode,
) -> PageResult {
    let rows: Vec<MemberRow> =
        listed.members.iter().map(|member| row(visit, who, listed, member, &ticked.ids)).collect();
    let page = RevokePage {
        shell: visit.shell_of(&screens::BAU020, who),
        steps: steps(&STEPS, 0),
        has_ticks: rows.iter().any(|row| row.tick.is_some()),
        list: list::view(visit, PATH, query, listed.total, rows, false),
        serial_label: visit.profile.words.serial.clone(),
        registrable_from: jst_minute_text(visit.profile.revocation_wait_until(visit.ctx.now)),
        asks: ticked.asks.clone(),
        back_url: menu_url(visit),
        form,
    };
    visit.page(status, &page)
}

fn row(visit: &Visit, who: &Who, listed: &Listed, member: &Member, ticked: &[UserId]) -> MemberRow {
    let max = count_limit(visit.profile.tokens.throttle.failures_max);
    let target = member.target(max, visit.ctx.now);
    let decided = decide_token_act(&visit.profile, &who.user, target, TokenAct::Revoke);
    let dash = || "−".to_owned();
    MemberRow {
        tick: decided.is_ok().then(|| list::tick_of(member)),
        is_ticked: ticked.contains(&member.id),
        reason: "−",
        login_id: own_id(&member.login_id).to_owned(),
        name: member.name.clone(),
        role: role_label_in(&visit.profile, member.role),
        serial: member.serial.clone().unwrap_or_else(dash),
        state: target.status.label(),
        tone: match target.status {
            UserTokenStatus::InUse => Tone::Success,
            UserTokenStatus::Issued => Tone::Info,
            UserTokenStatus::Expired | UserTokenStatus::Revoked => Tone::Error,
            UserTokenStatus::Unregistered => Tone::Warn,
        },
        expires_at: member.expires_at.map_or_else(dash, jst_expiry_text),
        others: listed.others(member),
    }
}
