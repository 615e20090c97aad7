//! QAC080: what goes wrong around the portals: the mail server, the billers, the worker.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Page, blocking, json, shell_of, wants_json};
use crate::operations::demo::faults::{self, Faults, MailFault};
use crate::scenario::Act;
use crate::web::WebApp;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::shell::render;

/// One choice of several.
pub struct ChoiceView {
    /// The value sent.
    pub value: &'static str,
    /// The words beside it.
    pub label: &'static str,
    /// What it means.
    pub note: &'static str,
    /// Whether it stands now.
    pub is_chosen: bool,
}

/// QAC080.
#[derive(Template)]
#[template(path = "qa/faults.html")]
pub struct FaultsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What the mail server may do.
    pub mail: Vec<ChoiceView>,
    /// What goes wrong.
    pub faults: Faults,
}

#[derive(Deserialize)]
pub(super) struct FaultsQuery {
    done: Option<String>,
}

/// What is sent: `mail` is none, slow or failing; `biller` and `worker` stand there where they
/// fail.
#[derive(Debug, Deserialize)]
pub(super) struct FaultsForm {
    #[serde(default)]
    mail: Option<String>,
    #[serde(default)]
    biller: Option<String>,
    #[serde(default)]
    worker: Option<String>,
}

#[derive(Serialize)]
struct FaultsJson {
    mail: &'static str,
    biller: bool,
    worker: bool,
}

impl FaultsJson {
    fn of(faults: Faults) -> FaultsJson {
        FaultsJson {
            mail: faults.mail.as_str(),
            biller: faults.is_biller_failing,
            worker: faults.is_worker_off,
        }
    }
}

/// Shows what goes wrong.
///
/// # Errors
/// Whatever the database says.
pub(super) async fn show(app: Data<WebApp>, query: Query<FaultsQuery>) -> PageResult {
    let faults = app.services.db.read(faults::read).await?;
    let choice = |fault: MailFault, label, note| ChoiceView {
        value: fault.as_str(),
        label,
        note,
        is_chosen: faults.mail == fault,
    };
    let page = FaultsPage {
        shell: shell_of(&app, Page::Faults),
        notice: (query.done.as_deref() == Some("set")).then(|| Notice {
            tone: Tone::Success,
            title: "障害の設定を変更しました。".to_owned(),
            text: Vec::new(),
        }),
        mail: vec![
            choice(MailFault::None, "正常", "すぐに送信されます。"),
            choice(MailFault::Slow, "遅い", "1通ごとに3秒かかります。"),
            choice(
                MailFault::Failing,
                "受け付けない",
                "送信箱にたまり、間隔をあけて再送されます。",
            ),
        ],
        faults,
    };
    render(StatusCode::OK, &page)
}

/// The same as JSON.
///
/// # Errors
/// Whatever the database says.
pub(super) async fn list(app: Data<WebApp>) -> PageResult {
    let faults = app.services.db.read(faults::read).await?;
    Ok(json(StatusCode::OK, &FaultsJson::of(faults)))
}

/// Lets these things go wrong, and no others.
///
/// # Errors
/// 400 for a mail server that does anything else; whatever the database says.
pub(super) async fn submit(
    app: Data<WebApp>,
    request: HttpRequest,
    form: Form<FaultsForm>,
) -> PageResult {
    let mail = form.mail.as_deref().unwrap_or("none");
    let mail =
        MailFault::from_text(mail).ok_or(PageError::BadRequest("mail is none, slow or failing"))?;
    let is_set = |field: &Option<String>| {
        field.as_deref().is_some_and(|text| matches!(text, "on" | "true" | "1"))
    };
    let wanted = Faults {
        mail,
        is_biller_failing: is_set(&form.biller),
        is_worker_off: is_set(&form.worker),
    };
    let services = app.services.clone();
    let wait_for_rest = app.demo.as_ref().map(|console| Arc::clone(&console.wait_for_rest));
    blocking(move || {
        faults::set(&services, wanted)?;
        // Once the page says that the worker is off, nothing more comes of it.
        if let Some(wait) = wait_for_rest.filter(|_| wanted.is_worker_off) {
            wait();
        }
        Ok(())
    })
    .await?;
    if let Some(console) = &app.demo {
        console.recording.did(Act::Faults {
            mail: mail.as_str().to_owned(),
            biller: wanted.is_biller_failing,
            worker: wanted.is_worker_off,
        });
    }
    if wants_json(&request) {
        return Ok(json(StatusCode::OK, &FaultsJson::of(wanted)));
    }
    Ok(see_other("/qa/faults?done=set"))
}
