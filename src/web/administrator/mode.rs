//! BAU101 ワンタイムパスワード利用形態の選択, and what a change of it releases.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::{contracts, members};
use crate::domain::contract::{Contract, TokenMode, needs_mode_change};
use crate::domain::member::Member;
use crate::domain::token::UserTokenStatus;
use crate::domain::user::Role;
use crate::operations::administration::registration::begin;
use crate::operations::administration::stop::{StopKind, stop};
use crate::operations::administration::{MembersAct, MembersOutcome};
use crate::operations::count_limit;
use crate::operations::step::StepOutcome;
use crate::web::administration::{TickedForm, enter, given_proof, proof_fields};
use crate::web::administrator::{MODE, RESULT, mode_label};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{INPUT_LENGTH_MAX, set_refusal};
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Shell, Step, steps};
use crate::web::principal::{ADMINISTRATOR_USERS, REGISTRAR, Who};
use crate::web::screens;
use crate::web::token::flow::{BareForm, request_key};
use crate::web::visit::Visit;

/// The step bar of a registration.
pub const STEPS: [&str; 3] = ["利用形態の|選択", "トークン|情報の入力", "登録|完了"];
const AGREED: &str = "yes";

/// BAU101. Field: `mode`.
#[derive(askama::Template)]
#[template(path = "administrator/mode.html")]
pub struct ModePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The portal's word for the token.
    pub token_word: String,
    /// How many users there are.
    pub users: i64,
    /// The form.
    pub form: FormView,
    /// BAU100.
    pub back_url: String,
}

/// BAU101, once more: what is released. Fields: `agreed` and the proof.
#[derive(askama::Template)]
#[template(path = "administrator/mode_change.html")]
pub struct ModeChangePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The mode that shall hold.
    pub mode: &'static str,
    /// Tokens and their users, as `AOB0000004: 担当者D、担当者E`.
    pub released: Vec<String>,
    /// Users whose token is suspended, which has to be dealt with before.
    pub suspended: Option<String>,
    /// The form.
    pub form: FormView,
    /// BAU101.
    pub back_url: String,
}

/// The form of the choice.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ModeForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mode: Option<String>,
}

struct Standing {
    contract: Contract,
    having: Vec<Member>,
    users: i64,
}

impl Standing {
    /// Those who lose their token by a change.
    fn live<'a>(&'a self, visit: &'a Visit) -> impl Iterator<Item = &'a Member> {
        let now = visit.ctx.now;
        self.having.iter().filter(move |member| member.status_at(now) == UserTokenStatus::InUse)
    }
}

async fn read(visit: &Visit) -> Result<(Who, Standing), PageError> {
    enter(visit, |conn, _, user| {
        let contract = contracts::get(conn, user.contract_id)?;
        let having = members::list_with_token(conn, user.contract_id)?;
        let users = members::count_of_role(conn, user.contract_id, Role::General)?;
        Ok(Standing { contract, having, users })
    })
    .await
}

/// Shows the choice.
///
/// # Errors
/// 403 for whoever is no administrator.
pub async fn show(visit: Visit) -> PageResult {
    let (who, standing) = read(&visit).await?;
    let form = form(&visit, &who, standing.contract.token_mode);
    show_form(&visit, &who, &standing, form)
}

/// Goes on to the token, or to what a change would release.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, standing) = read(&visit).await?;
    let input: ModeForm = body.of(&who)?;
    let Some(mode) = input.mode.as_deref().and_then(TokenMode::from_text) else {
        let mut form = form(&visit, &who, standing.contract.token_mode);
        form.set_error("mode", "利用形態を選んでください。");
        return show_form(&visit, &who, &standing, form);
    };
    lead_on(&visit, &who, mode).await
}

/// Begins a registration in the mode, or asks about its change first.
pub(super) async fn lead_on(visit: &Visit, who: &Who, mode: TokenMode) -> PageResult {
    match begin(&visit.app.services, &who.ctx, &who.login, mode).await? {
        Some(flow_id) => Ok(see_other(&visit.url(&format!("{REGISTRAR}/{flow_id}")))),
        None => Ok(see_other(&visit.url(&format!("{MODE}/{mode}")))),
    }
}

/// Registers the next token in the mode that holds (続けて登録する).
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn again(visit: Visit, body: FormBody) -> PageResult {
    let (who, standing) = read(&visit).await?;
    let BareForm {} = body.of(&who)?;
    match standing.contract.token_mode {
        Some(mode) => lead_on(&visit, &who, mode).await,
        None => Ok(see_other(&visit.url(MODE))),
    }
}

/// Shows what a change releases.
///
/// # Errors
/// 303 where nothing is to be released.
pub async fn show_change(visit: Visit, mode: Path<String>) -> PageResult {
    let (who, standing, mode) = enter_change(&visit, &mode).await?;
    let form = change_form(&visit, &who, mode, request_key()?);
    show_change_form(&visit, &who, &standing, mode, form, StatusCode::OK)
}

