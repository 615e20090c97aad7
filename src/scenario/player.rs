//! Does a scenario again.

use std::collections::BTreeMap;

use super::ScenarioError;
use super::browser::{Answer, Browser};
use super::compare::{Difference, compare};
use super::console::Console;
use super::model::{Act, Press, Scenario, Step, Value};
use super::page::PageView;

/// Whose browser is used before anybody is named.
const FIRST_PERSON: &str = "";

/// Plays scenarios on one server.
pub struct Player {
    base_url: String,
    console: Console,
    browsers: BTreeMap<String, Browser>,
    person: String,
    /// What shows, for each person.
    pages: BTreeMap<String, Answer>,
}

/// How one step went.
#[derive(Debug)]
pub struct Replayed {
    /// Which step, from 1.
    pub no: usize,
    /// The screen that shows; nothing before the first page.
    pub screen: Option<String>,
    /// What stands on it, line by line.
    pub lines: Vec<String>,
    /// What is different from what was recorded.
    pub differences: Vec<Difference>,
}

/// How a scenario went.
#[derive(Debug, Default)]
pub struct Replay {
    /// The steps that were done.
    pub steps: Vec<Replayed>,
    /// The step that could not be done, and why.
    pub stopped: Option<(usize, ScenarioError)>,
}

impl Replay {
    /// Whether every step showed what it had to.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.stopped.is_none() && self.steps.iter().all(|step| step.differences.is_empty())
    }
}

impl Player {
    /// For the server at `base_url`, as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn new(base_url: &str) -> Result<Player, ScenarioError> {
        Ok(Player {
            base_url: base_url.to_owned(),
            console: Console::new(base_url)?,
            browsers: BTreeMap::new(),
            person: FIRST_PERSON.to_owned(),
            pages: BTreeMap::new(),
        })
    }

    /// What shows now, and the browser in which it shows.
    #[must_use]
    pub fn shown(&self) -> Option<(&Answer, &Browser)> {
        Some((self.pages.get(&self.person)?, self.browsers.get(&self.person)?))
    }

    /// Does the steps one after the other. A step that shows something else does not end it; one
    /// that cannot be done does.
    pub async fn replay(&mut self, scenario: &Scenario) -> Replay {
        let mut replay = Replay::default();
        for (no, step) in (1..).zip(&scenario.steps) {
            match self.step(step).await {
                Ok(differences) => {
                    let page = self.shown().map(|(answer, _)| answer.page());
                    let screen = page.as_ref().map(PageView::screen);
                    let lines = page.as_ref().map(PageView::lines).unwrap_or_default();
                    replay.steps.push(Replayed { no, screen, lines, differences });
                }
                Err(error) => {
                    replay.stopped = Some((no, error));
                    return replay;
                }
            }
        }
        replay
    }

    async fn step(&mut self, step: &Step) -> Result<Vec<Difference>, ScenarioError> {
        if let Some(answer) = self.act(&step.act).await? {
            self.pages.insert(self.person.clone(), answer);
        }
        let Some(expect) = &step.expect else { return Ok(Vec::new()) };
        let (answer, _) = self.shown().ok_or(ScenarioError::NoPage)?;
        let page = answer.page();
        Ok(compare(expect, &page.screen(), &page.lines()))
    }

    async fn act(&mut self, act: &Act) -> Result<Option<Answer>, ScenarioError> {
        match act {
            Act::Reset => self.console.post("/qa/reset", &[]).await.map(|_| None),
            Act::Worker => self.console.post("/qa/worker/run", &[]).await.map(|_| None),
            Act::State { name } => {
                self.console.post("/qa/states/load", &[("name", name)]).await.map(|_| None)
            }
            Act::Faults { mail, biller, worker } => {
                let mut fields = vec![("mail", mail.as_str())];
                fields.extend(biller.then_some(("biller", "on")));
                fields.extend(worker.then_some(("worker", "on")));
                self.console.post("/qa/faults", &fields).await.map(|_| None)
            }
            Act::Clock { at, forward } => {
                let forward = forward.map(|seconds| seconds.to_string());
                let mut fields = Vec::new();
                fields.extend(at.as_deref().map(|at| ("at", at)));
                fields.extend(forward.as_deref().map(|seconds| ("forward_seconds", seconds)));
                self.console.post("/qa/clock", &fields).await.map(|_| None)
            }
            Act::Person { name } => {
                self.person.clone_from(name);
                Ok(None)
            }
            Act::Open { path } => {
                let path = self.console.filled(path).await?;
                self.browser()?.open(&path).await.map(Some)
            }
            Act::OpenMail { to } => {
                let path = self.console.mail_link(to).await?;
                self.browser()?.open(&path).await.map(Some)
            }
            Act::Follow { link, row } => {
                let (answer, _) = self.shown().ok_or(ScenarioError::NoPage)?;
                let path = answer.page().link(link, row.as_deref())?;
                self.browser()?.open(&path).await.map(Some)
            }
            Act::Press(press) => self.press(press).await.map(Some),
        }
    }

    async fn press(&mut self, press: &Press) -> Result<Answer, ScenarioError> {
        let mut press = press.clone();
        for value in press.fields.values_mut() {
            if let Value::Text(text) = value {
                *text = self.console.filled(text).await?;
            }
        }
        let (answer, _) = self.shown().ok_or(ScenarioError::NoPage)?;
        let (form, from) = (answer.page().fill(&press)?, answer.path.clone());
        self.browser()?.submit(&form, &from).await
    }

    fn browser(&mut self) -> Result<&mut Browser, ScenarioError> {
        if !self.browsers.contains_key(&self.person) {
            let browser = Browser::new(&self.base_url)?;
            self.browsers.insert(self.person.clone(), browser);
        }
        self.browsers.get_mut(&self.person).ok_or(ScenarioError::NoPage)
    }
}
