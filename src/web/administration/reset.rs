//! BAU050 パスワードの初期化: who gets a new initial password.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::member_acts;
use crate::domain::member::HandOver;
use crate::domain::permission::users::UserAct;
use crate::operations::administration::SeenMembers;
use crate::operations::administration::reset::reset;
use crate::primitives::ids::UserId;
use crate::web::administration::edit::input::hand_over_field;
use crate::web::administration::list::{self, ListQuery, ListView};
use crate::web::administration::release::STEPS;
use crate::web::administration::ticks::{self, Again, Listed, Seen, Sent, TickRow};
use crate::web::administration::{
    TICK, TickedForm, USERS, given_proof, proof_fields, refuse_foreign, users_result,
};
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Shell, Step, steps};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

/// The address below the portal.
pub const PATH: &str = "admin/reset";
const ACTS: [UserAct; 1] = [UserAct::ResetPassword];

/// BAU050. Fields: a box a user, `hand_over`, and the proof.
#[derive(askama::Template)]
#[template(path = "administration/reset.html")]
pub struct ResetPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// The users.
    pub list: ListView<TickRow>,
    /// The portal's word for the login secret.
    pub login_label: String,
    /// The portal's word for the confirming secret.
    pub confirm_label: String,
    /// BAU001.
    pub back_url: String,
}

/// BAU050's form beside the boxes.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ResetForm {
    #[validate(length(max = 16))]
    hand_over: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: Option<String>,
}

/// Shows BAU050.
///
/// # Errors
/// 403 for whoever administers nobody.
pub async fn show(visit: Visit, query: Query<ListQuery>) -> PageResult {
    let (who, listed) = ticks::read(&visit, &query).await?;
    let form = form(&visit, &who, &query, (HandOver::Print, request_key()?));
    show_list(&visit, &query, (Sent { who, listed, ticked: Seen::new() }, form, StatusCode::OK))
}

/// Gives whom the boxes name new initial passwords.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, query: Query<ListQuery>, body: FormBody) -> PageResult {
    let (who, listed) = ticks::read(&visit, &query).await?;
    let (input, boxes, key) =
        body.ticked::<ResetForm>(&visit, &who, "user.reset_password", TICK)?;
    let ticked = ticks::seen(&boxes).ok_or(PageError::BadRequest("no such box"))?;
    refuse_foreign(&visit, &who, ticked.keys().copied().collect()).await?;
    let way = input.hand_over.as_deref().and_then(HandOver::from_text);
    let mut form = form(&visit, &who, &query, (way.unwrap_or(HandOver::Print), key.key.clone()));
    if way.is_none() {
        form.set_error("hand_over", "初期パスワードの渡し方を選んでください。");
    }
    if ticked.is_empty() {
        form.errors.push("対象の利用者を選んでください。".to_owned());
    }
    if way == Some(HandOver::Mail)
        && let Some(names) = without_address(&visit, &listed, &ticked).await?
    {
        let words =
            format!("{names}のメールアドレスがありません。選択を外すか、画面に表示してください。");
        form.set_error("hand_over", words);
    }
    let given = TickedForm { confirm: input.confirm, otp: input.otp, agreed: None };
    let proof = given_proof(&visit, &who, &mut form, given)?;
    let (Some(proof), Some(way), false) = (proof, way, form.is_invalid()) else {
        let sent = Sent { who, listed, ticked };
        return show_list(&visit, &query, (sent, form, StatusCode::UNPROCESSABLE_ENTITY));
    };
    let results_url = visit.url(users_result::RESET);
    let act = SeenMembers::new(&who.user, ticked.clone(), proof, key, results_url);
    let outcome = reset(&visit.app.services, &who.ctx, way, act).await?;
    let sent = Sent { who, listed, ticked };
    let fresh = |who: &Who| Ok(self::form(&visit, who, &query, (HandOver::Print, request_key()?)));
    match ticks::answer(&visit, &query, outcome, sent, form, fresh).await? {
        Ok(done) => Ok(done),
        Err(again) => show_list(&visit, &query, again),
    }
}

/// The names of ticked users to whom nothing can be mailed.
async fn without_address(
    visit: &Visit,
    listed: &Listed,
    ticked: &Seen,
) -> Result<Option<String>, PageError> {
    let ids: Vec<UserId> = ticked.keys().copied().collect();
    let db = &visit.app.services.db;
    let waiting = db.read(move |conn| member_acts::list_unverified_addresses(conn, &ids)).await?;
    let names: Vec<&str> = listed
        .members
        .iter()
        .filter(|member| ticked.contains_key(&member.id) && member.mail_address.is_none())
        .filter(|member| !waiting.iter().any(|(id, _)| *id == member.id))
        .map(|member| member.name.as_str())
        .collect();
    Ok((!names.is_empty()).then(|| names.join("、")))
}

fn form(visit: &Visit, who: &Who, query: &ListQuery, (way, key): (HandOver, String)) -> FormView {
    let purpose = "このコードでパスワードを初期化します。";
    let mut fields = vec![hand_over_field(way)];
    fields.extend(proof_fields(visit, who, purpose));
    FormView::new(query.own_url(&visit.url(PATH)), who.csrf_token()).fields(fields).request_key(key)
}

fn show_list(visit: &Visit, query: &ListQuery, (sent, form, status): Again) -> PageResult {
    let Sent { who, listed, ticked } = &sent;
    let rows = listed.rows(visit, who, ticked, &ACTS);
    let credentials = &visit.profile.credentials;
    let page = ResetPage {
        shell: visit.shell_of(&screens::BAU050, who),
        steps: steps(&STEPS, 0),
        list: list::view_of_users(visit, PATH, query, listed.total, rows),
        login_label: credentials.login.label.clone(),
        confirm_label: credentials.confirm.label.clone(),
        back_url: visit.url(USERS),
        form,
    };
    visit.page(status, &page)
}
