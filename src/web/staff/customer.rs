//! STF012 お客さま: how a customer stands, and the acts on them.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::db::queries::customers::{self, Customer};
use crate::db::queries::staff_requests::{self, Filter};
use crate::db::queries::{accounts, certificates, contracts, limits, picture_cards};
use crate::db::{DbConn, DbError};
use crate::domain::certificate::Certificate;
use crate::domain::limit::LimitService;
use crate::domain::staff_request::StaffAct;
use crate::domain::token::UserTokenStatus;
use crate::operations::Ctx;
use crate::operations::certificate::is_offered;
use crate::operations::staff::standing;
use crate::primitives::clock::jst_minute_text;
use crate::primitives::ids::UserId;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Link, Row, Shell};
use crate::web::screens;
use crate::web::staff::principal;
use crate::web::staff::requests::{RequestRow, request_row};
use crate::web::staff::visit::StaffVisit;
use crate::web::staff::words::{marks, role_label};

/// Requests shown on the page.
const REQUESTS: i64 = 10;

/// A group of acts.
pub struct ActGroup {
    /// What it is about.
    pub label: &'static str,
    /// How it stands.
    pub rows: Vec<Row>,
    /// What can be done; none for whoever only reads.
    pub acts: Vec<Link>,
    /// What cannot be done as the customer stands. It stays within reach: the page behind it says
    /// why, and what to do instead.
    pub idle: Vec<Link>,
}

/// STF012.
#[derive(askama::Template)]
#[template(path = "staff/customer.html")]
pub struct CustomerPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Who it is.
    pub rows: Vec<Row>,
    /// What keeps the customer out.
    pub marks: Vec<&'static str>,
    /// Token, locks, limits.
    pub groups: Vec<ActGroup>,
    /// Accounts.
    pub accounts: Vec<Row>,
    /// What staff did or asked for last.
    pub requests: Vec<RequestRow>,
    /// STF013.
    pub contract_url: String,
    /// Back to the search.
    pub back_url: String,
}

/// Shows a customer.
///
/// # Errors
/// 303 to the login; 404 for nobody of this portal.
pub async fn show(visit: StaffVisit, path: Path<i64>) -> PageResult {
    let (slug, id) = (visit.profile.slug().to_owned(), UserId(path.into_inner()));
    let ctx = visit.ctx.clone();
    let (who, found) = principal::enter(&visit, move |conn, _| {
        let Some(customer) = customers::find(conn, &slug, id)? else { return Ok(None) };
        let contract_id = customer.user.contract_id;
        let filter = Filter { state: None, user_id: Some(id), before: None };
        Ok(Some((
            accounts::list_by_contract(conn, contract_id)?,
            limits::find(conn, contract_id)?,
            picture_cards::find_by_user(conn, id)?,
            staff_requests::list(conn, &slug, filter, REQUESTS)?,
            certificates::find_newest(conn, id)?,
            contracts::is_certificate_required(conn, contract_id)?,
            blocked(conn, &ctx, &customer)?,
            customer,
        )))
    })
    .await?;
    let (accounts, limits, card, requests, certificate, is_required, idle, customer) =
        found.ok_or(PageError::NotFound)?;
    let applied =
        |service| limits.applied(service).map_or_else(|| "なし".to_owned(), |yen| yen.to_string());
    let offered = LimitService::offered(&visit.profile.limits);
    let limit_rows =
        offered.into_iter().map(|service| Row::new(service.label(), applied(service))).collect();
    let acts = Acts { visit: &visit, id, may: who.member.role.may_make(), idle };
    let certificates = is_offered(&visit.profile)
        .then(|| acts.certificate_group(certificate.as_ref(), is_required));
    let page = CustomerPage {
        shell: visit.shell_of(&screens::STF012, &who),
        rows: identity(&customer),
        marks: marks(&visit, &customer, visit.ctx.now),
        groups: vec![
            acts.token_group(&customer),
            acts.lock_group(&customer, card.map(|card| card.locked_at.is_some())),
            acts.group(
                "お申込みによる限度額（1日）",
                limit_rows,
                &[("limits", "限度額を登録する")],
            ),
        ]
        .into_iter()
        .chain(certificates)
        .collect(),
        accounts: accounts
            .into_iter()
            .map(|account| {
                let kind = account.account_type.label();
                let place = format!("{} {kind} {}", account.branch(), account.number);
                Row::new(place, account.balance.to_string())
            })
            .collect(),
        requests: requests.iter().map(|listed| request_row(&visit, listed)).collect(),
        contract_url: visit.url(&format!("contracts/{}", customer.user.contract_id)),
        back_url: visit.url("customers"),
    };
    visit.page(StatusCode::OK, &page)
}

