//! BAU080 利用停止解除の承認 and BAU081, its result: what users see who were picked to release, two at a
//! time, an administrator whom nobody else can release.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::receipts;
use crate::db::{DbConn, DbError};
use crate::domain::login::LoginStage;
use crate::domain::permission::quorum::QuorumRefusal;
use crate::domain::receipt::number_text;
use crate::domain::user::User;
use crate::operations::Ctx;
use crate::operations::administration::approve::{
    self, ApprovalReceipt, Waiting, is_approver, list_waiting,
};
use crate::operations::administration::{MemberLine, MembersAct, MembersOutcome};
use crate::operations::step::StepOutcome;
use crate::primitives::clock::{jst_minute_text, jst_receipt_text};
use crate::primitives::ids::{ReceiptId, UserId};
use crate::web::administration::list::role_label;
use crate::web::administration::release::STEPS;
use crate::web::administration::{TickedForm, given_proof, proof_fields, refuse_foreign};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{INPUT_LENGTH_MAX, set_refusal};
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Receipt, Row, Shell, Step, Tone, steps};
use crate::web::principal::{self, Who};
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::visit::Visit;

/// BAU080's address below the portal.
pub const PATH: &str = "release-approval";
/// BAU081's; the receipt's id follows.
const RESULT: &str = "release-approval/result";

/// BAU080. Fields: `target`, and the proof.
#[derive(askama::Template)]
#[template(path = "administration/approve.html")]
pub struct ApprovePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form; without anybody to choose it is not shown.
    pub form: FormView,
    /// Whether there is somebody to choose.
    pub has_choices: bool,
    /// Who else waits, and why this user may not approve there.
    pub others: Vec<Row>,
    /// The portal's word for the release.
    pub release_label: String,
    /// BTP001.
    pub back_url: String,
}

/// BAU081.
#[derive(askama::Template)]
#[template(path = "administration/approve_result.html")]
pub struct ApproveResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Whether the second approval came, or what happens now.
    pub outcome: Notice,
    /// Whom it is about.
    pub rows: Vec<Row>,
    /// Number and time.
    pub receipt: Receipt,
    /// BTP001.
    pub top_url: String,
}

/// BAU080's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ApproveForm {
    #[validate(length(max = 20))]
    target: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: Option<String>,
}

/// Shows BAU080.
///
/// # Errors
/// 403 for whoever was not picked for it.
pub async fn show(visit: Visit) -> PageResult {
    let (who, waiting) = enter(&visit, list_waiting).await?;
    let form = form(&visit, &who, &waiting, None, request_key()?);
    show_list(&visit, &who, &waiting, form, StatusCode::OK)
}

/// Approves.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, waiting) = enter(&visit, list_waiting).await?;
    let (input, key) = body.keyed::<ApproveForm>(&visit, &who, approve::NAME)?;
    let target = match input.target.as_deref().unwrap_or_default() {
        "" => None,
        id => Some(UserId(id.parse().map_err(|_| PageError::BadRequest("no such choice"))?)),
    };
    let mut form = form(&visit, &who, &waiting, target, key.key.clone());
    if let Some(target) = target {
        refuse_foreign(&visit, &who, vec![target]).await?;
    } else {
        form.set_error("target", "承認する相手を選んでください。");
    }
    let given = TickedForm { confirm: input.confirm, otp: input.otp, agreed: None };
    let proof = given_proof(&visit, &who, &mut form, given)?;
    let (Some(proof), Some(target), false) = (proof, target, form.is_invalid()) else {
        return show_list(&visit, &who, &waiting, form, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let act = MembersAct {
        actor: who.user.clone(),
        user_ids: vec![target],
        proof,
        key,
        results_url: visit.url(RESULT),
    };
    match approve::approve(&visit.app.services, &who.ctx, act).await? {
        MembersOutcome::Done(url) => Ok(see_other(&url)),
        MembersOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
            show_list(&visit, &who, &waiting, form, StatusCode::UNPROCESSABLE_ENTITY)
        }
        MembersOutcome::Step(_) => {
            let (who, waiting) = enter(&visit, list_waiting).await?;
            let fresh = self::form(&visit, &who, &waiting, None, request_key()?).error(
                "状態が変わったため、承認していません。今の状態をお確かめのうえ、もう一度お選びください。",
            );
            show_list(&visit, &who, &waiting, fresh, StatusCode::CONFLICT)
        }
    }
}

/// Shows BAU081.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show_result(visit: Visit, id: Path<String>) -> PageResult {
    let id = ReceiptId(id.parse().map_err(|_| PageError::NotFound)?);
    let (who, found) =
        enter(&visit, move |conn, _, user| receipts::find_of_user(conn, user.id, id)).await?;
    let stored =
        found.filter(|receipt| receipt.operation == approve::NAME).ok_or(PageError::NotFound)?;
    let done: ApprovalReceipt = serde_json::from_str(&stored.details)
        .map_err(|error| PageError::Internal(error.to_string()))?;
    let page = ApproveResultPage {
        shell: visit.shell_of(&screens::BAU081, &who),
        steps: steps(&STEPS, 1),
        outcome: outcome(&visit, &done),
        rows: rows(&visit, &done),
        receipt: Receipt {
            number: number_text(stored.number),
            time_text: jst_receipt_text(stored.accepted_at),
        },
        top_url: visit.url(""),
    };
    visit.page(StatusCode::OK, &page)
}

