//! The form of an act on a customer, whatever the act: who it is about, why it may not be possible,
//! the fields, one button that names it.

use actix_web::HttpResponse;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::customers::{self, Customer};
use crate::domain::staff_request::StaffAct;
use crate::operations::staff::request::ActOutcome;
use crate::operations::staff::standing;
use crate::primitives::ids::{UserId, random_id};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::page::{Link, Notice, Row, Shell, Tone};
use crate::web::screens::Screen;
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::visit::StaffVisit;
use crate::web::staff::words;

/// Longest note.
pub(super) const NOTE_MAX: usize = 100;

/// The form of an act.
#[derive(askama::Template)]
#[template(path = "staff/act.html")]
pub struct ActPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What the act does.
    pub lead: &'static str,
    /// Why it is not possible now.
    pub notice: Option<Notice>,
    /// Whom it is about.
    pub rows: Vec<Row>,
    /// The form.
    pub form: FormView,
    /// The button, which names the act.
    pub button: &'static str,
    /// Whether it cannot be taken back.
    pub is_danger: bool,
    /// The way back.
    pub back: Link,
}

/// A form of nothing but a note.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pub note: String,
}

/// What differs from act to act.
#[derive(Debug, Clone, Copy)]
pub(super) struct ActText {
    /// Screen.
    pub screen: &'static Screen,
    /// Title.
    pub title: &'static str,
    /// What the act does.
    pub lead: &'static str,
    /// The button.
    pub button: &'static str,
    /// Whether it cannot be taken back.
    pub is_danger: bool,
}

/// Whom an act is about.
pub(super) struct Entered {
    pub who: StaffWho,
    pub customer: Customer,
    /// Why a starred act is not possible now.
    pub blocked: Option<&'static str>,
}

/// Lets somebody in to an act on the customer `id`; `act` where it is one for two.
///
/// # Errors
/// 303 to the login, 403 for a role that does not act, 404 for nobody of this portal.
pub(super) async fn enter(
    visit: &StaffVisit,
    id: i64,
    act: Option<StaffAct>,
) -> Result<Entered, PageError> {
    let (slug, id, ctx) = (visit.profile.slug().to_owned(), UserId(id), visit.ctx.clone());
    let (who, found) = principal::enter(visit, move |conn, _| {
        let Some(customer) = customers::find(conn, &slug, id)? else { return Ok(None) };
        let why = match act {
            Some(act) => standing::blocked(conn, &ctx, act, &customer.user)?,
            None => None,
        };
        Ok(Some((customer, why)))
    })
    .await?;
    let (customer, why) = found.ok_or(PageError::NotFound)?;
    Ok(Entered { who, customer, blocked: why.map(words::blocked) })
}

/// The form of an act at `path` below the customer.
///
/// # Errors
/// No randomness.
pub(super) fn form(
    visit: &StaffVisit,
    who: &StaffWho,
    path: &str,
    fields: Vec<FieldView>,
) -> Result<FormView, PageError> {
    Ok(FormView::new(visit.url(path), who.csrf_token()).fields(fields).request_key(random_id()?))
}

/// A note that every act carries.
pub(super) fn note(label: &str, hint: &str) -> FieldView {
    FieldView::text("note", label).hint(hint).maxlength(NOTE_MAX)
}

/// The note as typed; nothing: the form says what is missing.
pub(super) fn checked_note(form: &mut FormView, note: &str) -> String {
    let note = note.trim().to_owned();
    if note.is_empty() {
        form.set_error("note", "入力してください。書面の番号や、受付の理由を残します。");
    } else if note.chars().count() > NOTE_MAX {
        form.set_error("note", format!("{NOTE_MAX}文字以内で入力してください。"));
    }
    note
}

/// Puts a value that was typed back into its field.
pub(super) fn keep(form: &mut FormView, name: &str, value: &str) {
    for field in &mut form.fields {
        if field.name == name {
            *field = field.clone().value(value);
        }
    }
}

/// Where an act that ended leads; none: the form says why it did not.
///
/// # Errors
/// 404 and 409.
pub(super) fn after(
    visit: &StaffVisit,
    outcome: ActOutcome,
    form: &mut FormView,
    back: &str,
) -> Result<Option<HttpResponse>, PageError> {
    match outcome {
        ActOutcome::Made(id) => Ok(Some(see_other(&visit.url(&format!("requests/{id}"))))),
        ActOutcome::Waiting(id) => {
            let words =
                format!("同じ申請（{:07}）が承認を待っています。その結果をお待ちください。", id.0);
            form.errors.push(words);
            Ok(None)
        }
        ActOutcome::Blocked(why) => {
            form.errors.push(words::blocked(why).to_owned());
            Ok(None)
        }
        ActOutcome::NotFound => Err(PageError::NotFound),
        ActOutcome::KeyConflict => Err(PageError::Conflict { back: visit.url(back) }),
    }
}

/// Shows the form.
///
/// # Errors
/// As [`StaffVisit::page`].
pub(super) fn show(
    visit: &StaffVisit,
    entered: &Entered,
    text: ActText,
    form: FormView,
) -> PageResult {
    let user = &entered.customer.user;
    let mut rows =
        vec![Row::new("お名前", user.name.clone()), Row::new("ログインID", user.login_id.clone())];
    if let Some(token) = &entered.customer.token {
        rows.push(Row::new("シリアル番号", token.serial.clone()));
    }
    let mut shell = visit.shell_of(text.screen, &entered.who);
    shell.title = text.title.into();
    let page = ActPage {
        shell,
        lead: text.lead,
        notice: entered.blocked.filter(|_| !form.is_invalid()).map(|why| Notice {
            tone: Tone::Warn,
            title: "今は申請できません".to_owned(),
            text: vec![why.to_owned()],
        }),
        rows,
        form,
        button: text.button,
        is_danger: text.is_danger,
        back: Link {
            label: "お客さまに戻る".to_owned(),
            url: visit.url(&format!("customers/{}", user.id)),
        },
    };
    visit.form_page(page.form.is_invalid(), &page)
}
