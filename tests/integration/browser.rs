//! A browser as far as the tests need one: cookies, forms with their hidden fields, no redirects
//! unless followed on purpose. An answer of 500 or a missing screen id fails the test at once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Method, RequestBuilder};
use scraper::{ElementRef, Html, Selector};

/// Far above what a page takes, far below what would hide a hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fields of a form, in order.
pub type Fields = Vec<(String, String)>;

/// A browser; its cookies are open to tests.
pub struct Browser {
    http: reqwest::Client,
    url: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    /// A browser without cookies.
    pub fn new(url: &str) -> Browser {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            // Not one that the server may be closing just now for its age.
            .pool_idle_timeout(Duration::from_secs(1))
            .no_proxy()
            .build()
            .unwrap();
        Browser { http, url: url.to_owned(), cookies: Mutex::default() }
    }

    /// Every cookie it has.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().clone()
    }

    /// Gives it these cookies and no others.
    pub fn set_cookies(&self, cookies: BTreeMap<String, String>) {
        *self.cookies.lock() = cookies;
    }

    /// Gets a page.
    pub async fn get(&self, path: &str) -> Page {
        self.send(path, self.request(Method::GET, path)).await
    }

    /// Posts a form.
    pub async fn post(&self, path: &str, fields: &Fields) -> Page {
        self.send(path, self.request(Method::POST, path).form(fields)).await
    }

    /// Posts bytes as they are.
    pub async fn post_bytes(&self, path: &str, content_type: &str, body: Vec<u8>) -> Page {
        let request = self.request(Method::POST, path).header("Content-Type", content_type);
        self.send(path, request.body(body)).await
    }

    /// Posts a form that is answered with a file: status, headers and bytes.
    pub async fn bytes_of(
        &self,
        path: &str,
        fields: &Fields,
    ) -> (u16, BTreeMap<String, String>, Vec<u8>) {
        let answer = self.request(Method::POST, path).form(fields).send().await.unwrap();
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value)));
        let (headers, status) = (headers.collect(), answer.status().as_u16());
        (status, headers, answer.bytes().await.unwrap().to_vec())
    }

    /// Gets a file: status, headers and bytes.
    pub async fn get_bytes(&self, path: &str) -> (u16, BTreeMap<String, String>, Vec<u8>) {
        let answer = self.request(Method::GET, path).send().await.unwrap();
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value)));
        let (headers, status) = (headers.collect(), answer.status().as_u16());
        (status, headers, answer.bytes().await.unwrap().to_vec())
    }

    /// Any method, without a body.
    pub async fn call(&self, method: Method, path: &str) -> Page {
        self.send(path, self.request(method, path)).await
    }

    /// Fills the page's form in and sends it.
    pub fn submit<'a>(
        &'a self,
        page: &Page,
        values: &[(&str, &str)],
    ) -> impl Future<Output = Page> + use<'a> {
        let form = page.form();
        let fields = form.filled(values);
        async move { self.post(&form.action, &fields).await }
    }

    /// Goes where the answer sends it, until a page shows.
    pub async fn follow(&self, page: Page) -> Page {
        let mut page = page;
        for _ in 0..5 {
            let Some(location) = page.location.clone() else { return page };
            page = self.get(&location).await;
        }
        panic!("redirected in a circle, last to {:?}", page.location)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies = self.cookies.lock();
        let pairs: Vec<String> =
            cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.request(method, format!("{}{path}", self.url));
        if pairs.is_empty() { request } else { request.header(COOKIE, pairs.join("; ")) }
    }

    async fn send(&self, path: &str, request: RequestBuilder) -> Page {
        let page = self.try_send(path, request).await.unwrap();
        assert!(page.status < 500, "{path} answered {}: {}", page.status, page.body);
        page
    }

    async fn try_send(&self, path: &str, request: RequestBuilder) -> reqwest::Result<Page> {
        let begun = Instant::now();
        let answer = request.send().await?;
        self.keep_cookies(&answer);
        let location = answer.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into())
            })
            .collect();
        // A file stands there byte by byte, each as a character of its own.
        let is_pdf = answer.headers().get(CONTENT_TYPE).is_some_and(|t| t == "application/pdf");
        let body = match is_pdf {
            true => answer.bytes().await?.iter().map(|byte| char::from(*byte)).collect(),
            false => answer.text().await?,
        };
        let took = begun.elapsed();
        Ok(Page { path: path.to_owned(), status, location, headers, body, took })
    }

    /// As [`Browser::get`], for a server that may die meanwhile.
    pub async fn try_get(&self, path: &str) -> Option<Page> {
        self.try_send(path, self.request(Method::GET, path)).await.ok()
    }

    /// As [`Browser::post`], for a server that may die meanwhile.
    pub async fn try_post(&self, path: &str, fields: &Fields) -> Option<Page> {
        self.try_send(path, self.request(Method::POST, path).form(fields)).await.ok()
    }

    /// As [`Browser::post_bytes`], for a server that may die meanwhile.
    pub async fn try_post_bytes(&self, path: &str, kind: &str, body: Vec<u8>) -> Option<Page> {
        let request = self.request(Method::POST, path).header("Content-Type", kind);
        self.try_send(path, request.body(body)).await.ok()
    }

    fn keep_cookies(&self, answer: &reqwest::Response) {
        let mut cookies = self.cookies.lock();
        for header in answer.headers().get_all(SET_COOKIE) {
            let text = header.to_str().unwrap();
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() || attributes.contains("Max-Age=0") {
                cookies.remove(name.trim());
            } else {
                cookies.insert(name.trim().to_owned(), value.to_owned());
            }
        }
    }
}

