//! A customer in a browser: transfers to random others, one after the other, whatever happens to
//! the servers. Whoever gets no answer sends the same form again.

use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::future::join;
use madoguchi::primitives::clock::jst_day;

use crate::browser::{Browser, Fields, Page};
use crate::codes;
use crate::customers::{BANK, PASSWORD, PORTAL, Town, login_id, serial, time_of};
use crate::plan::Dice;
use crate::turmoil::Shared;

const AMOUNT_MAX: u64 = 4_000;
/// Payees typed in (BTR002) by one client, who then pays those it has registered.
const TYPED_MAX: u32 = 8;
/// Far above what a restart takes.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(40);
/// Codes tried for one transfer: the first may be lost with a server.
const CODES_MAX: usize = 8;

/// How a transfer ended for the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The result page showed this receipt number.
    Done(String),
    /// It was refused, or never confirmed.
    Not,
}

/// A transfer that a customer began.
#[derive(Debug, Clone)]
pub struct Order {
    /// Who.
    pub client: usize,
    /// To which of the accounts.
    pub to: usize,
    /// How much.
    pub yen: i64,
    /// How it ended.
    pub end: End,
}

/// A customer.
pub struct Client {
    number: usize,
    town: Rc<Town>,
    shared: Rc<Shared>,
    /// One for each server, with the same cookies.
    browsers: Vec<Browser>,
    /// The one in use.
    at: usize,
    dice: Dice,
    last_step: i64,
    typed: u32,
    orders: Vec<Order>,
}

impl Client {
    /// Before the login.
    pub fn new(
        number: usize,
        urls: &[String],
        town: &Rc<Town>,
        shared: &Rc<Shared>,
        seed: u64,
    ) -> Client {
        Client {
            number,
            town: Rc::clone(town),
            shared: Rc::clone(shared),
            browsers: urls.iter().map(|url| Browser::new(url)).collect(),
            at: number,
            dice: Dice::new(seed, u64::try_from(number).unwrap()),
            last_step: 0,
            typed: 0,
            orders: Vec::new(),
        }
    }

    /// What it has begun.
    pub fn into_orders(self) -> Vec<Order> {
        self.orders
    }