/// Releases the registrations and sets the mode.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit_change(visit: Visit, mode: Path<String>, body: FormBody) -> PageResult {
    let (who, standing) = read(&visit).await?;
    let mode = TokenMode::from_text(&mode).ok_or(PageError::NotFound)?;
    let (input, key) = body.keyed::<TickedForm>(&visit, &who, "token.mode")?;
    let mut form = change_form(&visit, &who, mode, key.key.clone());
    if input.agreed.as_deref() != Some(AGREED) {
        form.errors.push(
            "解除される内容をお確かめのうえ、確認の欄にチェックを入れてください。".to_owned(),
        );
    }
    let proof = given_proof(&visit, &who, &mut form, input)?;
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        return show_change_form(&visit, &who, &standing, mode, form, invalid);
    };
    let act = MembersAct {
        actor: who.user.clone(),
        user_ids: Vec::new(),
        proof,
        key,
        results_url: visit.url(RESULT),
    };
    match stop(&visit.app.services, &who.ctx, act, StopKind::ModeChange(mode)).await? {
        MembersOutcome::Done(url) => Ok(see_other(&url)),
        MembersOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
            show_change_form(&visit, &who, &standing, mode, form, invalid)
        }
        MembersOutcome::Step(_) => {
            // With the new state beside it.
            let (who, standing) = read(&visit).await?;
            let form = change_form(&visit, &who, mode, request_key()?).error(
                "トークンの状態が変わったため、利用形態を変更していません。今の状態をお確かめください。",
            );
            show_change_form(&visit, &who, &standing, mode, form, StatusCode::CONFLICT)
        }
    }
}

async fn enter_change(visit: &Visit, mode: &str) -> Result<(Who, Standing, TokenMode), PageError> {
    let (who, standing) = read(visit).await?;
    let mode = TokenMode::from_text(mode).ok_or(PageError::NotFound)?;
    if !needs_mode_change(&standing.contract, mode, &standing.having, visit.ctx.now) {
        return Err(PageError::SeeOther(visit.url(MODE)));
    }
    Ok((who, standing, mode))
}

fn form(visit: &Visit, who: &Who, chosen: Option<TokenMode>) -> FormView {
    let choice = |mode: TokenMode, hint: &str| Choice {
        value: mode.as_str().to_owned(),
        label: mode_label(mode).to_owned(),
        hint: Some(hint.to_owned()),
        image: None,
        is_chosen: chosen == Some(mode),
    };
    let choices = vec![
        choice(TokenMode::Each, "お一人に1個ずつ、または何人かのグループで1個を使います。"),
        choice(TokenMode::All, "1個を全員で使います。あとから登録する利用者も同じものを使います。"),
    ];
    FormView::new(visit.url(MODE), who.csrf_token()).fields(vec![FieldView::radio(
        "mode",
        "利用形態",
        choices,
    )])
}

fn show_form(visit: &Visit, who: &Who, standing: &Standing, form: FormView) -> PageResult {
    let page = ModePage {
        shell: visit.shell_of(&screens::BAU101, who),
        steps: steps(&STEPS, 0),
        token_word: visit.profile.words.token.clone(),
        users: standing.users,
        back_url: visit.url(ADMINISTRATOR_USERS),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

fn change_form(visit: &Visit, who: &Who, mode: TokenMode, key: String) -> FormView {
    let purpose = "このコードで登録を解除します。";
    FormView::new(visit.url(&format!("{MODE}/{mode}")), who.csrf_token())
        .fields(proof_fields(visit, who, purpose))
        .request_key(key)
}

fn show_change_form(
    visit: &Visit,
    who: &Who,
    standing: &Standing,
    mode: TokenMode,
    form: FormView,
    status: StatusCode,
) -> PageResult {
    let max = count_limit(visit.profile.tokens.throttle.failures_max);
    let suspended: Vec<&str> = standing
        .live(visit)
        .filter(|member| member.is_suspended(max))
        .map(|member| member.name.as_str())
        .collect();
    let page = ModeChangePage {
        shell: visit.shell_of(&screens::BAU101, who),
        steps: steps(&STEPS, 0),
        mode: mode_label(mode),
        released: released(standing.live(visit)),
        suspended: (!suspended.is_empty()).then(|| suspended.join("、")),
        back_url: visit.url(MODE),
        form,
    };
    visit.page(status, &page)
}

/// Each token with its users, some of them by name.
fn released<'a>(live: impl Iterator<Item = &'a Member>) -> Vec<String> {
    const NAMES_SHOWN: usize = 10;
    let mut by_serial = std::collections::BTreeMap::<&str, Vec<&str>>::new();
    for member in live {
        let serial = member.serial.as_deref().unwrap_or_default();
        by_serial.entry(serial).or_default().push(&member.name);
    }
    let line = |(serial, names): (&str, Vec<&str>)| {
        let more = names.len().saturating_sub(NAMES_SHOWN);
        let more = if more > 0 { format!(" ほか{more}名") } else { String::new() };
        let names: Vec<&str> = names.into_iter().take(NAMES_SHOWN).collect();
        format!("{serial}: {}{more}", names.join("、"))
    };
    by_serial.into_iter().map(line).collect()
}
