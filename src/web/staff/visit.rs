//! A request to the staff console before anybody is identified.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_session::Session;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use askama::Template;

use crate::domain::portal::Profile;
use crate::operations::Ctx;
use crate::web::WebApp;
use crate::web::csrf::Visitor;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{NavItem, Shell};
use crate::web::routes::staff::StaffAccess;
use crate::web::screens::Screen;
use crate::web::shell::{of_staff, render, session_end};
use crate::web::staff::external::EXTERNAL;
use crate::web::staff::orders::{ORDERS, has_orders};
use crate::web::staff::principal::StaffWho;
use crate::web::visit::{Arrival, arrive, outside_scope, set_form_cookie};

/// What the slug gets for cookies and signatures of the console.
const AREA: &str = "-staff";

/// A request to the console. Staff work outside the hours of service, too.
#[derive(Clone)]
pub struct StaffVisit {
    /// The server's parts.
    pub app: Data<WebApp>,
    /// The portal.
    pub profile: Arc<Profile>,
    /// For operations; the actor is nobody until somebody is identified.
    pub ctx: Ctx,
    /// The pair against forged forms before login.
    pub visitor: Visitor,
    /// Who may come in.
    pub access: StaffAccess,
    /// actix-session's handle.
    pub session: Session,
}

impl FromRequest for StaffVisit {
    type Error = PageError;
    type Future = Ready<Result<StaffVisit, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(visit(req))
    }
}

fn visit(req: &HttpRequest) -> Result<StaffVisit, PageError> {
    let Arrival { app, profile, ctx, visitor, session, .. } = arrive(req, AREA)?;
    let access = *req.app_data::<StaffAccess>().ok_or_else(outside_scope)?;
    Ok(StaffVisit { app, profile, ctx, visitor, access, session })
}

impl StaffVisit {
    /// An address below the console, as `/shirakaba/staff/login` for `login`.
    pub fn url(&self, below: &str) -> String {
        ["/", self.profile.slug(), "/staff/", below].concat()
    }

    /// The shell of a page before login.
    pub fn shell(&self, screen: &Screen) -> Shell {
        of_staff(&self.app, &self.profile, screen)
    }

    /// The shell of a page of a member of staff.
    pub fn shell_of(&self, screen: &Screen, who: &StaffWho) -> Shell {
        let mut shell = self.shell(screen);
        shell.user_name = Some(who.member.name.clone());
        shell.user_suffix = who.member.role.label();
        shell.logout_csrf = Some(who.csrf_token());
        shell.nav = self.nav(screen);
        let begun_at = who.login.created_at;
        shell.session_end = Some(session_end(&self.profile, self.ctx.now, begun_at, self.url("")));
        shell
    }

    fn nav(&self, screen: &Screen) -> Vec<NavItem> {
        let item = |label: &str, path: &str, screens: &[&str]| NavItem {
            label: label.to_owned(),
            url: self.url(path),
            is_current: screens.contains(&screen.id),
        };
        let customers =
            ["STF010", "STF011", "STF012", "STF013", "STF020", "STF021", "STF022", "STF050"];
        let mut nav = vec![
            item("ホーム", "", &["STF002"]),
            item("お客さま", "customers", &customers),
            item("申請と受付", "requests", &[]),
            item("トークン", "stock", &["STF030"]),
            item("監査ログ", "audit", &["STF060"]),
            item("送信箱", "mails", &["STF070"]),
            item("ジョブ", "jobs", &["STF080"]),
        ];
        if self.profile.services.external_files {
            nav.push(item("外部ファイル", EXTERNAL, &["STF090"]));
        }
        if has_orders(&self.profile) {
            let place = nav.len().min(4);
            nav.insert(place, item("発行依頼", ORDERS, &["STF040"]));
        }
        nav
    }

    /// Sends a page of the console.
    ///
    /// # Errors
    /// 500 if the template cannot be rendered.
    pub fn page(&self, status: StatusCode, page: &impl Template) -> PageResult {
        let mut response = render(status, page)?;
        let area = [self.profile.slug(), AREA].concat();
        set_form_cookie(&mut response, &self.visitor, &area, self.app.options.is_https);
        Ok(response)
    }

    /// Sends a page with status 200, or 422 where its form is invalid.
    ///
    /// # Errors
    /// As [`StaffVisit::page`].
    pub fn form_page(&self, is_invalid: bool, page: &impl Template) -> PageResult {
        let status = if is_invalid { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        self.page(status, page)
    }
}