fn identity(customer: &Customer) -> Vec<Row> {
    let user = &customer.user;
    let last = user.last_login_at.map_or_else(|| "なし".to_owned(), jst_minute_text);
    vec![
        Row::new("お名前", user.name.clone()),
        Row::new("ログインID", user.login_id.clone()),
        Row::new("区分", role_label(user.role)),
        Row::new("契約", format!("{} {}", customer.contract_number, customer.contract_name)),
        Row::new(
            "メールアドレス",
            user.mail_address.clone().unwrap_or_else(|| "未登録".to_owned()),
        ),
        Row::new("電話番号", user.telephone.clone().unwrap_or_else(|| "未登録".to_owned())),
        Row::new("前回のログイン", last),
    ]
}

/// The acts that lift something, by their place in the address, of which there is nothing to lift.
fn blocked(
    conn: &mut DbConn,
    ctx: &Ctx,
    customer: &Customer,
) -> Result<Vec<&'static str>, DbError> {
    let mut idle = Vec::new();
    for (path, act) in [
        ("release", StaffAct::Release),
        ("unlock", StaffAct::Unlock),
        ("hold", StaffAct::LiftHold),
        ("stop", StaffAct::LiftStop),
    ] {
        if standing::blocked(conn, ctx, act, &customer.user)?.is_some() {
            idle.push(path);
        }
    }
    Ok(idle)
}

struct Acts<'a> {
    visit: &'a StaffVisit,
    id: UserId,
    may: bool,
    idle: Vec<&'static str>,
}

impl Acts<'_> {
    fn group(&self, label: &'static str, rows: Vec<Row>, acts: &[(&str, &str)]) -> ActGroup {
        let link = |(path, words): &(&str, &str)| Link {
            label: (*words).to_owned(),
            url: self.visit.url(&format!("customers/{}/{path}", self.id)),
        };
        let acts = acts.iter().filter(|(path, _)| self.may || *path == "token");
        let (idle, acts): (Vec<_>, Vec<_>) = acts.partition(|(path, _)| self.idle.contains(path));
        let links = |acts: Vec<&(&str, &str)>| acts.into_iter().map(link).collect();
        ActGroup { label, rows, acts: links(acts), idle: links(idle) }
    }

    fn token_group(&self, customer: &Customer) -> ActGroup {
        let user = &customer.user;
        let expires_at = customer.token.as_ref().and_then(|token| token.expires_at);
        let status = UserTokenStatus::at(user.token_status, expires_at, self.visit.ctx.now);
        let serial =
            customer.token.as_ref().map_or_else(|| "なし".to_owned(), |t| t.serial.clone());
        let rows = vec![
            Row::new("利用状態", status.label()),
            Row::new("シリアル番号", serial),
            Row::new("有効期限", expires_at.map_or_else(|| "なし".to_owned(), jst_minute_text)),
        ];
        let acts = [("token", "トークンの手続きと履歴"), ("release", "利用停止を解除する")];
        self.group("ワンタイムパスワード", rows, &acts)
    }

    fn certificate_group(&self, newest: Option<&Certificate>, is_required: bool) -> ActGroup {
        let (policy, now) = (self.visit.profile.certificates, self.visit.ctx.now);
        let none = || "なし".to_owned();
        let rows = vec![
            Row::new("ご契約のログイン", if is_required { "証明書が必要" } else { "証明書は不要" }),
            Row::new("状態", newest.map_or("なし", |one| one.state_at(policy, now).label())),
            Row::new("有効期限", newest.map_or_else(none, |one| jst_minute_text(one.expires_at))),
        ];
        let acts = [
            ("certificate", "必要・不要を変更する"),
            ("certificate/revoke", "電子証明書を失効する"),
        ];
        self.group("利用者電子証明書", rows, &acts)
    }

    /// `is_card_locked`: none where the customer has no picture card.
    fn lock_group(&self, customer: &Customer, is_card_locked: Option<bool>) -> ActGroup {
        let user = &customer.user;
        let state = |is_locked| if is_locked { "停止中" } else { "利用できます" };
        let now = self.visit.ctx.now;
        let hold = user.hold_until.filter(|until| *until > now);
        let mut rows = vec![
            Row::new("ログイン", state(user.login_locked_at.is_some())),
            Row::new("確認用パスワード", state(user.confirm_locked_at.is_some())),
        ];
        rows.extend(is_card_locked.map(|is_locked| Row::new("画像認証カード", state(is_locked))));
        rows.extend([
            Row::new("振込制限", hold.map_or_else(|| "なし".to_owned(), jst_minute_text)),
            Row::new("緊急停止", if user.stopped_at.is_some() { "停止中" } else { "なし" }),
        ]);
        let acts = [
            ("unlock", "停止を解除する"),
            ("password", "初期パスワードを再発行する"),
            ("hold", "振込制限を解除する"),
            ("stop", "緊急停止を解除する"),
        ];
        self.group("パスワードと停止", rows, &acts)
    }
}
