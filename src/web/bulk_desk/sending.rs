//! BFT030 送信: approved files go to the institution, several with one code. And what the lists for
//! approving and sending share: the form of ticked files and how it ends.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::domain::auth_rule::Operation;
use crate::domain::bulk_file::{BulkState, BulkStep};
use crate::operations::bulk_file::send::send;
use crate::operations::bulk_file::{BulkActs, BulkLine, BulkOutcome, open_to};
use crate::operations::step::StepOutcome;
use crate::web::administration::{TickedForm, given_proof, proof_fields};
use crate::web::bulk_desk::rows::FileRow;
use crate::web::bulk_desk::{
    HISTORY, Listed, MENU, Place, SENDING, SENT, TICK, enter, list, proof_name, refuse_foreign,
    seen, words,
};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::set_refusal;
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Shell};
use crate::web::principal::Who;
use crate::web::screens;
use crate::web::token::flow::request_key;
use crate::web::token::stop::is_suspended;
use crate::web::transfer::obstacle;
use crate::web::visit::Visit;

/// An act on ticked files.
#[derive(Debug, Clone, Copy)]
pub struct Act {
    /// By which auth rule.
    pub operation: Operation,
    /// The list's address below the portal.
    pub path: &'static str,
    /// The results'.
    pub results: &'static str,
    /// 承認 or 送信.
    pub verb: &'static str,
}

/// What a list asked for.
pub struct Asked {
    /// For the operation.
    pub acts: BulkActs,
    /// The ids of the ticked files.
    pub ticked: Vec<String>,
    /// The form, for what is wrong with it.
    pub form: FormView,
}

impl Act {
    /// An empty form.
    ///
    /// # Errors
    /// 500 without randomness.
    pub fn form(self, visit: &Visit, who: &Who) -> Result<FormView, PageError> {
        Ok(self.form_with(visit, who, request_key()?))
    }

    fn form_with(self, visit: &Visit, who: &Who, key: String) -> FormView {
        let purpose = format!("このコードで、選んだデータを{}します。", self.verb);
        FormView::new(visit.url(self.path), who.csrf_token())
            .fields(proof_fields(visit, who, &purpose))
            .request_key(key)
    }

    /// What was sent; the inner error is the form with what is wrong, and which files were ticked.
    ///
    /// # Errors
    /// 4xx for what is no form of ours.
    pub async fn read(
        self,
        visit: &Visit,
        who: &Who,
        body: FormBody,
    ) -> Result<Result<Asked, (Vec<String>, FormView)>, PageError> {
        let name = self.operation.key();
        let (input, ticks, key) = body.ticked::<TickedForm>(visit, who, name, TICK)?;
        let seen = seen(&ticks)?;
        refuse_foreign(visit, who, &seen).await?;
        let ticked: Vec<String> = seen.iter().map(|seen| seen.id.to_string()).collect();
        let mut form = self.form_with(visit, who, key.key.clone());
        if seen.is_empty() {
            form.errors.push(format!("{}するデータを選んでください。", self.verb));
        }
        let proof = given_proof(visit, who, &mut form, input)?;
        let (Some(proof), false) = (proof, form.is_invalid()) else {
            return Ok(Err((ticked, form)));
        };
        let acts = BulkActs {
            user: who.user.clone(),
            seen,
            proof,
            proof_name: proof_name(who.proof),
            key,
            results_url: visit.url(self.results),
        };
        Ok(Ok(Asked { acts, ticked, form }))
    }
}

/// Where an act leads; the inner error is the form with what was refused, and the page's status.
///
/// # Errors
/// None of its own.
pub fn act_on(
    visit: &Visit,
    outcome: BulkOutcome,
    mut form: FormView,
) -> Result<Result<HttpResponse, (FormView, StatusCode)>, PageError> {
    match outcome {
        BulkOutcome::Done(url) => Ok(Ok(see_other(&url))),
        BulkOutcome::Step(step) if is_suspended(&step) => {
            Ok(Ok(see_other(&visit.url("login/suspended"))))
        }
        BulkOutcome::Step(StepOutcome::Refused(refusals)) => {
            for refusal in &refusals {
                set_refusal(&mut form, &visit.profile, refusal, "otp");
            }
            Ok(Err((form, StatusCode::UNPROCESSABLE_ENTITY)))
        }
        BulkOutcome::Nothing(lines) => {
            form.errors.extend(lines.iter().filter_map(refused_words));
            Ok(Err((form, StatusCode::CONFLICT)))
        }
        BulkOutcome::Step(_) => {
            let form = form.error(
                "選んだデータの状態が変わったため、お手続きをしていません。今の状態をお確かめのうえ、もう一度お選びください。",
            );
            Ok(Err((form, StatusCode::CONFLICT)))
        }
    }
}

