//! QAC070: the demo as it stands is kept under a name, and put back.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Page, blocking, json, shell_of, wants_json};
use crate::operations::demo::states::{self, Loaded, SavedState};
use crate::primitives::clock::{jst_receipt_text, parse_rfc3339};
use crate::scenario::Act;
use crate::web::WebApp;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::shell::render;

/// A saved state.
pub struct StateView {
    /// Its name.
    pub name: String,
    /// The demo's time in it.
    pub at: String,
    /// When it was saved.
    pub saved_at: String,
}

/// QAC070.
#[derive(Template)]
#[template(path = "qa/states.html")]
pub struct StatesPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is wrong.
    pub error: Option<String>,
    /// The name that was typed.
    pub name: String,
    /// By name.
    pub states: Vec<StateView>,
}

#[derive(Deserialize)]
pub(super) struct StatesQuery {
    done: Option<String>,
}

/// Names a state.
#[derive(Debug, Deserialize)]
pub(super) struct NameForm {
    name: String,
}

#[derive(Serialize)]
struct StateJson {
    name: String,
    at: String,
    saved_at: String,
}

#[derive(Serialize)]
struct DoneJson {
    done: &'static str,
}

/// Shows the list.
///
/// # Errors
/// Whatever the database says.
pub async fn show(app: Data<WebApp>, query: Query<StatesQuery>) -> PageResult {
    let title = match query.done.as_deref() {
        Some("saved") => Some("いまの状態を保存しました。"),
        Some("loaded") => Some("保存した状態に戻しました。全員がログアウトしました。"),
        Some("deleted") => Some("保存した状態を削除しました。"),
        _ => None,
    };
    let notice = title.map(|title| Notice {
        tone: Tone::Success,
        title: title.to_owned(),
        text: Vec::new(),
    });
    page(&app, notice, (String::new(), None), StatusCode::OK).await
}

async fn page(
    app: &WebApp,
    notice: Option<Notice>,
    (name, error): (String, Option<String>),
    status: StatusCode,
) -> PageResult {
    let states = all(app).await?.into_iter().map(view).collect();
    render(status, &StatesPage { shell: shell_of(app, Page::States), notice, error, name, states })
}

async fn all(app: &WebApp) -> Result<Vec<SavedState>, PageError> {
    let services = app.services.clone();
    blocking(move || states::list(&services)).await
}

fn view(state: SavedState) -> StateView {
    let text = |at: &str| parse_rfc3339(at).map(jst_receipt_text).unwrap_or_default();
    StateView { at: text(&state.at), saved_at: text(&state.saved_at), name: state.name }
}

/// The list as JSON.
///
/// # Errors
/// Whatever the database says.
pub async fn list(app: Data<WebApp>) -> PageResult {
    let of =
        |state: SavedState| StateJson { name: state.name, at: state.at, saved_at: state.saved_at };
    let list: Vec<StateJson> = all(&app).await?.into_iter().map(of).collect();
    Ok(json(StatusCode::OK, &list))
}

/// Keeps the demo as it stands.
///
/// # Errors
/// 422 for a name that cannot be one; whatever the database says.
pub async fn save(app: Data<WebApp>, request: HttpRequest, form: Form<NameForm>) -> PageResult {
    let name = form.into_inner().name.trim().to_owned();
    if !states::is_name(&name) {
        if wants_json(&request) {
            return Err(PageError::BadRequest("a name has 1 to 40 characters"));
        }
        let error = format!("名前は{}文字以内で入力してください。", states::NAME_MAX);
        return page(&app, None, (name, Some(error)), StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let services = app.services.clone();
    blocking(move || states::save(&services, &name)).await?;
    Ok(done(&request, "saved"))
}

/// Puts the demo back as it was.
///
/// # Errors
/// 404 for a name that no state has, 409 for one that another version saved; whatever the database
/// says.
pub async fn load(app: Data<WebApp>, request: HttpRequest, form: Form<NameForm>) -> PageResult {
    let (services, name) = (app.services.clone(), form.into_inner().name);
    let wanted = name.clone();
    match blocking(move || states::load(&services, &wanted)).await? {
        Loaded::Done => {
            if let Some(console) = &app.demo {
                console.recording.did(Act::State { name });
            }
            Ok(done(&request, "loaded"))
        }
        Loaded::Missing => Err(PageError::NotFound),
        Loaded::Foreign => {
            let error = "この状態は、別の版の窓口で保存されたため、読み込めません。削除してから保存し直してください。";
            page(&app, None, (name, Some(error.to_owned())), StatusCode::CONFLICT).await
        }
    }
}

/// Takes a state away.
///
/// # Errors
/// Whatever the database says.
pub async fn delete(app: Data<WebApp>, request: HttpRequest, form: Form<NameForm>) -> PageResult {
    let (services, name) = (app.services.clone(), form.into_inner().name);
    blocking(move || states::delete(&services, &name)).await?;
    Ok(done(&request, "deleted"))
}

fn done(request: &HttpRequest, what: &'static str) -> actix_web::HttpResponse {
    if wants_json(request) {
        return json(StatusCode::OK, &DoneJson { done: what });
    }
    see_other(&format!("/qa/states?done={what}"))
}
