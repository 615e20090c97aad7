//! BAU031 利用者情報の入力: id, name, 利用者区分, mail address.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::member_acts;
use crate::domain::flow::FlowStep;
use crate::domain::member::{HandOver, MemberAct};
use crate::domain::permission::users::roles_to_give;
use crate::domain::user::Role;
use crate::primitives::code::to_half_width;
use crate::web::administration::edit::{At, enter};
use crate::web::administration::list::role_label;
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::{self, INPUT_LENGTH_MAX, normalise_login_id};
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::login::setup_mail::{ADDRESS_LENGTH_MAX, is_address};
use crate::web::page::{Row, Shell, Step};
use crate::web::screens;
use crate::web::token::flow;
use crate::web::visit::Visit;

const NAME_LENGTH_MAX: usize = 40;

/// BAU031. Fields: `login_id` and `hand_over` at a registration, `name`, `role` where it can be
/// given, `mail_address`.
#[derive(askama::Template)]
#[template(path = "administration/edit_input.html")]
pub struct EditInputPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What stays as it is.
    pub rows: Vec<Row>,
    /// The form.
    pub form: FormView,
    /// Ends the flow.
    pub cancel: FormView,
    /// What administrators should know.
    pub notes: Vec<String>,
}

/// BAU031's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct EditForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    login_id: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    name: String,
    #[validate(length(max = 16))]
    role: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    mail_address: String,
    #[validate(length(max = 16))]
    hand_over: Option<String>,
}

/// Shows BAU031.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let at = enter(visit, &flow_id, FlowStep::Input).await?;
    let form = at.input_form();
    at.show_input(form)
}

/// Goes on with what was typed.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let mut at = enter(visit, &flow_id, FlowStep::Input).await?;
    let input: EditForm = body.of(&at.who)?;
    let typed_address = at.read_input(input)?;
    let form = at.check_input(&typed_address).await?;
    if form.is_invalid() {
        return at.show_input(form);
    }
    at.go(FlowStep::Rights, "rights").await
}

impl At {
    fn is_registration(&self) -> bool {
        self.draft.act == MemberAct::Register
    }

    fn proven_address(&self) -> Option<&str> {
        self.facts.as_ref().and_then(|facts| facts.member.mail_address.as_deref())
    }

    /// Takes what was typed over; the address as typed comes back for the check.
    fn read_input(&mut self, input: EditForm) -> Result<String, PageError> {
        let wrong = PageError::BadRequest("fields missing or unknown");
        match (self.is_registration(), input.login_id, input.hand_over) {
            (true, Some(login_id), hand_over) => {
                self.draft.login_id = normalise_login_id(&login_id);
                let way = hand_over.as_deref().and_then(HandOver::from_text);
                self.draft.hand_over = way.unwrap_or(HandOver::Print);
            }
            (false, None, None) => {}
            _ => return Err(wrong),
        }
        self.draft.name = input.name.split_whitespace().collect::<Vec<_>>().join("　");
        match (self.is_own(), input.role) {
            (true, None) => {}
            (false, Some(role)) => {
                let role = Role::from_text(&role).filter(|role| *role != Role::Customer);
                self.draft.role = role.ok_or(PageError::BadRequest("no such role"))?;
            }
            _ => return Err(PageError::BadRequest("a role is missing, or not to be given")),
        }
        let typed = to_half_width(&input.mail_address).trim().to_owned();
        let is_new = !typed.is_empty() && self.proven_address() != Some(typed.as_str());
        self.draft.address = is_new.then(|| typed.clone());
        Ok(typed)
    }

    async fn check_input(&self, typed_address: &str) -> Result<FormView, PageError> {
        let mut form = self.input_form();
        if self.is_registration() {
            let rule = &self.visit.profile.credentials.id;
            match rule.problem(&self.draft.login_id) {
                Some(problem) => form.set_error("login_id", problem),
                None if self.is_id_taken().await? => form.set_error(
                    "login_id",
                    format!("この{}は使えません。別のものを入力してください。", rule.label),
                ),
                None => {}
            }
        }
        let name = &self.draft.name;
        if name.is_empty() {
            form.set_error("name", "利用者名を入力してください。");
        } else if name.chars().count() > NAME_LENGTH_MAX || name.chars().any(char::is_control) {
            let words = format!("利用者名は{NAME_LENGTH_MAX}文字以内で入力してください。");
            form.set_error("name", words);
        }
        if !self.is_own() && !self.roles().contains(&self.draft.role) {
            form.set_error("role", "この利用者区分にできるのは、マスターユーザだけです。");
        }
        if !typed_address.is_empty() && !is_address(typed_address) {
            let words = "メールアドレスを「name@example.jp」の形で入力してください。";
            form.set_error("mail_address", words);
        }
        let is_mailed = self.is_registration() && self.draft.hand_over == HandOver::Mail;
        if is_mailed && typed_address.is_empty() {
            let words = "初期パスワードをメールで送るときは、メールアドレスを入力してください。";
            form.set_error("mail_address", words);
        }
        Ok(form)
    }