    /// Logs in and shows the session to the other servers, which share it.
    pub async fn log_in(&mut self) {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let page = self.get(&at("login")).await;
            let id = login_id(self.number);
            let form = page.form().filled(&[("login_id", &id), ("password", PASSWORD)]);
            match self.try_post(&page.form().action, &form).await {
                Some(answer) if answer.status == 303 => {
                    let cookies = self.browser().cookies();
                    for browser in &self.browsers {
                        browser.set_cookies(cookies.clone());
                    }
                    return;
                }
                Some(answer) => panic!("{} {}", answer.status, answer.text()),
                None => {}
            }
        }
        panic!("no login in {PATIENCE:?}");
    }

    /// Transfers until it is over; whatever was begun is brought to an end.
    pub async fn work(&mut self) {
        while !self.shared.is_over.get() {
            let to = self.choose();
            let yen = i64::try_from(1 + self.dice.roll(AMOUNT_MAX)).unwrap();
            let end = match self.begin(to).await {
                Some(flow) => self.pay(&flow, yen).await,
                None => End::Not,
            };
            self.orders.push(Order { client: self.number, to, yen, end });
        }
        self.shared.at_work.set(self.shared.at_work.get() - 1);
    }

    /// One of the others.
    fn choose(&mut self) -> usize {
        let from = Town::account_of(self.number);
        let all = u64::try_from(self.town.accounts.len()).unwrap();
        loop {
            let to = usize::try_from(self.dice.roll(all)).unwrap();
            let is_registered = self.town.accounts[from].payees[to].is_some();
            if to != from && (is_registered || self.typed < TYPED_MAX) {
                return to;
            }
        }
    }

    /// BTR001, or BTR002 for whom the contract has not registered: the address of BTR003.
    async fn begin(&mut self, to: usize) -> Option<String> {
        let from = self.town.accounts[Town::account_of(self.number)].clone();
        let from_text = from.id.to_string();
        let answer = match from.payees[to] {
            Some(payee) => {
                let page = self.get(&at("transfers")).await;
                let to = format!("payee-{payee}");
                self.send(&page, "to", &[("from", &from_text), ("to", &to)]).await?
            }
            None => {
                self.typed += 1;
                let payee = self.town.accounts[to].clone();
                let query = format!("transfers/payee?bank={BANK}&branch={}", payee.branch);
                let page = self.get(&at(&query)).await;
                let number = ("number", payee.number.as_str());
                let kind = ("account_type", "ordinary");
                let values = [("from", from_text.as_str()), kind, number, ("holder", "")];
                self.send(&page, "number", &values).await?
            }
        };
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.location
    }

    /// BTR003 to BTR005.
    async fn pay(&mut self, flow: &str, yen: i64) -> End {
        let page = self.get(flow).await.expect_screen("BTR003");
        let (amount, on) = (yen.to_string(), jst_day(time_of(self.shared.step.get())).to_string());
        match self.send(&page, "amount", &[("amount", &amount), ("on", &on)]).await {
            None => End::Not,
            Some(answer) if answer.status == 422 => {
                assert!(answer.summary().contains("残高"), "{}", answer.summary());
                self.shared.meet("told of too little money before the code");
                End::Not
            }
            Some(answer) => {
                assert_eq!(answer.location, Some(format!("{flow}/confirm")), "{}", answer.text());
                self.confirm(flow, yen).await
            }
        }
    }

    /// BTR004 until it is known how it ended, and BTR005.
    async fn confirm(&mut self, flow: &str, yen: i64) -> End {
        let result = format!("{flow}/result");
        for _ in 0..CODES_MAX {
            let page = self.get(&format!("{flow}/confirm")).await;
            if page.location.as_ref() == Some(&result) {
                self.shared.meet("done, as the next look showed");
                return self.receipt(&result, yen).await;
            }
            let page = page.expect_screen("BTR004");
            if !page.has_form_to("/confirm") || page.form_to("/confirm").names.is_empty() {
                self.shared.meet("told of too little money at last");
                return End::Not;
            }
            let form = page.form_to("/confirm");
            let code = self.next_code().await;
            let mut values = vec![("otp", code.as_str())];
            if form.names.iter().any(|name| name == "repeat") {
                values.push(("repeat", "yes"));
            }
            let fields = form.filled(&values);
            let answer = self.send_final(&form.action, &fields, &result).await;
            if answer.location.as_ref() == Some(&result) {
                if self.dice.roll(4) == 0 {
                    self.send_once_more(&form.action, &fields, &result).await;
                }
                return self.receipt(&result, yen).await;
            }
            // 200: the page says what has become impossible meanwhile.
            let is_refused = [200, 409, 422].contains(&answer.status);
            assert!(is_refused, "{}: {}", answer.status, answer.text());
            self.shared.meet(format!("status {} to a final form", answer.status));
        }
        panic!("{flow}: {CODES_MAX} codes and no end");
    }

    /// Sends a final form, one time in four by a double click, and the very same again as long as
    /// no answer comes.
    async fn send_final(&mut self, action: &str, fields: &Fields, result: &str) -> Page {
        let (begun, mut may_be_done) = (Instant::now(), false);
        let is_done = |page: &Page| page.location.as_deref() == Some(result);
        while begun.elapsed() < PATIENCE {
            let is_double = self.dice.roll(4) == 0;
            let one = self.browser().try_post(action, fields);
            let answers = if is_double {
                let other = &self.browsers[(self.at + 1) % self.browsers.len()];
                let (one, two) = join(one, other.try_post(action, fields)).await;
                vec![one, two]
            } else {
                vec![one.await]
            };
            let is_refused = answers.iter().flatten().any(|page| page.status == 503);
            may_be_done |= answers.len() > 1 || !is_refused;
            let known: Vec<Page> = answers.into_iter().filter_map(|page| self.look(page)).collect();
            if let Some(done) = known.iter().find(|page| is_done(page)) {
                for page in &known {
                    // 409: the twin waited for it, but not long enough.
                    let is_same = is_done(page) || page.status == 409;
                    assert!(is_same, "one form, two results: {} {}", page.status, page.text());
                }
                return done.clone();
            }
            if let Some(page) = known.into_iter().next() {
                return page;
            }
            self.shared.meet("a final form without an answer");
            self.go_elsewhere().await;
            if !may_be_done {
                let page = self.get(action).await;
                assert!(!is_done(&page), "told that it was not accepted, and it is done");
            }
        }
        panic!("{action}: no answer in {PATIENCE:?}");
    }

    /// Back, and send: the same result.
    async fn send_once_more(&mut self, action: &str, fields: &Fields, result: &str) {
        if let Some(answer) = self.try_post(action, fields).await {
            let where_to = answer.location.as_deref();
            assert_eq!(where_to, Some(result), "{} {}", answer.status, answer.text());
            self.shared.meet("the same form after its result");
        }
    }

    /// BTR005.
    async fn receipt(&mut self, result: &str, yen: i64) -> End {
        let page = self.get(result).await.expect_screen("BTR005");
        let shown = page.fact("金額").unwrap_or_default();
        let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(digits, yen.to_string(), "{}", page.text());
        End::Done(page.fact("受付番号").unwrap())
    }

    /// The code of a step that this token has not used.
    async fn next_code(&mut self) -> String {
        self.shared.waiting.set(self.shared.waiting.get() + 1);
        while self.shared.step.get() <= self.last_step {
            tokio::time::sleep(PAUSE / 4).await;
        }
        self.shared.waiting.set(self.shared.waiting.get() - 1);
        self.last_step = self.shared.step.get();
        codes::code(&serial(self.number), self.last_step, 6)
    }

    /// Fills in the form with this field. None: no answer, and nothing final has happened.
    async fn send(&mut self, page: &Page, field: &str, values: &[(&str, &str)]) -> Option<Page> {
        let form = page.form_having(field);
        let answer = self.try_post(&form.action, &form.filled(values)).await?;
        if is_login(&answer) {
            self.enter_again().await;
            return None;
        }
        Some(answer)
    }

    /// A page, as soon as a server has one.
    async fn get(&mut self, path: &str) -> Page {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let answer = self.browser().try_get(path).await;
            match self.look(answer) {
                Some(page) if is_login(&page) => self.enter_again().await,
                Some(page) => return page,
                None => self.go_elsewhere().await,
            }
        }
        panic!("{path}: no answer in {PATIENCE:?}");
    }

    async fn enter_again(&mut self) {
        self.shared.meet("logged in again");
        Box::pin(self.log_in()).await;
    }

    async fn try_post(&mut self, path: &str, fields: &Fields) -> Option<Page> {
        let answer = self.browser().try_post(path, fields).await;
        let answer = self.look(answer);
        if answer.is_none() {
            self.go_elsewhere().await;
        }
        answer
    }

    /// Counts what is no answer.
    fn look(&self, answer: Option<Page>) -> Option<Page> {
        match answer {
            // 408: a machine with too much to do let the connection wait before anything was read.
            Some(page) if page.status < 500 && page.status != 408 => Some(page),
            Some(page) => {
                self.shared.meet(format!("status {}", page.status));
                None
            }
            None => {
                self.shared.meet("a broken connection");
                None
            }
        }
    }

    async fn go_elsewhere(&mut self) {
        self.at += 1;
        tokio::time::sleep(PAUSE).await;
    }

    fn browser(&self) -> &Browser {
        &self.browsers[self.at % self.browsers.len()]
    }
}

fn at(path: &str) -> String {
    format!("/{PORTAL}/{path}")
}

fn is_login(page: &Page) -> bool {
    let is_asked = |to: &String| to.contains("/login") || to.contains("/session-ended");
    // The login itself is answered with a page, or leads to the top.
    page.status == 303 && page.location.as_ref().is_some_and(is_asked)
}
