//! BCI002 お客様情報変更の確認: what will be changed, and the proofs.

use actix_web::web::{Path, Query};
use serde::Deserialize;
use validator::Validate;

use crate::domain::auth_rule::{CodeProof, ConfirmBy};
use crate::domain::customer_info::{
    CODE_PURPOSE, InfoDraft, InfoItem, SecretClash, masked_address, masked_telephone,
};
use crate::domain::flow::FlowStep;
use crate::domain::mail_code::MailCode;
use crate::domain::portal::SecretKind;
use crate::operations::count_limit;
use crate::operations::customer_info::change::{Change, ChangeOutcome, Given, change};
use crate::operations::customer_info::draft::{go_back, send_again};
use crate::operations::one_time_key::RequestKey;
use crate::operations::proof::{ProofRefusal, mail};
use crate::operations::step::StepOutcome;
use crate::operations::token::issue_draft::DraftOutcome;
use crate::primitives::clock::jst_receipt_text;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::{self, INPUT_LENGTH_MAX, code_problem, normalise_code};
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::info::words::{STEPS, label, other_label};
use crate::web::info::{Family, draft_of, enter, screen_of};
use crate::web::page::{Notice, Row, Shell, Step, Tone, steps};
use crate::web::principal::{FlowParts, INFO, Who};
use crate::web::screens;
use crate::web::token::flow::{self, BareForm, StepPage};
use crate::web::token::stop::is_suspended;
use crate::web::visit::Visit;

const MAIL_CODE_DIGITS: usize = 6;
const MAIL_CODE_PURPOSE: &str = "このコードで新しいメールアドレスを確かめます。";

/// BCI002. Fields, as far as they are asked for: `mail_code`, `otp`, `confirm` or the pictures,
/// `current_password`.
#[derive(askama::Template)]
#[template(path = "info/confirm.html")]
pub struct InfoConfirmPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Boxes at the top, as that another code was sent.
    pub notices: Vec<Notice>,
    /// What will be changed.
    pub rows: Vec<Row>,
    /// When the code was mailed to the new address.
    pub sent: Vec<Row>,
    /// The form.
    pub form: FormView,
    /// What follows from the change, in a sentence.
    pub afterwards: Option<String>,
    /// Back to BCI001.
    pub back: FormView,
    /// Ends the flow.
    pub cancel: FormView,
    /// Mails another code, while that is possible.
    pub resend: Option<FormView>,
}

/// BCI002's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ConfirmForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    draft: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mail_code: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    otp: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirm: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_1: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_2: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    picture_3: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    current_password: Option<String>,
}

/// `?sent=1`: another code was mailed.
#[derive(Deserialize)]
pub struct Sent {
    sent: Option<String>,
}

/// The step and whoever is at it.
struct At {
    visit: Visit,
    who: Who,
    parts: FlowParts,
    draft: InfoDraft,
}

/// Shows BCI002.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(
    visit: Visit,
    family: Family,
    flow_id: Path<String>,
    sent: Query<Sent>,
) -> PageResult {
    let (who, parts, draft) = enter(&visit, family, &flow_id, FlowStep::Confirm).await?;
    // A page that only shows asks the rules of the form that it shows.
    let at = At { visit, who, parts, draft };
    let form = at.form(flow::request_key()?);
    let notice = sent.sent.as_ref().map(|_| Notice {
        tone: Tone::Success,
        title: "確認コードを再送しました。".to_owned(),
        text: vec!["いちばん新しいメールの確認コードを入力してください。".to_owned()],
    });
    at.show(form, notice).await
}

/// Changes it.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(
    visit: Visit,
    family: Family,
    flow_id: Path<String>,
    body: FormBody,
) -> PageResult {
    let entered =
        flow::enter_final::<ConfirmForm>(&visit, family.0, &flow_id, FlowStep::Confirm, body)
            .await?;
    let (who, parts, input, key) = match entered {
        Ok(entered) => entered,
        Err(done) => return Ok(done),
    };
    if !matches!(who.proof.code, None | Some(CodeProof::Otp)) {
        return Err(PageError::Forbidden("the auth rules ask for a proof without a screen"));
    }
    let draft = draft_of(&parts)?;
    let at = At { visit, who, parts, draft };
    if input.draft != flow::draft_digest(&at.visit, &at.parts.flow) {
        let form = at.form(flow::request_key()?).error(flow::DRAFT_CHANGED);
        return at.show(form, None).await;
    }
    let mut form = at.form(key.key.clone());
    let Some(given) = at.read(&mut form, input) else { return at.show(form, None).await };
    at.submit(form, given, key).await
}