    async fn is_id_taken(&self) -> Result<bool, PageError> {
        let slug = self.visit.profile.slug().to_owned();
        let login_id = self.draft.login_id.clone();
        let db = &self.visit.app.services.db;
        let taken = db.read(move |conn| member_acts::is_login_id_taken(conn, &slug, &login_id));
        Ok(taken.await?)
    }

    fn roles(&self) -> Vec<Role> {
        roles_to_give(&self.visit.profile, &self.who.user)
    }

    fn input_form(&self) -> FormView {
        let (profile, draft) = (&self.visit.profile, &self.draft);
        let mut all = Vec::new();
        if self.is_registration() {
            all.push(fields::login_id(profile, &draft.login_id).autocomplete("off"));
        }
        let name = FieldView::text("name", "利用者名").hint("例: 稲穂　太郎");
        all.push(name.maxlength(NAME_LENGTH_MAX).value(draft.name.clone()));
        if !self.is_own() {
            all.push(self.role_field());
        }
        let address = draft.address.as_deref().or(self.proven_address()).unwrap_or_default();
        let hint =
            "なくてもかまいません。ご本人が次のログインで確かめるまで、お知らせは届きません。";
        all.push(
            FieldView::email("mail_address", "メールアドレス")
                .hint(hint)
                .autocomplete("off")
                .maxlength(ADDRESS_LENGTH_MAX)
                .value(address),
        );
        if self.is_registration() {
            all.push(hand_over_field(draft.hand_over));
        }
        FormView::new(flow::url(&self.visit, &self.parts.flow, ""), self.who.csrf_token())
            .fields(all)
    }

    fn role_field(&self) -> FieldView {
        let hint = |role| match role {
            Role::Master => "すべてのサービスと口座を使え、利用者を管理します。",
            Role::Administrator => "マスターユーザのほかの利用者を管理します。",
            _ => "決められたサービスだけを使います。",
        };
        let mut roles = self.roles();
        roles.reverse();
        let choice = |role: Role| Choice {
            value: role.as_str().to_owned(),
            label: role_label(role).to_owned(),
            hint: Some(hint(role).to_owned()),
            image: None,
            is_chosen: role == self.draft.role,
        };
        FieldView::radio("role", "利用者区分", roles.into_iter().map(choice).collect())
    }

    fn show_input(&self, form: FormView) -> PageResult {
        let (visit, draft) = (&self.visit, &self.draft);
        let id_label = &visit.profile.credentials.id.label;
        let mut rows = Vec::new();
        if !self.is_registration() {
            rows.push(Row::new(id_label.clone(), draft.login_id.clone()));
        }
        if self.is_own() {
            rows.push(Row::new("利用者区分", role_label(draft.role)));
        }
        let mut notes = Vec::new();
        if self.is_registration() {
            notes.push(format!("{id_label}は、登録したあとで変えられません。"));
            notes.push(
                "初期パスワードは自動で作られます。ご本人が最初のログインで新しいものに変えます。"
                    .to_owned(),
            );
        } else {
            notes.push(
                "確認の済んだメールアドレスは、新しいものをご本人が確かめるまで、そのまま使われます。空欄にしても消えません。"
                    .to_owned(),
            );
        }
        let page = EditInputPage {
            shell: visit.shell_of(&screens::BAU031, &self.who),
            steps: self.steps(0),
            rows,
            cancel: flow::cancel_form(visit, &self.who, &self.parts.flow),
            notes,
            form,
        };
        visit.form_page(page.form.is_invalid(), &page)
    }
}

/// How the initial password is handed over.
pub fn hand_over_field(chosen: HandOver) -> FieldView {
    let choice = |way: HandOver, label: &str, hint: &str| Choice {
        value: way.as_str().to_owned(),
        label: label.to_owned(),
        hint: Some(hint.to_owned()),
        image: None,
        is_chosen: way == chosen,
    };
    FieldView::radio(
        "hand_over",
        "初期パスワードの渡し方",
        vec![
            choice(HandOver::Print, "結果の画面に表示する", "一度だけ表示します。印刷できます。"),
            choice(HandOver::Mail, "メールで送る", "ご本人のメールアドレスに送ります。"),
        ],
    )
}
