//! BAU033, BAU106, BAU107 利用者情報の確認: what will be done, and the proof.

use actix_web::web::Path;

use crate::domain::flow::FlowStep;
use crate::domain::member::{HandOver, MemberAct};
use crate::domain::portal::SecretKind;
use crate::domain::right::Grant;
use crate::domain::user::Role;
use crate::operations::administration::save::{Save, SaveOutcome, save};
use crate::operations::step::StepOutcome;
use crate::operations::token::flow::cancel as cancel_flow;
use crate::primitives::ids::UserId;
use crate::web::administration::edit::input::initial_label;
use crate::web::administration::edit::words::{address_row, grant_rows, user_rows};
use crate::web::administration::edit::{At, OPERATION, enter, with_facts};
use crate::web::administration::list::id_label;
use crate::web::administration::{
    AGREED, TickedForm, ask_about_last, given_proof, member, proof_fields,
};
use crate::web::administrator;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Row, Shell, Step};
use crate::web::principal::{enter_flow, has_one_administrator};
use crate::web::token::flow::{self, BareForm, StepPage};
use crate::web::visit::Visit;

/// A row with what stood before, where it changes.
#[derive(Debug, Clone)]
pub struct ChangedRow {
    /// What it is.
    pub label: String,
    /// What will stand.
    pub value: String,
    /// What stood.
    pub before: Option<String>,
}

/// BAU033. Fields: `agreed` where the page asks once more, and the proof.
#[derive(askama::Template)]
#[template(path = "administration/edit_confirm.html")]
pub struct EditConfirmPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What to do, in a sentence.
    pub lead: &'static str,
    /// What will stand.
    pub rows: Vec<ChangedRow>,
    /// What follows from a deletion.
    pub warning: Option<String>,
    /// What has to be agreed to by name; none: nothing is asked once more.
    pub asks: Option<String>,
    /// The form.
    pub form: FormView,
    /// The words on its button.
    pub button: &'static str,
    /// Whether the button takes something away.
    pub is_danger: bool,
    /// Back to BAU032; nothing to go back to in a deletion.
    pub back: Option<FormView>,
    /// Ends the flow.
    pub cancel: FormView,
}

/// Shows BAU033.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let at = enter(visit, &flow_id, FlowStep::Confirm).await?;
    let mut form = at.confirm_form(flow::request_key()?);
    // Whoever opens the page has not left anything out yet.
    let asks = at.asks(&mut form, Some(AGREED)).await?;
    at.show_confirm(form, asks)
}

/// Does it.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let entered =
        flow::enter_final::<TickedForm>(&visit, OPERATION, &flow_id, FlowStep::Confirm, body)
            .await?;
    let (who, parts, input, key) = match entered {
        Ok(entered) => entered,
        Err(done) => return Ok(done),
    };
    // Somebody was faster and has deleted the user: the list is there all the same. It may have
    // been the first of two clicks.
    let at = match with_facts(visit.clone(), who, parts).await {
        Err(PageError::Conflict { .. }) if has_one_administrator(&visit) => {
            let list = administrator::users::show_changed(&visit).await;
            return flow::refuse_unless_done(&visit, OPERATION, &key, list).await;
        }
        at => at?,
    };
    let mut form = at.confirm_form(key.key.clone());
    let asks = at.asks(&mut form, input.agreed.as_deref()).await?;
    let proof = given_proof(&at.visit, &at.who, &mut form, input)?;
    let (Some(proof), false) = (proof, form.is_invalid()) else {
        return at.show_confirm(form, asks);
    };
    let result_url = flow::url(&at.visit, &at.parts.flow, "result");
    let input = Save {
        actor: at.who.user.clone(),
        flow: at.parts.flow.clone(),
        proof,
        key,
        result_url: result_url.clone(),
    };
    let outcome = match save(&at.visit.app.services, &at.who.ctx, input).await? {
        SaveOutcome::Step(outcome) => outcome,
        SaveOutcome::IdTaken => {
            let label = id_label(&at.visit.profile);
            form.errors.push(format!(
                "この{label}は、ほかで先に使われました。「戻る」を2回押して、別のものを入力してください。"
            ));
            return at.show_confirm(form, asks);
        }
    };
    if let (StepOutcome::Stale, Some(id)) = (&outcome, at.draft.user_id) {
        return show_changed(&at.visit, id).await;
    }
    match flow::after_step(&at.visit, &at.parts.flow, outcome, form, &result_url, "otp")? {
        StepPage::Leads(response) => Ok(response),
        StepPage::Again(form) => at.show_confirm(form, asks),
    }
}

/// Goes back: from BAU033 to BAU032, from there to BAU031.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where the flow stands elsewhere.
pub async fn back(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let (who, parts) = enter_flow(&visit, OPERATION, &flow_id).await?;
    let BareForm {} = body.of(&who)?;
    let at = with_facts(visit, who, parts).await?;
    let is_deletion = at.draft.act == MemberAct::Delete;
    match at.parts.flow.step {
        FlowStep::Confirm if !is_deletion => at.go(FlowStep::Rights, "rights").await,
        FlowStep::Rights => at.go(FlowStep::Input, "").await,
        _ => Err(PageError::SeeOther(flow::due_url(&at.visit, &at.parts.flow))),
    }
}

/// Ends the flow (中止).
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn cancel(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let (who, parts) = enter_flow(&visit, OPERATION, &flow_id).await?;
    let BareForm {} = body.of(&who)?;
    if parts.flow.step != FlowStep::Done {
        cancel_flow(&visit.app.services, &who.ctx, &parts.flow).await?;
    }
    Ok(see_other(&flow::begin_url(&visit, OPERATION)))
}

