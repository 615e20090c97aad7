//! A browser as far as a scenario needs one: cookies, redirects, forms. No script.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Method, RequestBuilder};

use super::ScenarioError;
use super::page::{Field, Form, PageView, absolute, bare};

/// Far above what a page takes.
const PATIENCE: Duration = Duration::from_secs(120);
const REDIRECTS_MAX: usize = 6;
/// Between the parts of a form with files; no file has it in it by chance.
const BOUNDARY: &str = "----madoguchi-scenario-7d2f8c41";

/// A browser of one person.
pub struct Browser {
    http: reqwest::Client,
    base_url: String,
    /// Name to the whole `Set-Cookie` line.
    cookies: BTreeMap<String, String>,
}

/// What the server sent in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The address that shows, without the server.
    pub path: String,
    /// Whether that address shows the same when it is asked for.
    pub is_get: bool,
    /// HTTP status.
    pub status: u16,
    /// The type of what was sent.
    pub content_type: String,
    /// The page; empty for what is none.
    pub html: String,
}

impl Answer {
    /// The page to read.
    #[must_use]
    pub fn page(&self) -> PageView {
        PageView::of(&self.html)
    }
}

impl Browser {
    /// A browser without cookies for the server at `base_url`, as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub fn new(base_url: &str) -> Result<Browser, ScenarioError> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            // Not one that the server may be closing just now for its age.
            .pool_idle_timeout(Duration::from_secs(1))
            .no_proxy()
            .build()?;
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(Browser { http, base_url, cookies: BTreeMap::new() })
    }

    /// The `Set-Cookie` lines that make another browser this one.
    pub fn set_cookies(&self) -> impl Iterator<Item = &str> {
        self.cookies.values().map(String::as_str)
    }

    /// Opens an address and goes where it leads.
    ///
    /// # Errors
    /// See [`ScenarioError`].
    pub async fn open(&mut self, path: &str) -> Result<Answer, ScenarioError> {
        let request = self.request(Method::GET, path);
        let answer = self.send(path, true, request).await?;
        self.follow(answer).await
    }

    /// Sends a form and goes where it leads.
    ///
    /// # Errors
    /// See [`ScenarioError`].
    pub async fn submit(&mut self, form: &Form, from: &str) -> Result<Answer, ScenarioError> {
        let action = absolute(&form.action, from);
        let texts: Vec<(&str, &str)> = form.fields.iter().filter_map(text).collect();
        let answer = if !form.is_post {
            let mut encoded = url::form_urlencoded::Serializer::new(String::new());
            let query = encoded.extend_pairs(&texts).finish();
            let path = format!("{}?{query}", bare(&action));
            let request = self.request(Method::GET, &path);
            self.send(&path, true, request).await?
        } else if form.is_multipart {
            let kind = format!("multipart/form-data; boundary={BOUNDARY}");
            let request = self.request(Method::POST, &action).header(CONTENT_TYPE, kind);
            self.send(&action, false, request.body(multipart(&form.fields))).await?
        } else {
            let request = self.request(Method::POST, &action).form(&texts);
            self.send(&action, false, request).await?
        };
        self.follow(answer).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let pairs: Vec<&str> = self.cookies.values().map(|line| pair_of(line)).collect();
        let request = self.http.request(method, format!("{}{path}", self.base_url));
        let request = request.header(ACCEPT, "text/html");
        if pairs.is_empty() { request } else { request.header(COOKIE, pairs.join("; ")) }
    }

    async fn follow(&mut self, first: Sent) -> Result<Answer, ScenarioError> {
        let mut sent = first;
        for _ in 0..REDIRECTS_MAX {
            let Some(location) = sent.location else { return Ok(sent.answer) };
            let path = location.strip_prefix(&self.base_url).unwrap_or(&location);
            let path = absolute(path, &sent.answer.path);
            let request = self.request(Method::GET, &path);
            sent = self.send(&path, true, request).await?;
        }
        Err(ScenarioError::Circle(sent.answer.path))
    }

    async fn send(
        &mut self,
        path: &str,
        is_get: bool,
        request: RequestBuilder,
    ) -> Result<Sent, ScenarioError> {
        let response = request.send().await?;
        self.keep_cookies(&response);
        let header = |name| {
            let value = response.headers().get(name);
            value.and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let location = header(LOCATION).filter(|_| response.status().is_redirection());
        let content_type = header(CONTENT_TYPE).unwrap_or_default();
        let status = response.status().as_u16();
        let bytes = response.bytes().await?;
        let is_page = content_type.starts_with("text/html");
        let html =
            if is_page { String::from_utf8_lossy(&bytes).into_owned() } else { String::new() };
        let answer = Answer { path: path.to_owned(), is_get, status, content_type, html };
        Ok(Sent { answer, location })
    }

    fn keep_cookies(&mut self, response: &reqwest::Response) {
        for line in response.headers().get_all(SET_COOKIE) {
            let Ok(line) = line.to_str() else { continue };
            let Some((name, value)) = pair_of(line).split_once('=') else { continue };
            if value.is_empty() || line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), line.to_owned());
            }
        }
    }
}

struct Sent {
    answer: Answer,
    location: Option<String>,
}

/// `name=value` of a `Set-Cookie` line.
fn pair_of(line: &str) -> &str {
    line.split(';').next().unwrap_or_default().trim()
}

fn text(field: &Field) -> Option<(&str, &str)> {
    match field {
        Field::Text(name, value) => Some((name, value)),
        Field::File(..) => None,
    }
}

fn multipart(fields: &[Field]) -> Vec<u8> {
    let mut body = Vec::new();
    for field in fields {
        body.extend_from_slice(format!("--{BOUNDARY}\r\n").as_bytes());
        match field {
            Field::Text(name, value) => {
                let head = format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n");
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(value.as_bytes());
            }
            Field::File(name, file_name, bytes) => {
                let head = format!(
                    "Content-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
                     Content-Type: application/octet-stream\r\n\r\n"
                );
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(&STANDARD.decode(bytes).unwrap_or_default());
            }
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}
