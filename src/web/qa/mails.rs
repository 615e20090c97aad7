//! The mailbox: what is in the out-box, as its recipients read it, from the commit on.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Page, blocking, json, shell_of};
use crate::db::queries::mails;
use crate::domain::mail::{Mail, MailState};
use crate::primitives::clock::{jst_iso, jst_receipt_text};
use crate::web::WebApp;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::Shell;
use crate::web::shell::render;

const MAILS_PER_PAGE: usize = 12;
const MAILS_MAX: i64 = 1_000;

/// A mail for scripts.
#[derive(Serialize)]
struct MailJson {
    to: String,
    subject: String,
    text: String,
    links: Vec<String>,
    kind: &'static str,
    state: &'static str,
    at: String,
}

/// A mail for people.
pub struct MailView {
    /// Recipient.
    pub to: String,
    /// Sender.
    pub from: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// Addresses in it.
    pub links: Vec<String>,
    /// RFC 3339.
    pub iso: String,
    /// When.
    pub time_text: String,
    /// Whether the mail server has it.
    pub state: &'static str,
}

/// QAC010.
#[derive(Template)]
#[template(path = "qa/mails.html")]
pub struct MailsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The recipient looked for.
    pub to: String,
    /// Newest first.
    pub mails: Vec<MailView>,
    /// How many there are in all.
    pub count: usize,
    /// Older ones.
    pub older_url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct MailsQuery {
    to: Option<String>,
    page: Option<usize>,
}

async fn newest(app: &WebApp) -> Result<Vec<Mail>, PageError> {
    let db = app.services.db.clone();
    blocking(move || Ok(db.read_blocking(|conn| mails::list_newest(conn, MAILS_MAX))?)).await
}

/// All mails as JSON, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(app: Data<WebApp>) -> PageResult {
    let mails: Vec<MailJson> = newest(&app)
        .await?
        .into_iter()
        .map(|mail| MailJson {
            links: links(&mail.body),
            to: mail.to_address,
            subject: mail.subject,
            text: mail.body,
            kind: mail.kind.as_str(),
            state: mail.state.as_str(),
            at: jst_iso(mail.created_at),
        })
        .collect();
    Ok(json(StatusCode::OK, &mails))
}

/// Shows the mailbox, of everybody or of one recipient.
///
/// # Errors
/// Whatever the database says.
pub async fn show(app: Data<WebApp>, query: Query<MailsQuery>) -> PageResult {
    let to = query.to.clone().unwrap_or_default();
    let place = query.page.unwrap_or(0);
    let found: Vec<Mail> = newest(&app)
        .await?
        .into_iter()
        .filter(|mail| mail.to_address.contains(to.trim()))
        .collect();
    let (count, first) = (found.len(), place.saturating_mul(MAILS_PER_PAGE));
    let has_older = count > first.saturating_add(MAILS_PER_PAGE);
    let encoded: String =
        percent_encoding::utf8_percent_encode(&to, percent_encoding::NON_ALPHANUMERIC).collect();
    let page = MailsPage {
        shell: shell_of(&app, Page::Mails),
        mails: found.into_iter().skip(first).take(MAILS_PER_PAGE).map(view).collect(),
        count,
        older_url: has_older.then(|| format!("/qa/mails?to={encoded}&page={}", place + 1)),
        to,
    };
    render(StatusCode::OK, &page)
}

fn view(mail: Mail) -> MailView {
    MailView {
        links: links(&mail.body),
        to: mail.to_address,
        from: mail.from_address,
        subject: mail.subject,
        text: mail.body,
        iso: jst_iso(mail.created_at),
        time_text: jst_receipt_text(mail.created_at),
        state: match mail.state {
            MailState::Waiting => "送信待ち",
            MailState::Sent => "送信済み",
            MailState::Dead => "送信不能",
        },
    }
}

/// The addresses in a text, each up to the first character that addresses do not have.
pub(super) fn links(text: &str) -> Vec<String> {
    let starts = text.match_indices("http").map(|(start, _)| start);
    starts
        .filter_map(|start| {
            let rest = text.get(start..)?;
            let is_part = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | ')');
            let link: String = rest.chars().take_while(|c| is_part(*c)).collect();
            let is_link = link.starts_with("https://") || link.starts_with("http://");
            is_link.then_some(link)
        })
        .collect()
}