impl At {
    async fn submit(self, mut form: FormView, given: Given, key: RequestKey) -> PageResult {
        let result_url = flow::url(&self.visit, &self.parts.flow, "result");
        let input = Change {
            user: self.who.user.clone(),
            flow: self.parts.flow.clone(),
            given,
            key,
            result_url: result_url.clone(),
        };
        let outcome = match change(&self.visit.app.services, &self.who.ctx, input).await? {
            ChangeOutcome::Step(outcome) => outcome,
            ChangeOutcome::Clash(clash) => {
                form.errors.push(self.clash_words(clash));
                return self.show(form, None).await;
            }
        };
        if is_suspended(&outcome) {
            return Ok(see_other(&self.visit.url("login/suspended")));
        }
        if let Some(words) = mail_code_words(&outcome) {
            form.set_error("mail_code", words);
            return self.show(form, None).await;
        }
        let flow = &self.parts.flow;
        match flow::after_step(&self.visit, flow, outcome, form, &result_url, "otp")? {
            StepPage::Leads(response) => Ok(response),
            StepPage::Again(form) => self.show(form, None).await,
        }
    }

    /// What the form brought. `None`: something is missing, and the form says what.
    fn read(&self, form: &mut FormView, input: ConfirmForm) -> Option<Given> {
        let (visit, who) = (&self.visit, &self.who);
        let mail_code = (self.draft.item == InfoItem::MailAddress)
            .then(|| normalise_code(input.mail_code.as_deref().unwrap_or_default()));
        if let Some(code) = &mail_code
            && (code.len() != MAIL_CODE_DIGITS || !code.bytes().all(|byte| byte.is_ascii_digit()))
        {
            form.set_error("mail_code", "メールに記載の6桁の数字を入力してください。");
        }
        let otp = (who.proof.code == Some(CodeProof::Otp))
            .then(|| normalise_code(input.otp.as_deref().unwrap_or_default()));
        let digits = self.parts.token.as_ref().map_or(6, crate::web::login::otp::digits);
        if let Some(problem) =
            otp.as_ref().and_then(|code| code_problem(&visit.profile, code, digits))
        {
            form.set_error("otp", problem);
        }
        let current_password = (self.draft.item == InfoItem::LoginSecret)
            .then(|| input.current_password.unwrap_or_default());
        if current_password.as_ref().is_some_and(String::is_empty) {
            let label = visit.profile.secret_label(SecretKind::Login, who.user.role);
            form.set_error("current_password", format!("今の{label}を入力してください。"));
        }
        let pictures = [input.picture_1, input.picture_2, input.picture_3];
        let confirmation = flow::confirmation(visit, who, form, input.confirm, pictures)?;
        if form.is_invalid() {
            return None;
        }
        Some(Given { confirmation, otp, current_password, mail_code })
    }

    fn clash_words(&self, clash: SecretClash) -> String {
        let (profile, item) = (&self.visit.profile, self.draft.item);
        let role = self.who.user.role;
        let label = label(profile, role, item);
        let other = match clash {
            SecretClash::SameAsBefore => "今のもの",
            SecretClash::SameAsOther => other_label(profile, role, item),
        };
        format!(
            "新しい{label}が{other}と同じため、変更していません。「戻る」を押して、別のものを入力してください。"
        )
    }

    fn form(&self, key: String) -> FormView {
        let profile = &self.visit.profile;
        let mut all = Vec::new();
        if self.draft.item == InfoItem::MailAddress {
            let code = FieldView::code("mail_code", "確認コード", MAIL_CODE_PURPOSE)
                .hint("メールに記載の半角数字6桁")
                .maxlength(16);
            all.push(code);
        }
        let changed = label(profile, self.who.user.role, self.draft.item);
        if self.draft.item == InfoItem::LoginSecret {
            let field = FieldView::secret("current_password", format!("今の{changed}"));
            all.push(field.maxlength(128));
        }
        if self.who.proof.code == Some(CodeProof::Otp) {
            let purpose = format!("このコードで{changed}を変更します。");
            all.push(fields::code(profile, "otp", &profile.words.otp, &purpose));
        }
        all.extend(self.confirmation_fields());
        FormView::new(flow::url(&self.visit, &self.parts.flow, "confirm"), self.who.csrf_token())
            .fields(all)
            .request_key(key)
            .draft(flow::draft_digest(&self.visit, &self.parts.flow))
    }

    /// Where the confirming secret itself changes, the field says that the present one is meant.
    fn confirmation_fields(&self) -> Vec<FieldView> {
        let (profile, asked) = (&self.visit.profile, self.who.proof.confirm);
        let mut fields =
            fields::confirmation_of(profile, self.who.user.role, asked, self.parts.card.as_ref());
        let is_present = asked == Some(ConfirmBy::Secret);
        if is_present && self.draft.item == InfoItem::ConfirmSecret {
            for field in &mut fields {
                field.label = format!("今の{}", field.label);
            }
        }
        fields
    }

