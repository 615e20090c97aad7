//! Writes down what a browser does, as steps that can be done again.

use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::model::{Act, Expect, Press, Scenario, Step, Value};
use super::page::{PageView, bare};

/// Pages from which a tester may go on: those of a few open windows.
const PAGES_KEPT: usize = 30;

/// A request and its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchange {
    /// By POST, not by GET.
    pub is_post: bool,
    /// What was asked for, with its query.
    pub path: String,
    /// What a POST sent.
    pub fields: Vec<(String, String)>,
    /// The files that it sent.
    pub files: Vec<SentFile>,
    /// Where the answer sends the browser.
    pub location: Option<String>,
    /// The page; none for what is none.
    pub html: Option<String>,
}

/// A file of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentFile {
    /// The name of its field.
    pub field: String,
    /// Its own name.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a typed code may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// Serial and what it shows.
    pub codes: Vec<(String, String)>,
    /// Address and the text of the newest mail to it.
    pub mails: Vec<(String, String)>,
}

/// A scenario that is being written.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    scenario: Scenario,
    /// Address and HTML, the newest first.
    pages: VecDeque<(String, String)>,
    /// Where the last step leads.
    leads_to: Option<String>,
    lost: Vec<String>,
}

impl Recorder {
    /// Begins with the demo as it is after these steps.
    #[must_use]
    pub fn begin(name: &str, steps: Vec<Act>) -> Recorder {
        let steps = steps.into_iter().map(|act| Step { act, expect: None }).collect();
        let scenario = Scenario { name: name.to_owned(), steps };
        Recorder { scenario, ..Recorder::default() }
    }

    /// What was written so far.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Addresses of requests that no link and no form of a page explains; they are not in it.
    #[must_use]
    pub fn lost(&self) -> &[String] {
        &self.lost
    }

    /// Something done on the console.
    pub fn did(&mut self, act: Act) {
        self.leads_to = None;
        self.scenario.steps.push(Step { act, expect: None });
    }

    /// One more request of the browser.
    pub fn saw(&mut self, exchange: &Exchange, hints: &Hints) {
        let is_led = !exchange.is_post
            && self.leads_to.as_deref().is_some_and(|to| bare(to) == bare(&exchange.path));
        let is_shown = exchange.html.is_some() || exchange.location.is_some();
        if !is_led {
            // A file that was saved shows nothing and leads nowhere.
            if !is_shown {
                return;
            }
            match self.act(exchange, hints) {
                Some(act) => self.scenario.steps.push(Step { act, expect: None }),
                None => return self.lost.push(exchange.path.clone()),
            }
        }
        self.leads_to.clone_from(&exchange.location);
        if exchange.location.is_some() {
            return;
        }
        let Some(html) = &exchange.html else { return };
        let page = PageView::of(html);
        let expect = Expect { screen: page.screen(), lines: Some(page.lines()) };
        if let Some(last) = self.scenario.steps.last_mut() {
            last.expect = Some(expect);
        }
        self.pages.push_front((exchange.path.clone(), html.clone()));
        self.pages.truncate(PAGES_KEPT);
    }

    fn act(&self, exchange: &Exchange, hints: &Hints) -> Option<Act> {
        let pages = || self.pages.iter().map(|(from, html)| (from, PageView::of(html)));
        if exchange.is_post {
            let to = exchange.path.as_str();
            let mut press =
                pages().find_map(|(from, page)| page.press_for((from, to), &exchange.fields))?;
            explain(&mut press, hints);
            for file in &exchange.files {
                let (file_name, base64) = (file.file_name.clone(), STANDARD.encode(&file.bytes));
                press.fields.insert(file.field.clone(), Value::File { file_name, base64 });
            }
            return Some(Act::Press(press));
        }
        let (path, query) = exchange.path.split_once('?').unwrap_or((&exchange.path, ""));
        let linked = pages().find_map(|(_, page)| page.link_to(&exchange.path));
        if let Some((link, row)) = linked {
            return Some(Act::Follow { link, row });
        }
        if !query.is_empty() {
            let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
            let press = pages().find_map(|(from, page)| page.press_for((from, path), &fields));
            if let Some(press) = press {
                return Some(Act::Press(press));
            }
        }
        Some(Act::Open { path: exchange.path.clone() })
    }
}

/// Says where typed codes came from, so that another one is typed the next time.
fn explain(press: &mut Press, hints: &Hints) {
    for value in press.fields.values_mut() {
        let Value::Text(text) = value else { continue };
        let typed = text.trim();
        let is_code = (4..=10).contains(&typed.len())
            && typed.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_code {
            continue;
        }
        let of_token = hints.codes.iter().find(|(_, code)| code == typed);
        let of_mail = || hints.mails.iter().find(|(_, mail)| mail.contains(typed));
        if let Some((serial, _)) = of_token {
            *text = format!("{{code:{serial}}}");
        } else if let Some((address, _)) = of_mail().filter(|_| typed.parse::<u64>().is_ok()) {
            *text = format!("{{mail:{address}}}");
        }
    }
}