/// A form as a page shows it.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where it is posted to.
    pub action: String,
    /// Its hidden fields.
    pub hidden: Fields,
    /// The names of the fields people fill in.
    pub names: Vec<String>,
}

impl Form {
    /// The hidden fields and these values.
    pub fn filled(&self, values: &[(&str, &str)]) -> Fields {
        let typed = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        typed.chain(self.hidden.clone()).collect()
    }

    /// A hidden field.
    pub fn hidden(&self, name: &str) -> Option<&str> {
        self.hidden.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// What was asked for.
    pub path: String,
    /// HTTP status.
    pub status: u16,
    /// Where it sends the browser.
    pub location: Option<String>,
    /// All headers.
    pub headers: Vec<(String, String)>,
    /// The page.
    pub body: String,
    /// From request to the last byte.
    pub took: Duration,
}

impl Page {
    /// Fails unless the status is this one.
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Page {
        assert_eq!(self.status, status, "{} ({:?}): {}", self.path, self.location, self.text());
        self
    }

    /// Fails unless this screen shows.
    #[track_caller]
    pub fn expect_screen(self, screen: &str) -> Page {
        let shown = self.screen();
        assert_eq!(shown, screen, "{} {}: {}", self.status, self.path, self.text());
        self
    }

    /// Whether the answer leads to the result of a finished flow.
    pub fn is_done(&self) -> bool {
        self.status == 303 && self.location.as_ref().is_some_and(|to| to.ends_with("/result"))
    }

    /// Whether the answer says that somebody was faster, or that the flow is over.
    pub fn is_too_late(&self) -> bool {
        let is_lost = self.location.as_ref().is_some_and(|to| to.ends_with("?lost=1"));
        self.status == 409 && self.screen() == "BER409" || self.status == 303 && is_lost
    }

    /// The screen id, or where the answer sends the browser.
    pub fn screen(&self) -> String {
        let body = select(&self.document(), "body")
            .next()
            .and_then(|body| body.value().attr("data-screen").map(str::to_owned));
        body.unwrap_or_else(|| format!("-> {:?}", self.location))
    }

