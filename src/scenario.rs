//! Scenarios: what a tester does in a browser, written down as JSON and done again over HTTP.
//!
//! A scenario names what people see, links and buttons by their words and fields by their labels,
//! so that it can be read, written by hand and replayed after the pages' addresses have changed.
//! What a step showed when it was recorded stands beside it; a replay says what is different. The
//! module knows nothing of the portal but the console below `/qa`, and speaks HTTP only.

mod browser;
mod compare;
mod console;
mod model;
mod page;
mod player;
mod recorder;
#[cfg(test)]
mod tests;

pub use browser::{Answer, Browser};
pub use compare::{Difference, compare};
pub use model::{Act, Expect, Press, Scenario, Step, Value};
pub use page::{Field, Form, PageView};
pub use player::{Player, Replay, Replayed};
pub use recorder::{Exchange, Hints, Recorder, SentFile};

/// Why a scenario stopped.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The server did not answer.
    #[error("the server does not answer: {0}")]
    Http(#[from] reqwest::Error),
    /// The console refused.
    #[error("the console answered {status} to {path}: {text}")]
    Console {
        /// What was asked for.
        path: String,
        /// HTTP status.
        status: u16,
        /// What it said.
        text: String,
    },
    /// A step needs a page, and none shows yet.
    #[error("no page shows yet; open one first")]
    NoPage,
    /// The page has no such link.
    #[error("the page has no link「{0}」")]
    NoLink(String),
    /// The page has no such button.
    #[error("the page has no button「{0}」")]
    NoButton(String),
    /// The form has no such field, or the field no such choice.
    #[error("the form has no field or choice「{0}」")]
    NoField(String),
    /// A value in braces that stands for nothing.
    #[error("{0} stands for nothing here")]
    NoValue(String),
    /// Redirects without an end.
    #[error("the page sends the browser in a circle, last to {0}")]
    Circle(String),
}
