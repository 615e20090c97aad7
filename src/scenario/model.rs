//! The file of a scenario.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What somebody does, step by step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step, and what it showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is done.
    #[serde(flatten)]
    pub act: Act,
    /// What has to show then; a step without it may show anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expect>,
}

/// What can be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Act {
    /// The demo's data as they were at first.
    Reset,
    /// Moves the demo's clock.
    Clock {
        /// To this time, RFC 3339.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<String>,
        /// By so many seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        forward: Option<u32>,
    },
    /// Runs the worker's jobs that are due, once.
    Worker,
    /// Lets things around the portals go wrong.
    Faults {
        /// The mail server: none, slow or failing.
        mail: String,
        /// No biller answers.
        #[serde(default)]
        biller: bool,
        /// The worker does nothing by itself.
        #[serde(default)]
        worker: bool,
    },
    /// Loads a state of the demo that was saved by this name.
    State {
        /// Its name.
        name: String,
    },
    /// Somebody else's browser, from here on; each name has a browser of its own.
    Person {
        /// Whose.
        name: String,
    },
    /// Opens an address.
    Open {
        /// Without the server, as `/shirakaba/login`.
        path: String,
    },
    /// Opens the link in the newest mail to somebody.
    OpenMail {
        /// The mail address.
        to: String,
    },
    /// Follows a link.
    Follow {
        /// Its words.
        link: String,
        /// Words of the row or the part of the page in which it stands, where several read alike.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        row: Option<String>,
    },
    /// Fills a form in and presses its button.
    Press(Press),
}

/// A form filled in and sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    /// The button's words.
    pub button: String,
    /// As with a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// What is typed and chosen, by the names or the labels of the fields. What does not stand here
    /// is sent as the page has it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Value>,
    /// Boxes to tick, by their labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tick: Vec<String>,
    /// Ticked boxes to clear, by their labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clear: Vec<String>,
}

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// As typed. `{code:SERIAL}` is what a token shows, `{wrong:SERIAL}` what it does not show,
    /// `{mail:ADDRESS}` the code in the newest mail, `{date:N}` the day after N days and
    /// `{business_day:N}` the Nth business day from today, as `2026-10-05`.
    Text(String),
    /// The choice with these words.
    Choice {
        /// Its label.
        label: String,
    },
    /// A file.
    File {
        /// Its name.
        file_name: String,
        /// Its bytes, in Base64.
        base64: String,
    },
    /// A line typed or pasted many times.
    Lines {
        /// The line; `{no}` is the number of the line, from 1, with seven digits.
        line: String,
        /// How often.
        times: u16,
    },
}

impl Value {
    /// What is typed, where it is the same whenever it is typed.
    pub(super) fn typed(&self) -> Option<String> {
        let Value::Lines { line, times } = self else { return None };
        let lines = (1..=*times).map(|no| line.replace("{no}", &format!("{no:07}")));
        Some(lines.collect::<Vec<_>>().join("\n"))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

/// What a step shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The screen's id.
    pub screen: String,
    /// What stands on the page, line by line; nothing: any text will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<String>>,
}
