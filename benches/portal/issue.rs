//! From the issue of a software token to its start: every step that customer and app send, beside
//! bare Argon2id, which three of the steps have to compute.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use madoguchi::domain::otp::{CodeGenerator, OtpParameters};
use madoguchi::domain::token::Token;
use madoguchi::primitives::ids::{TokenId, UserId};
use madoguchi::schema::{mails, token_issues, tokens, users};
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToSec1Point;

use crate::Effort;
use crate::load::{Request, count, fetch, post_json};
use crate::logins::bare_rate;
use crate::report::{CORES, Disk, heading, ratio_alone, steady_rounds};
use crate::seed::{self, Session};
use crate::site::{ISSUING_PORTAL, Running, Site, now};

/// Customers at a time.
const CLIENTS: usize = 8;
/// Each has one issue; no machine of this kind gets through all of them.
const APPLICANTS: usize = 6_000;
/// Requests of one customer and app.
const STEPS: usize = 8;
/// Hashes of one customer: the activation password is made and checked, the confirming password
/// checked.
const HASHES: f64 = 3.0;
const ACTIVATION: &str = "730185";

/// Runs the bench.
pub fn run(effort: Effort) -> Result<()> {
    let site = Site::new()?;
    seed::applicants(&site, APPLICANTS)?;
    let server = site.serve()?;
    println!("{CLIENTS} customers at a time, {} hashing threads, {STEPS} steps each", *CORES);
    heading();
    let next = AtomicUsize::new(0);
    let ratios = steady_rounds(effort.rounds, || {
        let bare = bare_rate(effort.seconds)?;
        println!("{:<26} {bare:>9.1}", "bare Argon2id");
        let mut disk = Disk::watch(site.folder())?;
        let done = flows(&site, &server, &next, effort.seconds)?;
        disk.look()?;
        println!("{:<26} {:>9.1}", "issues to start", done);
        println!("{:<26} {:>9.1}", "  steps of these", done * count(STEPS));
        Ok(disk.is_steady().then_some(done * HASHES / bare))
    })?;
    ratio_alone("hashes a second within issues, of bare Argon2id's", &ratios);
    Ok(())
}

/// Issues from beginning to start a second.
fn flows(site: &Site, server: &Running, next: &AtomicUsize, seconds: u64) -> Result<f64> {
    let (done, began) = (AtomicUsize::new(0), Instant::now());
    let end = began + Duration::from_secs(seconds);
    let work = || -> Result<()> {
        while Instant::now() < end {
            let n = next.fetch_add(1, Ordering::Relaxed);
            ensure!(n < APPLICANTS, "{APPLICANTS} applicants were too few");
            Applicant { site, address: server.address, n }.goes_through()?;
            done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(work)).collect();
        clients
            .into_iter()
            .try_for_each(|client| client.join().map_err(|_| anyhow!("a client broke down"))?)
    })?;
    Ok(count(done.load(Ordering::Relaxed)) / began.elapsed().as_secs_f64())
}

struct Applicant<'a> {
    site: &'a Site,
    address: SocketAddr,
    n: usize,
}