/// Why nothing was done with a file.
#[must_use]
pub fn refused_words(line: &BulkLine) -> Option<String> {
    Some(format!("「{}」: {}", line.name, line.obstacle?.words()))
}

const ACT: Act =
    Act { operation: Operation::BulkSend, path: SENDING, results: SENT, verb: "送信" };

/// BFT030. Fields: a box a file, and the proof.
#[derive(askama::Template)]
#[template(path = "bulk_desk/sending.html")]
pub struct SendingPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Boxes at the top: why nothing can be sent.
    pub notices: Vec<Notice>,
    /// The files.
    pub rows: Vec<FileRow>,
    /// The nearest deadline.
    pub deadline: Option<words::Deadline>,
    /// The form.
    pub form: FormView,
    /// Whether anything can be ticked.
    pub has_ticks: bool,
    /// BFT000.
    pub menu_url: String,
}

/// Shows BFT030.
///
/// # Errors
/// 303 to the login; 403 for whoever only administers.
pub async fn show(visit: Visit) -> PageResult {
    let (who, place, listed) = read(&visit).await?;
    let form = ACT.form(&visit, &who)?;
    show_list(&visit, &who, (&place, &listed, &[]), form, StatusCode::OK)
}

/// Sends the ticked files.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let (who, place, listed) = read(&visit).await?;
    let asked = match ACT.read(&visit, &who, body).await? {
        Ok(asked) => asked,
        Err((ticked, form)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show_list(&visit, &who, (&place, &listed, &ticked), form, status);
        }
    };
    let (ticked, form) = (asked.ticked, asked.form);
    let outcome = send(&visit.app.services, &who.ctx, asked.acts).await?;
    match act_on(&visit, outcome, form)? {
        Ok(response) => Ok(response),
        Err((form, StatusCode::CONFLICT)) => {
            let (who, place, listed) = read(&visit).await?;
            let fresh = FormView { errors: form.errors, ..ACT.form(&visit, &who)? };
            show_list(&visit, &who, (&place, &listed, &[]), fresh, StatusCode::CONFLICT)
        }
        Err((form, status)) => show_list(&visit, &who, (&place, &listed, &ticked), form, status),
    }
}

async fn read(visit: &Visit) -> Result<(Who, Place, Listed), PageError> {
    enter(visit, |conn, place, user| {
        let filter = open_to(&place.desk.rights, BulkStep::Send, BulkState::Approved);
        list(conn, place, user, &filter)
    })
    .await
}

fn show_list(
    visit: &Visit,
    who: &Who,
    (place, listed, ticked): (&Place, &Listed, &[String]),
    form: FormView,
    status: StatusCode,
) -> PageResult {
    let hindrance = obstacle(visit, &who.user, Operation::BulkSend);
    let is_open = hindrance.is_none();
    let rows: Vec<FileRow> = listed
        .iter()
        .map(|(file, actor)| {
            let url = visit.url(&format!("{HISTORY}/{}", file.id));
            let possible = place.rules(visit, file).send(file, *actor).map(|_| ());
            let is_ticked = ticked.contains(&file.id.to_string());
            let row = FileRow::of(file, url).with_box(file, possible, is_ticked);
            FileRow { tick: row.tick.filter(|_| is_open), ..row }
        })
        .collect();
    let page = SendingPage {
        shell: visit.shell_of(&screens::BFT030, who),
        notices: hindrance.into_iter().collect(),
        deadline: listed.iter().find_map(|(file, _)| words::deadline(file, visit.ctx.now)),
        has_ticks: rows.iter().any(|row| row.tick.is_some()),
        rows,
        form,
        menu_url: visit.url(MENU),
    };
    visit.page(status, &page)
}
