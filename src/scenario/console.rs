//! What a scenario asks of the console below `/qa`.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;
use serde_json::Value as Json;

use super::ScenarioError;
use crate::primitives::calendar::business_day_after;
use crate::primitives::clock::{jst_day, parse_rfc3339};

const PATIENCE: Duration = Duration::from_secs(120);
/// No token shows a code for longer than two of these.
const CODE_SECONDS: &str = "30";
const FRESH_TRIES: usize = 3;

/// The console of a demo.
pub(super) struct Console {
    http: reqwest::Client,
    base_url: String,
    /// The code that was used last of each token.
    used: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Mail {
    to: String,
    text: String,
    links: Vec<String>,
}

#[derive(Deserialize)]
struct Token {
    serial: String,
    code: String,
}

#[derive(Deserialize)]
struct Tokens {
    tokens: Vec<Token>,
}

#[derive(Deserialize)]
struct Clock {
    now: String,
}

impl Console {
    pub(super) fn new(base_url: &str) -> Result<Console, ScenarioError> {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .pool_idle_timeout(Duration::from_secs(1))
            .no_proxy()
            .build()?;
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(Console { http, base_url, used: BTreeMap::new() })
    }

    /// Posts to the console.
    pub(super) async fn post(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<Json, ScenarioError> {
        self.ask(path, self.http.post(format!("{}{path}", self.base_url)).form(fields)).await
    }

    async fn get(&self, path: &str) -> Result<Json, ScenarioError> {
        self.ask(path, self.http.get(format!("{}{path}", self.base_url))).await
    }

    async fn ask(
        &self,
        path: &str,
        request: reqwest::RequestBuilder,
    ) -> Result<Json, ScenarioError> {
        let response = request.send().await?;
        let (status, text) = (response.status(), response.text().await?);
        let refused = |text: String| ScenarioError::Console {
            path: path.to_owned(),
            status: status.as_u16(),
            text,
        };
        if !status.is_success() {
            return Err(refused(text));
        }
        serde_json::from_str(&text).map_err(|error| refused(error.to_string()))
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, ScenarioError> {
        let json = self.get(path).await?;
        serde_json::from_value(json).map_err(|error| ScenarioError::Console {
            path: path.to_owned(),
            status: 200,
            text: error.to_string(),
        })
    }

    /// What a token shows now.
    async fn code(&self, serial: &str) -> Result<Option<String>, ScenarioError> {
        let wall: Tokens = self.read("/qa/tokens.json").await?;
        Ok(wall.tokens.into_iter().find(|token| token.serial == serial).map(|token| token.code))
    }

    /// The newest mail to somebody: its text and its links.
    async fn mail(&self, to: &str) -> Result<Option<(String, Vec<String>)>, ScenarioError> {
        let all: Vec<Mail> = self.read("/qa/mails.json").await?;
        let newest = all.into_iter().find(|mail| mail.to == to);
        Ok(newest.map(|mail| (mail.text, mail.links)))
    }

    /// The first link of the newest mail to somebody, without the server.
    pub(super) async fn mail_link(&self, to: &str) -> Result<String, ScenarioError> {
        let nothing = || ScenarioError::NoValue(format!("the link in the mail to {to}"));
        let (_, links) = self.mail(to).await?.ok_or_else(nothing)?;
        let link = links.into_iter().next().ok_or_else(nothing)?;
        let parsed = url::Url::parse(&link).map_err(|_| nothing())?;
        let query = parsed.query().map_or_else(String::new, |query| format!("?{query}"));
        Ok(format!("{}{query}", parsed.path()))
    }

    /// A code of a token that was not used yet: if it shows the one that was used last, the clock
    /// moves on to the next.
    async fn fresh_code(&mut self, serial: &str) -> Result<Option<String>, ScenarioError> {
        let mut code = self.code(serial).await?;
        for _ in 0..FRESH_TRIES {
            if code.is_none() || self.used.get(serial) != code.as_ref() {
                break;
            }
            self.post("/qa/clock", &[("forward_seconds", CODE_SECONDS)]).await?;
            code = self.code(serial).await?;
        }
        if let Some(code) = &code {
            self.used.insert(serial.to_owned(), code.clone());
        }
        Ok(code)
    }

    /// The text with what stands in braces put in.
    pub(super) async fn filled(&mut self, text: &str) -> Result<String, ScenarioError> {
        let Some((before, rest)) = text.split_once('{') else { return Ok(text.to_owned()) };
        let Some((inner, after)) = rest.split_once('}') else { return Ok(text.to_owned()) };
        let value = self.value(inner).await?;
        Ok(format!("{before}{value}{after}"))
    }

    async fn value(&mut self, inner: &str) -> Result<String, ScenarioError> {
        let nothing = || ScenarioError::NoValue(format!("{{{inner}}}"));
        let (kind, of) = inner.split_once(':').ok_or_else(nothing)?;
        match kind {
            "code" => self.fresh_code(of).await?.ok_or_else(nothing),
            "wrong" => {
                let code = self.code(of).await?.ok_or_else(nothing)?;
                // No neighbour of a right one, which a tolerant check might take.
                let turned = code.chars().map(|c| c.to_digit(10).map_or(c, far_digit));
                Ok(turned.collect())
            }
            "mail" => {
                let (text, _) = self.mail(of).await?.ok_or_else(nothing)?;
                code_in(&text).ok_or_else(nothing)
            }
            "date" | "business_day" => {
                let days: i64 = of.parse().map_err(|_| nothing())?;
                let clock: Clock = self.read("/qa/clock.json").await?;
                let today = parse_rfc3339(&clock.now).map(jst_day).ok_or_else(nothing)?;
                let day = if kind == "date" {
                    today.checked_add_signed(TimeDelta::days(days)).ok_or_else(nothing)?
                } else {
                    nth_business_day(today, days)
                };
                Ok(day.format("%Y-%m-%d").to_string())
            }
            _ => Err(nothing()),
        }
    }
}

fn far_digit(digit: u32) -> char {
    char::from_digit((digit + 5) % 10, 10).unwrap_or('0')
}

fn nth_business_day(today: NaiveDate, count: i64) -> NaiveDate {
    (0..count).fold(today, |day, _| business_day_after(day))
}

/// The first run of four to eight digits that stands alone.
fn code_in(text: &str) -> Option<String> {
    let runs = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.' && c != '/');
    let is_code =
        |run: &&str| (4..=8).contains(&run.len()) && run.bytes().all(|byte| byte.is_ascii_digit());
    runs.into_iter().find(is_code).map(str::to_owned)
}
