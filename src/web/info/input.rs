//! BCI001 お客様情報変更, second half: the new value of what was chosen.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::domain::customer_info::{
    InfoDraft, InfoItem, is_same_telephone, masked_address, masked_telephone, parse_telephone,
};
use crate::domain::flow::FlowStep;
use crate::operations::customer_info::draft::{keep_mail_address, keep_secret, keep_telephone};
use crate::operations::token::issue_draft::DraftOutcome;
use crate::primitives::code::to_half_width;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::info::words::{STEPS, label, other_label};
use crate::web::info::{Family, enter, screen_of};
use crate::web::login::setup::secret_problem;
use crate::web::login::setup_mail::{ADDRESS_LENGTH_MAX, is_address};
use crate::web::page::{Row, Shell, Step, steps};
use crate::web::principal::{FlowParts, INFO, Who};
use crate::web::screens;
use crate::web::token::flow;
use crate::web::visit::Visit;

/// BCI001, the new value. Fields: `mail_address` and `mail_address_again`, or `telephone`, or
/// `new_secret` and `new_secret_again`.
#[derive(askama::Template)]
#[template(path = "info/input.html")]
pub struct InfoInputPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What is to be typed, in a sentence.
    pub lead: String,
    /// What stands now.
    pub rows: Vec<Row>,
    /// The form.
    pub form: FormView,
    /// What to know, one sentence a line.
    pub notes: Vec<String>,
    /// The choice.
    pub back_url: String,
}

/// The form of a mail address.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct MailForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mail_address: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mail_address_again: String,
}

/// The form of a telephone number.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct TelephoneForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    telephone: String,
}

/// The form of a password.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct SecretForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    new_secret: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    new_secret_again: String,
}

/// The step and whoever is at it.
struct At {
    visit: Visit,
    who: Who,
    parts: FlowParts,
    item: InfoItem,
}

/// Shows the form.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, family: Family, flow_id: Path<String>) -> PageResult {
    let (who, parts, draft) = enter(&visit, family, &flow_id, FlowStep::Input).await?;
    let at = At { visit, who, parts, item: draft.item };
    let form = at.form(&draft, &draft.value);
    at.show(form)
}

/// Keeps what was typed; a new mail address gets a code.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(
    visit: Visit,
    family: Family,
    flow_id: Path<String>,
    body: FormBody,
) -> PageResult {
    let (who, parts, draft) = enter(&visit, family, &flow_id, FlowStep::Input).await?;
    let at = At { visit, who, parts, item: draft.item };
    let kept = match at.item {
        InfoItem::MailAddress => at.keep_mail_address(body).await?,
        InfoItem::Telephone => at.keep_telephone(body).await?,
        InfoItem::LoginSecret | InfoItem::ConfirmSecret => at.keep_secret(body).await?,
    };
    match kept {
        Ok(DraftOutcome::Done) => Ok(see_other(&flow::url(&at.visit, &at.parts.flow, "confirm"))),
        Ok(DraftOutcome::Stale | DraftOutcome::TooManyMails) => {
            Err(PageError::Conflict { back: at.visit.url(INFO) })
        }
        Err(form) => at.show(form),
    }
}

/// What was kept, or the form with what is wrong.
type Kept = Result<DraftOutcome, FormView>;

impl At {
    async fn keep_mail_address(&self, body: FormBody) -> Result<Kept, PageError> {
        let input: MailForm = body.of(&self.who)?;
        let address = to_half_width(&input.mail_address).trim().to_owned();
        let again = to_half_width(&input.mail_address_again).trim().to_owned();
        let draft = InfoDraft { value: address.clone(), ..InfoDraft::new(self.item) };
        let mut form = self.form(&draft, &again);
        let current = self.who.user.mail_address.as_deref();
        if !is_address(&address) {
            let words = "メールアドレスを「name@example.jp」の形で入力してください。";
            form.set_error("mail_address", words);
        } else if current.is_some_and(|current| current.eq_ignore_ascii_case(&address)) {
            let words = "今のメールアドレスと同じです。別のアドレスを入力してください。";
            form.set_error("mail_address", words);
        } else if address != again {
            let words = "上の欄と同じメールアドレスを入力してください。";
            form.set_error("mail_address_again", words);
        }
        if form.is_invalid() {
            return Ok(Err(form));
        }
        let (services, who) = (&self.visit.app.services, &self.who);
        let kept =
            keep_mail_address(services, &who.ctx, &who.user, &self.parts.flow, &address).await?;
        if kept == DraftOutcome::TooManyMails {
            let words = "このアドレスへは、今日はこれ以上送信できません。別のアドレスを入力するか、\
                         明日もう一度お手続きください。";
            form.set_error("mail_address", words);
            return Ok(Err(form));
        }
        Ok(Ok(kept))
    }

    async fn keep_telephone(&self, body: FormBody) -> Result<Kept, PageError> {
        let input: TelephoneForm = body.of(&self.who)?;
        let draft = InfoDraft { value: input.telephone.clone(), ..InfoDraft::new(self.item) };
        let mut form = self.form(&draft, "");
        let current = self.who.user.telephone.as_deref().unwrap_or_default();
        match parse_telephone(&input.telephone) {
            None => form.set_error(
                "telephone",
                "電話番号を、0からはじまる10桁または11桁の数字で入力してください。",
            ),
            Some(number) if is_same_telephone(&number, current) => {
                let words = "今の電話番号と同じです。別の番号を入力してください。";
                form.set_error("telephone", words);
            }
            Some(number) => {
                let services = &self.visit.app.services;
                return Ok(Ok(
                    keep_telephone(services, &self.who.user, &self.parts.flow, &number).await?
                ));
            }
        }
        Ok(Err(form))
    }

