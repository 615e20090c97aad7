//! BAU031, BAU105 利用者情報の入力: id, name, 利用者区分, mail address.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::member_acts;
use crate::domain::flow::FlowStep;
use crate::domain::member::{HandOver, MemberAct};
use crate::domain::permission::users::roles_to_give;
use crate::domain::portal::{IdRule, SecretKind};
use crate::domain::user::{Role, login_id_within, parts_of_login_id};
use crate::primitives::code::to_half_width;
use crate::web::administration::edit::{At, enter};
use crate::web::administration::list::{id_label, own_id, role_label};
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::{self, INPUT_LENGTH_MAX, normalise_login_id};
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::login::setup_mail::{ADDRESS_LENGTH_MAX, is_address};
use crate::web::page::{Row, Shell, Step};
use crate::web::principal::has_one_administrator;
use crate::web::token::flow;
use crate::web::visit::Visit;

const NAME_LENGTH_MAX: usize = 40;
/// The initial secrets stay as they are.
const KEEP: &str = "keep";

/// BAU031, BAU105. Fields: `login_id` and `hand_over` at a registration, `name`, `role` where more
/// than one can be given, `mail_address`. On BAU105 a change has `hand_over` too.
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

    /// Whether a change may draw new initial secrets: there is no BAU050 for it.
    fn can_reset(&self) -> bool {
        !self.is_registration() && has_one_administrator(&self.visit)
    }

    /// Whether there is a 利用者区分 to choose.
    fn asks_role(&self) -> bool {
        !self.is_own() && self.roles().len() > 1
    }

    /// What the id that is typed must be like.
    fn id_rule(&self) -> &IdRule {
        let credentials = &self.visit.profile.credentials;
        credentials.user_id.as_ref().unwrap_or(&credentials.id)
    }

    /// Whoever types a user's own id here is the one who makes it up.
    fn id_hint(&self) -> Option<String> {
        let rule = self.id_rule();
        if !self.visit.profile.signs_in_by_contract() {
            return rule.hint.clone();
        }
        Some(format!("半角英数字{}〜{}文字です。", rule.length_min, rule.length_max))
    }

    /// The login id: what was typed, within the contract where users have ids of their own.
    fn full_id(&self, typed: &str) -> String {
        let own = normalise_login_id(typed);
        if !self.visit.profile.signs_in_by_contract() {
            return own;
        }
        let (contract, _) = parts_of_login_id(&self.who.user.login_id);
        login_id_within(contract, &own)
    }

    /// What the initial password is called.
    fn initial_label(&self) -> String {
        initial_label(&self.visit)
    }

    fn proven_address(&self) -> Option<&str> {
        self.facts.as_ref().and_then(|facts| facts.member.mail_address.as_deref())
    }

    /// Takes what was typed over; the address as typed comes back for the check.
    fn read_input(&mut self, input: EditForm) -> Result<String, PageError> {
        let wrong = PageError::BadRequest("fields missing or unknown");
        let way = input.hand_over.as_deref().and_then(HandOver::from_text);
        match (self.is_registration(), input.login_id, input.hand_over) {
            (true, Some(login_id), _) => self.draft.login_id = self.full_id(&login_id),
            (false, None, Some(_)) if self.can_reset() => self.draft.resets = way.is_some(),
            (false, None, None) => {}
            _ => return Err(wrong),
        }
        self.draft.hand_over = way.unwrap_or(HandOver::Print);
        self.draft.name = input.name.split_whitespace().collect::<Vec<_>>().join("　");
        match (self.asks_role(), input.role) {
            (false, None) => {}
            (true, Some(role)) => {
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
            let rule = self.id_rule();
            match rule.problem(own_id(&self.draft.login_id)) {
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
        if self.asks_role() && !self.roles().contains(&self.draft.role) {
            form.set_error("role", "この利用者区分にできるのは、マスターユーザだけです。");
        }
        if !typed_address.is_empty() && !is_address(typed_address) {
            let words = "メールアドレスを「name@example.jp」の形で入力してください。";
            form.set_error("mail_address", words);
        }
        let is_drawn = self.is_registration() || self.draft.resets;
        if is_drawn && self.draft.hand_over == HandOver::Mail && typed_address.is_empty() {
            let label = self.initial_label();
            let words = format!("{label}をメールで送るときは、メールアドレスを入力してください。");
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
            let mut field = fields::login_id(profile, own_id(&draft.login_id)).autocomplete("off");
            field.label = self.id_rule().label.clone();
            field.hint = self.id_hint();
            all.push(field);
        }
        let name = FieldView::text("name", "利用者名").hint("例: 山田　太郎");
        all.push(name.maxlength(NAME_LENGTH_MAX).value(draft.name.clone()));
        if self.asks_role() {
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
        if self.is_registration() || self.can_reset() {
            all.push(self.secrets_field());
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

    /// How initial secrets are handed over; in a change they may stay as they are.
    fn secrets_field(&self) -> FieldView {
        let mut field = hand_over_field_of(&self.visit, self.draft.hand_over);
        if self.is_registration() {
            return field;
        }
        if !self.draft.resets {
            field.choices.iter_mut().for_each(|choice| choice.is_chosen = false);
        }
        field.label = "暗証番号".to_owned();
        let remake = |choice: Choice| Choice {
            label: format!("作り直して、{}", choice.label),
            ..choice
        };
        let keep = Choice {
            value: KEEP.to_owned(),
            label: "変えない".to_owned(),
            hint: None,
            image: None,
            is_chosen: !self.draft.resets,
        };
        let ways = std::mem::take(&mut field.choices).into_iter().map(remake);
        field.choices = std::iter::once(keep).chain(ways).collect();
        field
    }

    fn show_input(&self, form: FormView) -> PageResult {
        let (visit, draft) = (&self.visit, &self.draft);
        let id_label = id_label(&visit.profile);
        let mut rows = Vec::new();
        if !self.is_registration() {
            rows.push(Row::new(id_label, own_id(&draft.login_id)));
        }
        if self.is_own() {
            rows.push(Row::new("利用者区分", role_label(draft.role)));
        }
        let mut notes = Vec::new();
        if self.is_registration() {
            notes.push(format!("{id_label}は、登録したあとで変えられません。"));
            let label = self.initial_label();
            notes.push(format!(
                "{label}は自動で作られます。ご本人が最初のログインで新しいものに変えます。"
            ));
        } else {
            notes.push(
                "確認の済んだメールアドレスは、新しいものをご本人が確かめるまで、そのまま使われます。空欄にしても消えません。"
                    .to_owned(),
            );
        }
        let page = EditInputPage {
            shell: self.shell(FlowStep::Input),
            steps: self.steps(0),
            rows,
            cancel: flow::cancel_form(visit, &self.who, &self.parts.flow),
            notes,
            form,
        };
        visit.form_page(page.form.is_invalid(), &page)
    }
}

/// What the initial password is called: there are two secrets where users go through 開通確認.
pub fn initial_label(visit: &Visit) -> String {
    if visit.profile.services.activation {
        "初期の暗証番号"
    } else {
        "初期パスワード"
    }
    .to_owned()
}

/// [`hand_over_field`], in the words of the portal.
fn hand_over_field_of(visit: &Visit, chosen: HandOver) -> FieldView {
    let mut field = hand_over_field(chosen);
    if !visit.profile.services.activation {
        return field;
    }
    field.label = format!("{}の渡し方", initial_label(visit));
    let label = |kind| visit.profile.secret_label(kind, Role::General).to_owned();
    let (login, confirm) = (label(SecretKind::Login), label(SecretKind::Confirm));
    for choice in field.choices.iter_mut().filter(|one| one.value == HandOver::Mail.as_str()) {
        choice.label = format!("{login}をメールで送る");
        choice.hint = Some(format!("{confirm}は、結果の画面に一度だけ表示します。"));
    }
    field
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