impl Applicant<'_> {
    /// BOT001, BOT002, TOK001 and BOT011, each with the page before it.
    fn goes_through(&self) -> Result<()> {
        let issue = self.post("/token/menu/issue", "")?;
        let mail = "taro.keitai@example.jp";
        let confirm = self.post(
            &issue,
            &format!(
                "mail_address={mail}&mail_address_again={mail}&activation={ACTIVATION}\
                 &activation_again={ACTIVATION}"
            ),
        )?;
        let key = request_key(&self.get(&confirm)?)?;
        let code = self.mailed_code()?;
        let password = seed::PASSWORD;
        self.post(&confirm, &format!("request_key={key}&mail_code={code}&confirm={password}"))?;
        let (user_number, serial, code) = self.issued()?;
        let own_key = SecretKey::from_slice(&[7; 32]).context("a key")?.public_key();
        let body = serde_json::json!({
            "service_id": self.service_id()?,
            "user_id": user_number,
            "activation_password": ACTIVATION,
            "consent": true,
            "public_key": URL_SAFE_NO_PAD.encode(own_key.to_sec1_point(false).as_bytes()),
        });
        let answer = post_json(self.address, "/token/api/set-up", &body.to_string())?;
        ensure!(answer.contains(&serial), "the app was not set up: {answer}");
        let start = self.post("/token/menu/start", "")?;
        let key = request_key(&self.get(&start)?)?;
        let result = self.post(&start, &format!("request_key={key}&otp={code}"))?;
        ensure!(result.ends_with("/result"), "the token was not started: {result}");
        Ok(())
    }

    fn request(&self, path: &str, body: Option<String>) -> Result<Request> {
        let path = match path.starts_with("/token") {
            true => format!("/{ISSUING_PORTAL}{path}"),
            false => path.to_owned(),
        };
        Ok(Request { path, cookies: Session::Issue.cookies(self.site, self.n)?, body })
    }

    fn get(&self, path: &str) -> Result<String> {
        let answer = fetch(self.address, &self.request(path, None)?)?;
        ensure!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        Ok(answer)
    }

    /// Sends a form; where it leads.
    fn post(&self, path: &str, fields: &str) -> Result<String> {
        let token = Session::Issue.csrf_token(self.n);
        let body = format!("csrf_token={token}&{fields}");
        let body = body.trim_end_matches('&').to_owned();
        let answer = fetch(self.address, &self.request(path, Some(body))?)?;
        let to = answer.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
        });
        to.filter(|_| answer.starts_with("HTTP/1.1 303"))
            .with_context(|| format!("{path}: {answer}"))
    }

    fn service_id(&self) -> Result<String> {
        let profile = self.site.services.profiles.get(ISSUING_PORTAL).context("no profile")?;
        Ok(profile.tokens.issue.as_ref().context("no issue")?.service_id.clone())
    }

    fn mailed_code(&self) -> Result<String> {
        let mut conn = self.connection()?;
        let body: String = mails::table
            .filter(mails::to_address.eq(seed::address(self.n)))
            .order(mails::id.desc())
            .select(mails::body)
            .first(&mut conn)?;
        let line = body.lines().find(|line| line.starts_with("メール通知パスワード: "));
        let code = line.and_then(|line| line.rsplit(' ').next()).context("no code in the mail")?;
        Ok(code.to_owned())
    }

    /// ユーザID and serial of the issue, and the code that the app will show.
    fn issued(&self) -> Result<(String, String, String)> {
        let mut conn = self.connection()?;
        let user: UserId = users::table
            .filter(users::mail_address.eq(seed::address(self.n)))
            .select(users::id)
            .first(&mut conn)?;
        let (user_number, token_id): (String, TokenId) = token_issues::table
            .filter(token_issues::user_id.eq(user))
            .select((token_issues::user_number, token_issues::token_id))
            .first(&mut conn)?;
        let token = tokens::table.find(token_id).select(Token::as_select()).first(&mut conn)?;
        let sealing = Token::sealing_context(&token.portal, &token.serial);
        let keys = &self.site.services.keys;
        let secret = keys.open(&sealing, &token.sealing_key_id, &token.secret_sealed)?;
        let parameters = OtpParameters::of(&token);
        let generator = CodeGenerator::new(&secret, parameters);
        let code = generator.code(parameters.step_at(now()?)).context("no code")?;
        Ok((user_number, token.serial, code))
    }

    fn connection(&self) -> Result<SqliteConnection> {
        let mut conn = SqliteConnection::establish(&self.site.file().display().to_string())?;
        diesel::sql_query("PRAGMA busy_timeout = 5000").execute(&mut conn)?;
        Ok(conn)
    }
}

fn request_key(page: &str) -> Result<String> {
    let (_, after) = page.split_once("name=\"request_key\" value=\"").context("no form")?;
    Ok(after.chars().take_while(|c| *c != '"').collect())
}