    /// The text people see.
    pub fn text(&self) -> String {
        let document = self.document();
        let texts = select(&document, "body").flat_map(|body| body.text());
        texts.map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// The error summary at the top.
    pub fn summary(&self) -> String {
        let document = self.document();
        let found = select(&document, ".summary").flat_map(|part| part.text());
        found.map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// The value beside a label in a list of facts.
    pub fn fact(&self, label: &str) -> Option<String> {
        let document = self.document();
        let mut rows = select(&document, "dl.rows > div");
        rows.find_map(|row| {
            let is_it = inner(row, "dt").is_some_and(|text| text == label);
            if is_it { inner(row, "dd") } else { None }
        })
    }

    /// The cells of the lines of the page's tables.
    pub fn table(&self) -> Vec<Vec<String>> {
        let document = self.document();
        let cells = Selector::parse("td").unwrap();
        let text = |cell: ElementRef<'_>| cell.text().collect::<String>().trim().to_owned();
        select(&document, "main tbody tr")
            .map(|row| row.select(&cells).map(text).collect())
            .collect()
    }

    /// Where the link with these words leads.
    pub fn link(&self, words: &str) -> Option<String> {
        let document = self.document();
        let mut links = select(&document, "main a");
        let found = links.find(|link| link.text().collect::<String>().trim() == words)?;
        found.value().attr("href").map(str::to_owned)
    }

    /// Where a link leads whose words begin so; what only screen readers say may follow.
    pub fn link_that_begins(&self, words: &str) -> Option<String> {
        let document = self.document();
        let mut links = select(&document, "main a");
        let found = links.find(|link| link.text().collect::<String>().trim().starts_with(words))?;
        found.value().attr("href").map(str::to_owned)
    }

    /// The page's main form.
    #[track_caller]
    pub fn form(&self) -> Form {
        let forms = self.forms();
        let found = forms.into_iter().next();
        found.unwrap_or_else(|| panic!("no form: {} {} {}", self.status, self.path, self.text()))
    }

    /// The form that is posted to an address with this end.
    #[track_caller]
    pub fn form_to(&self, end: &str) -> Form {
        let found = self.all_forms().into_iter().find(|form| form.action.ends_with(end));
        found.unwrap_or_else(|| panic!("no form to {end} on {}: {}", self.path, self.text()))
    }

    /// The form that does something once.
    #[track_caller]
    pub fn keyed_form(&self) -> Form {
        let found = self.all_forms().into_iter().find(|form| form.hidden("request_key").is_some());
        found.unwrap_or_else(|| panic!("no keyed form on {}: {}", self.path, self.text()))
    }

    /// The form that has a field of this name.
    #[track_caller]
    pub fn form_having(&self, name: &str) -> Form {
        let has = |form: &Form| form.names.iter().any(|known| known == name);
        let found = self.all_forms().into_iter().find(has);
        found.unwrap_or_else(|| panic!("no form with {name} on {}: {}", self.path, self.text()))
    }

    /// Whether there is a form to an address with this end.
    pub fn has_form_to(&self, end: &str) -> bool {
        self.all_forms().iter().any(|form| form.action.ends_with(end))
    }

    fn forms(&self) -> Vec<Form> {
        select(&self.document(), "main form").map(|form| read_form(form, &self.path)).collect()
    }

    fn all_forms(&self) -> Vec<Form> {
        select(&self.document(), "form").map(|form| read_form(form, &self.path)).collect()
    }

    fn document(&self) -> Html {
        Html::parse_document(&self.body)
    }
}

fn select<'a>(document: &'a Html, selector: &str) -> impl Iterator<Item = ElementRef<'a>> {
    let selector = Selector::parse(selector).unwrap();
    document.select(&selector).collect::<Vec<_>>().into_iter()
}

fn inner(element: ElementRef<'_>, selector: &str) -> Option<String> {
    let selector = Selector::parse(selector).unwrap();
    let found = element.select(&selector).next()?;
    Some(found.text().collect::<String>().trim().to_owned())
}

fn read_form(form: ElementRef<'_>, path: &str) -> Form {
    let inputs = Selector::parse("input").unwrap();
    let mut read = Form {
        action: form.value().attr("action").unwrap_or(path).to_owned(),
        hidden: Vec::new(),
        names: Vec::new(),
    };
    for input in form.select(&inputs) {
        let attribute = |name: &str| input.value().attr(name).unwrap_or_default().to_owned();
        let name = attribute("name");
        if attribute("type") == "hidden" {
            read.hidden.push((name, attribute("value")));
        } else if !read.names.contains(&name) {
            read.names.push(name);
        }
    }
    read
}