    async fn show(&self, form: FormView, notice: Option<Notice>) -> PageResult {
        let code = self.find_code().await?;
        let (visit, flow) = (&self.visit, &self.parts.flow);
        let to = |step: &str| FormView::new(flow::url(visit, flow, step), self.who.csrf_token());
        let is_mail = self.draft.item == InfoItem::MailAddress;
        let sendings_max = count_limit(visit.profile.mail_code.sendings_max);
        let can_resend = is_mail && code.as_ref().is_none_or(|code| code.sendings < sendings_max);
        let page = InfoConfirmPage {
            shell: visit.shell_of(screen_of(visit, flow.operation, &screens::BCI002), &self.who),
            steps: steps(&STEPS, 2),
            notices: notice.into_iter().collect(),
            rows: self.rows(),
            sent: code.as_ref().map(sent_rows).unwrap_or_default(),
            afterwards: self.afterwards(),
            back: to("back"),
            cancel: flow::cancel_form(visit, &self.who, flow),
            resend: can_resend.then(|| to("resend")),
            form,
        };
        visit.form_page(page.form.is_invalid(), &page)
    }

    async fn find_code(&self) -> Result<Option<MailCode>, PageError> {
        if self.draft.item != InfoItem::MailAddress {
            return Ok(None);
        }
        let user = self.who.user.clone();
        let db = &self.visit.app.services.db;
        let code = db.read(move |conn| mail::find(conn, &user, CODE_PURPOSE)).await?;
        Ok(code.filter(|code| code.address == self.draft.value))
    }

    fn rows(&self) -> Vec<Row> {
        let (before, item) = (self.draft.before.as_deref(), self.draft.item);
        let label = label(&self.visit.profile, self.who.user.role, item);
        let before = match item {
            InfoItem::MailAddress => before.map(masked_address),
            InfoItem::Telephone => before.map(masked_telephone),
            InfoItem::LoginSecret | InfoItem::ConfirmSecret => {
                return vec![Row::new("変更するもの", label)];
            }
        };
        vec![
            Row::new("変更するもの", label),
            Row::new("変更前", before.unwrap_or_else(|| "登録されていません".to_owned())),
            Row::new("変更後", self.draft.value.clone()),
        ]
    }

    fn afterwards(&self) -> Option<String> {
        match self.draft.item {
            InfoItem::LoginSecret | InfoItem::ConfirmSecret => Some(
                "変更すると、ほかの端末やブラウザでのログインは、自動で終わります。".to_owned(),
            ),
            InfoItem::MailAddress | InfoItem::Telephone => None,
        }
    }
}

/// The words for a refused code from the new address.
fn mail_code_words(outcome: &StepOutcome) -> Option<&'static str> {
    let StepOutcome::Refused(refusals) = outcome else { return None };
    refusals.iter().find_map(|refusal| match refusal {
        ProofRefusal::MailCodeWrong => {
            Some("確認コードが違います。いちばん新しいメールを確かめて入力してください。")
        }
        ProofRefusal::MailCodeUsedUp => Some(
            "この確認コードは使えなくなりました。「確認コードを再送する」を押すか、「戻る」から別のアドレスを入力してください。",
        ),
        _ => None,
    })
}

fn sent_rows(code: &MailCode) -> Vec<Row> {
    vec![
        Row::new("送信日時", jst_receipt_text(code.sent_at)),
        Row::new("有効期限", jst_receipt_text(code.expires_at)),
    ]
}

/// Goes back to BCI001.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn back(
    visit: Visit,
    family: Family,
    flow_id: Path<String>,
    body: FormBody,
) -> PageResult {
    let (who, parts, _) = enter(&visit, family, &flow_id, FlowStep::Confirm).await?;
    let BareForm {} = body.of(&who)?;
    if !go_back(&visit.app.services, &parts.flow).await? {
        return Err(PageError::Conflict { back: visit.url(INFO) });
    }
    Ok(see_other(&flow::url(&visit, &parts.flow, "")))
}

/// Mails another code.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn resend(
    visit: Visit,
    family: Family,
    flow_id: Path<String>,
    body: FormBody,
) -> PageResult {
    let (who, parts, draft) = enter(&visit, family, &flow_id, FlowStep::Confirm).await?;
    let BareForm {} = body.of(&who)?;
    let here = flow::url(&visit, &parts.flow, "confirm");
    match send_again(&visit.app.services, &who.ctx, &who.user, &parts.flow).await? {
        DraftOutcome::Done => Ok(see_other(&format!("{here}?sent=1"))),
        DraftOutcome::Stale => Err(PageError::Conflict { back: visit.url(INFO) }),
        DraftOutcome::TooManyMails => {
            let at = At { visit, who, parts, draft };
            let mut form = at.form(flow::request_key()?);
            form.errors.push(
                "このアドレスへは、今日はこれ以上送信できません。届いた確認コードを入力するか、「戻る」から別のアドレスを入力してください。"
                    .to_owned(),
            );
            at.show(form, None).await
        }
    }
}

/// Cancels the flow.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn cancel(
    visit: Visit,
    family: Family,
    flow_id: Path<String>,
    body: FormBody,
) -> PageResult {
    flow::cancel(&visit, body, family.0, &flow_id).await
}