    async fn keep_secret(&self, body: FormBody) -> Result<Kept, PageError> {
        let input: SecretForm = body.of(&self.who)?;
        let mut form = self.form(&InfoDraft::new(self.item), "");
        let kind = self.item.secret().ok_or(PageError::NotFound)?;
        let label = label(&self.visit.profile, self.who.user.role, self.item);
        if input.new_secret.is_empty() {
            form.set_error("new_secret", format!("新しい{label}を入力してください。"));
        } else if let Some(problem) =
            secret_problem(&self.visit, &self.who, kind, &input.new_secret)
        {
            form.set_error("new_secret", problem);
        } else if input.new_secret != input.new_secret_again {
            let words = format!("上の欄と同じ{label}を入力してください。");
            form.set_error("new_secret_again", words);
        }
        if form.is_invalid() {
            return Ok(Err(form));
        }
        let (services, flow) = (&self.visit.app.services, &self.parts.flow);
        let new = (self.item, input.new_secret.as_str());
        Ok(Ok(keep_secret(services, &self.who.user, flow, new).await?))
    }

    fn form(&self, draft: &InfoDraft, again: &str) -> FormView {
        let (visit, value) = (&self.visit, draft.value.as_str());
        let twice = |label: &str| format!("{label}（確認のためもう一度）");
        let address = |name, label: String, value: &str| {
            FieldView::email(name, label).maxlength(ADDRESS_LENGTH_MAX).value(value)
        };
        let new_label = format!("新しい{}", label(&visit.profile, self.who.user.role, self.item));
        let fields = match self.item {
            InfoItem::MailAddress => vec![
                address("mail_address", new_label.clone(), value),
                address("mail_address_again", twice(&new_label), again),
            ],
            InfoItem::Telephone => vec![
                FieldView::text("telephone", new_label)
                    .hint("例: 090-0000-0000（固定電話は市外局番から。ハイフンはなくてもかまいません）")
                    .autocomplete("tel-national")
                    .inputmode("tel")
                    .maxlength(32)
                    .value(value),
            ],
            InfoItem::LoginSecret | InfoItem::ConfirmSecret => {
                let rule = self.item.secret().and_then(|kind| {
                    let kind = visit.profile.secret_of(kind, self.who.user.role);
                    visit.profile.secret_rule(kind)
                });
                let hint = rule.map_or_else(String::new, |rule| rule.hint());
                vec![
                    FieldView::new_secret("new_secret", new_label.clone())
                        .hint(hint)
                        .maxlength(128),
                    FieldView::new_secret("new_secret_again", twice(&new_label)).maxlength(128),
                ]
            }
        };
        FormView::new(flow::url(visit, &self.parts.flow, ""), self.who.csrf_token()).fields(fields)
    }

    fn show(&self, form: FormView) -> PageResult {
        let label = label(&self.visit.profile, self.who.user.role, self.item);
        let screen = screen_of(&self.visit, self.parts.flow.operation, &screens::BCI001);
        let page = InfoInputPage {
            shell: self.visit.shell_of(screen, &self.who),
            steps: steps(&STEPS, 1),
            lead: format!("新しい{label}を入力し、「次へ」を押してください。"),
            rows: self.current_rows(&label),
            notes: self.notes(),
            back_url: self.visit.url(INFO),
            form,
        };
        self.visit.form_page(page.form.is_invalid(), &page)
    }

    fn current_rows(&self, label: &str) -> Vec<Row> {
        let user = &self.who.user;
        let current = match self.item {
            InfoItem::MailAddress => user.mail_address.as_deref().map(masked_address),
            InfoItem::Telephone => user.telephone.as_deref().map(masked_telephone),
            InfoItem::LoginSecret | InfoItem::ConfirmSecret => None,
        };
        let row = |current| Row::new(format!("今の{label}"), current);
        current.map(row).into_iter().collect()
    }

    fn notes(&self) -> Vec<String> {
        let profile = &self.visit.profile;
        match self.item {
            InfoItem::MailAddress => {
                let domain = profile.mail.domain();
                let mut notes = vec![
                    "「次へ」を押すと、新しいアドレスに確認コードをお送りします。今のアドレスは、お手続きが終わるまで変わりません。"
                        .to_owned(),
                    format!("迷惑メールの設定をされている場合は、{domain} からのメールを受信できるようにしてください。"),
                ];
                if profile.hold.hours > 0 {
                    notes.push(format!(
                        "変更のあと{}時間は、安全のため、お振込を制限します。",
                        profile.hold.hours
                    ));
                }
                notes
            }
            InfoItem::Telephone => Vec::new(),
            InfoItem::LoginSecret | InfoItem::ConfirmSecret => vec![
                "ほかのサービスで使っているパスワードは使わないでください。".to_owned(),
                "生年月日や電話番号など、推測されやすいものは避けてください。".to_owned(),
                format!(
                    "今のものとも、{}とも、別のものにしてください。",
                    other_label(profile, self.who.user.role, self.item)
                ),
            ],
        }
    }
}