/// The box on BTP001 for whoever was picked, while an administrator waits.
pub fn alert(visit: &Visit, waiting: &[Waiting]) -> Option<Notice> {
    let first = waiting.iter().find(|one| one.decided.is_ok())?;
    let words = &visit.profile.words;
    Some(Notice {
        tone: Tone::Warn,
        title: format!("{}の承認をお願いします。", words.release),
        text: vec![format!(
            "{}の{}が停止し、ほかに解除できる方がいません。電話などでご本人に確かめてから、「{}の承認」にお進みください。",
            first.target.name, words.token, words.release
        )],
    })
}

async fn enter<T: Send + 'static>(
    visit: &Visit,
    more: impl FnOnce(&mut DbConn, &Ctx, &User) -> Result<T, DbError> + Send + 'static,
) -> Result<(Who, T), PageError> {
    let ctx = visit.ctx.clone();
    let (who, more) = principal::enter(visit, LoginStage::Complete, move |conn, _, user| {
        if !is_approver(conn, &ctx, user)? {
            return Ok(None);
        }
        more(conn, &ctx, user).map(Some)
    })
    .await?;
    let more = more.ok_or(PageError::Forbidden("not picked to approve"))?;
    Ok((who, more))
}

fn form(
    visit: &Visit,
    who: &Who,
    waiting: &[Waiting],
    chosen: Option<UserId>,
    key: String,
) -> FormView {
    let choices = waiting
        .iter()
        .filter(|one| one.decided.is_ok())
        .map(|one| Choice {
            value: one.target.id.to_string(),
            label: format!("{}（{}）", one.target.name, role_label(one.target.role)),
            hint: Some(hint(visit, one)),
            image: None,
            is_chosen: chosen == Some(one.target.id),
        })
        .collect();
    let mut fields = vec![FieldView::radio("target", "停止を解除する相手", choices)];
    fields.extend(proof_fields(visit, who, "このコードで解除を承認します。"));
    FormView::new(visit.url(PATH), who.csrf_token()).fields(fields).request_key(key)
}

fn hint(visit: &Visit, one: &Waiting) -> String {
    let serial = one.target.serial.as_deref().unwrap_or_default();
    let words = &visit.profile.words.serial;
    match &one.first {
        Some((first, name)) => format!(
            "{words} {serial}。{name}が承認済みです（{}まで）。あなたの承認で解除されます。",
            jst_minute_text(first.expires_at())
        ),
        None => format!("{words} {serial}。まだだれも承認していません。"),
    }
}

fn show_list(
    visit: &Visit,
    who: &Who,
    waiting: &[Waiting],
    form: FormView,
    status: StatusCode,
) -> PageResult {
    let others = waiting.iter().filter_map(|one| {
        let reason = match one.decided {
            Ok(()) => return None,
            Err(QuorumRefusal::AlreadyApproved) => match &one.first {
                Some((first, _)) => format!(
                    "承認しました。{}までに、もうお一人の承認が必要です。",
                    jst_minute_text(first.expires_at())
                ),
                None => "承認済みです。".to_owned(),
            },
            Err(QuorumRefusal::SameToken) => {
                "同じトークンをお使いのため、承認できません。ほかの方にお願いしてください。".into()
            }
            Err(_) => "いまは承認できません。".to_owned(),
        };
        Some(Row::new(one.target.name.clone(), reason))
    });
    let page = ApprovePage {
        shell: visit.shell_of(&screens::BAU080, who),
        steps: steps(&STEPS, 0),
        has_choices: waiting.iter().any(|one| one.decided.is_ok()),
        others: others.collect(),
        release_label: visit.profile.words.release.clone(),
        back_url: visit.url(""),
        form,
    };
    visit.page(status, &page)
}

fn outcome(visit: &Visit, done: &ApprovalReceipt) -> Notice {
    let release = &visit.profile.words.release;
    let (tone, title, text) = match done.waits_until {
        Some(until) => (
            Tone::Info,
            "承認を受け付けました。まだ解除されていません。".to_owned(),
            format!(
                "{}までに、もうお一人の承認が必要です。承認の権限を持つほかの方に、お声がけください。",
                jst_minute_text(until)
            ),
        ),
        None => (
            Tone::Success,
            format!("お二人の承認がそろい、{release}をしました。"),
            "ご本人に、もう一度ログインできることをお伝えください。".to_owned(),
        ),
    };
    Notice { tone, title, text: vec![text] }
}

fn rows(visit: &Visit, done: &ApprovalReceipt) -> Vec<Row> {
    let serial = done.target.serial.clone().unwrap_or_default();
    let mut rows = vec![
        Row::new("対象の利用者", done.target.name.clone()),
        Row::new("利用者区分", role_label(done.target.role)),
        Row::new(visit.profile.words.serial.clone(), serial),
    ];
    let others: Vec<&str> = done
        .released
        .iter()
        .filter(|line: &&MemberLine| line.login_id != done.target.login_id)
        .map(|line| line.name.as_str())
        .collect();
    if !others.is_empty() {
        rows.push(Row::new("いっしょに解除された利用者", others.join("、")));
    }
    rows
}