impl At {
    fn confirm_form(&self, key: String) -> FormView {
        let purpose = "このコードで利用者の情報を登録・変更・削除します。";
        FormView::new(flow::url(&self.visit, &self.parts.flow, "confirm"), self.who.csrf_token())
            .fields(proof_fields(&self.visit, &self.who, purpose))
            .request_key(key)
    }

    /// As the user will stand.
    fn rows_after(&self) -> Vec<Row> {
        let (visit, draft) = (&self.visit, &self.draft);
        let mut rows = user_rows(visit, &draft.login_id, &draft.name, draft.role);
        let proven = self.facts.as_ref().and_then(|facts| facts.member.mail_address.as_deref());
        rows.push(address_row(proven, draft.address.as_deref()));
        let none = Grant::default();
        let grant = if draft.role == Role::Master { &none } else { &draft.grant };
        rows.extend(grant_rows(visit, draft.role, grant, &self.accounts, &self.limits));
        if draft.act == MemberAct::Register || draft.resets {
            let label = format!("{}の渡し方", initial_label(visit));
            rows.push(Row::new(label, hand_over_words(visit, draft.hand_over)));
        }
        rows
    }

    /// As the user stands; nothing at a registration.
    fn rows_before(&self) -> Vec<Row> {
        let Some(facts) = &self.facts else { return Vec::new() };
        let member = &facts.member;
        let mut rows = user_rows(&self.visit, &member.login_id, &member.name, member.role);
        rows.push(address_row(member.mail_address.as_deref(), facts.unverified.as_deref()));
        let (accounts, limits) = (&self.accounts, &self.limits);
        rows.extend(grant_rows(&self.visit, member.role, &facts.grant, accounts, limits));
        rows
    }

    fn changed_rows(&self) -> Vec<ChangedRow> {
        let before = self.rows_before();
        let rows = match self.draft.act {
            MemberAct::Delete => before.clone(),
            _ => self.rows_after(),
        };
        rows.into_iter()
            .map(|row| {
                let old = before.iter().find(|old| old.label == row.label);
                let before = old.filter(|old| old.value != row.value).map(|old| old.value.clone());
                ChangedRow { label: row.label, value: row.value, before }
            })
            .collect()
    }

    fn warning(&self) -> Option<String> {
        if self.draft.act != MemberAct::Delete {
            return None;
        }
        let serial = self.facts.as_ref().and_then(|facts| facts.member.serial.as_deref());
        let words = &self.visit.profile.words;
        let token = serial.map_or_else(String::new, |serial| {
            format!(
                "{} {serial} とのつながりもなくなります。ほかに使う方がいなければ、別の利用者が登録できます。",
                words.token
            )
        });
        let id_label = id_label(&self.visit.profile);
        Some(format!(
            "削除した利用者は、すぐにログインできなくなります。同じ{id_label}は、もう登録できません。{token}"
        ))
    }

    /// Whether the act leaves fewer than two who could release, as [`ask_about_last`]: whoever is
    /// deleted or becomes a general user is none of them any more.
    async fn asks(
        &self,
        form: &mut FormView,
        agreed: Option<&str>,
    ) -> Result<Option<String>, PageError> {
        let releases_on = match self.draft.act {
            MemberAct::Register => true,
            MemberAct::Change => self.draft.role != Role::General,
            MemberAct::Delete => false,
        };
        let gone = self.draft.user_id.filter(|_| !releases_on);
        ask_about_last(&self.visit, &self.who, form, gone.into_iter().collect(), agreed).await
    }

    fn show_confirm(&self, form: FormView, asks: Option<String>) -> PageResult {
        let (visit, flow) = (&self.visit, &self.parts.flow);
        let (lead, button) = match self.draft.act {
            MemberAct::Register => ("次の利用者を登録します。", "登録する"),
            MemberAct::Change => ("次のとおり変更します。", "変更する"),
            MemberAct::Delete => ("次の利用者を削除します。", "削除する"),
        };
        let is_deletion = self.draft.act == MemberAct::Delete;
        let back = || FormView::new(flow::url(visit, flow, "back"), self.who.csrf_token());
        let page = EditConfirmPage {
            shell: self.shell(FlowStep::Confirm),
            steps: self.steps(2),
            lead,
            rows: self.changed_rows(),
            warning: self.warning(),
            asks,
            button,
            is_danger: is_deletion,
            back: (!is_deletion).then(back),
            cancel: flow::cancel_form(visit, &self.who, flow),
            form,
        };
        visit.form_page(page.form.is_invalid(), &page)
    }
}

/// Somebody was faster: the user as of now, or the list where users have no page of their own.
async fn show_changed(visit: &Visit, id: UserId) -> PageResult {
    if has_one_administrator(visit) {
        return administrator::users::show_changed(visit).await;
    }
    member::show_changed(visit, id).await
}

/// The words of how a password is handed over.
fn hand_over_words(visit: &Visit, way: HandOver) -> String {
    match way {
        HandOver::Print => "結果の画面に表示する".to_owned(),
        HandOver::Mail if visit.profile.services.activation => {
            let label = |kind| visit.profile.secret_label(kind, Role::General);
            let (login, confirm) = (label(SecretKind::Login), label(SecretKind::Confirm));
            format!("{login}はメールで送り、{confirm}は結果の画面に表示する")
        }
        HandOver::Mail => "メールで送る".to_owned(),
    }
}
