//! The shell around a page, from the visit and whoever is behind it, and the way out to the
//! browser.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use askama::Template;
use chrono::TimeDelta;

use crate::domain::login::LoginStage;
use crate::domain::permission::{may_administer, only_administers};
use crate::domain::portal::{Profile, Segment};
use crate::operations::limit::may_change as may_change_limits;
use crate::primitives::clock::{UtcTime, jst_iso, to_jst};
use crate::web::WebApp;
use crate::web::account::{self, ACCOUNTS};
use crate::web::administration::ADMIN;
use crate::web::administrator::MENU as ADMINISTRATOR_MENU;
use crate::web::assets::assets;
use crate::web::bulk_desk;
use crate::web::failure::{PageError, PageResult};
use crate::web::limit::{self, LIMITS};
use crate::web::page::{Contact, NavItem, SessionEnd, Shell};
use crate::web::pay_easy;
use crate::web::payee;
use crate::web::principal::{CERTIFICATE, INFO, MENU, PAY_EASY, PAYEES, Who, is_menu};
use crate::web::routes::Place;
use crate::web::screens::Screen;
use crate::web::transfer::TRANSFERS;
use crate::web::visit::{Visit, below_portal};

/// What every page says while demo data is loaded.
const DEMO_NOTICE: &str =
    "デモ環境です。金融機関名・お客さま名はすべて架空で、実際のお取引はできません。";

/// The shell of a page of `profile`.
pub fn of_portal(app: &WebApp, profile: &Profile, screen: &Screen) -> Shell {
    let contact = &profile.contact;
    Shell {
        portal_name: profile.display_name(),
        institution: profile.portal.institution.clone(),
        segment_label: segment_label(profile.portal.segment),
        theme: profile.portal.theme.name(),
        slug: profile.slug().to_owned(),
        mark: ["img/mark-", profile.slug(), ".svg"].concat(),
        screen_id: screen.id,
        title: screen.title.into(),
        nav: Vec::new(),
        is_staff: false,
        user_name: None,
        user_suffix: "様",
        logout_csrf: None,
        session_end: None,
        contact: Some(Contact {
            department: contact.department.clone(),
            telephone: contact.telephone.clone(),
            hours: contact.hours.clone(),
        }),
        lost: contact.lost_telephone.is_some().then(|| contact_for_losses(profile)),
        help_url: screen.help.map(|help| below_portal(profile, help)),
        demo_notice: app.demo.as_ref().map(|_| DEMO_NOTICE),
        asset: assets(),
    }
}

/// Whom to call about a lost token or a theft.
pub fn contact_for_losses(profile: &Profile) -> Contact {
    let contact = &profile.contact;
    Contact {
        department: "紛失・盗難の受付".to_owned(),
        telephone: contact.telephone_for_losses().to_owned(),
        hours: contact.lost_hours.as_ref().unwrap_or(&contact.hours).clone(),
    }
}

/// The shell of a page of the portal's staff console.
pub fn of_staff(app: &WebApp, profile: &Profile, screen: &Screen) -> Shell {
    Shell {
        portal_name: [profile.portal.institution.as_str(), " 職員コンソール"].concat(),
        segment_label: "職員専用",
        theme: "staff",
        is_staff: true,
        user_suffix: "",
        contact: None,
        lost: None,
        help_url: None,
        ..of_portal(app, profile, screen)
    }
}

fn segment_label(segment: Segment) -> &'static str {
    match segment {
        Segment::Retail => "個人のお客さま",
        Segment::Corporate => "法人のお客さま",
    }
}

/// The shell of a page outside the portals: `/`, unknown addresses, the QA console.
pub fn outside(app: &WebApp, screen_id: &'static str, title: &'static str) -> Shell {
    Shell {
        portal_name: "窓口 madoguchi".to_owned(),
        institution: "窓口".to_owned(),
        segment_label: "",
        theme: "neutral",
        slug: String::new(),
        mark: "img/mark-madoguchi.svg".to_owned(),
        screen_id,
        title: title.into(),
        nav: Vec::new(),
        is_staff: false,
        user_name: None,
        user_suffix: "様",
        logout_csrf: None,
        session_end: None,
        contact: None,
        lost: None,
        help_url: None,
        demo_notice: app.demo.as_ref().map(|_| DEMO_NOTICE),
        asset: assets(),
    }
}

impl Visit {
    /// The shell of a page before login.
    pub fn shell(&self, screen: &Screen) -> Shell {
        of_portal(&self.app, &self.profile, screen)
    }

    /// The shell of a page of somebody logged in.
    pub fn shell_of(&self, screen: &Screen, who: &Who) -> Shell {
        let mut shell = self.shell(screen);
        if who.login.stage != LoginStage::Complete {
            return shell;
        }
        shell.user_name = Some(who.user.name.clone());
        shell.logout_csrf = Some(who.csrf_token());
        shell.nav = self.nav(screen, who);
        shell.session_end =
            Some(session_end(&self.profile, self.ctx.now, who.login.created_at, self.url("")));
        shell
    }

    fn nav(&self, screen: &Screen, who: &Who) -> Vec<NavItem> {
        let item = |label: String, path: &str, is_current| NavItem {
            label,
            url: self.url(path),
            is_current,
        };
        let mut items = vec![item("トップページ".to_owned(), "", screen.id == "BTP001")];
        if is_menu(self) {
            let label = format!("{}申請", self.profile.words.otp);
            items.push(item(label, MENU, screen.path.starts_with(MENU)));
        }
        if account::is_offered(self, &who.user) {
            let is_current = screen.path.starts_with(ACCOUNTS);
            items.push(item("残高・入出金明細".to_owned(), ACCOUNTS, is_current));
        }
        if self.profile.services.transfers && !only_administers(&self.profile, who.user.role) {
            let is_payee = payee::is_offered(self) && screen.path.starts_with(PAYEES);
            let is_current = screen.id.starts_with("BTR") && !is_payee;
            items.push(item("振込・振替".to_owned(), TRANSFERS, is_current));
        }
        if pay_easy::is_offered(self, &who.user) {
            let is_current = screen.id.starts_with("BPE");
            items.push(item("税金・料金".to_owned(), PAY_EASY, is_current));
        }
        if bulk_desk::is_offered(self, &who.user) {
            let is_current = screen.id.starts_with("BFT") || screen.id.starts_with("BEF");
            items.push(item("ファイル伝送".to_owned(), bulk_desk::MENU, is_current));
        }
        if limit::is_offered(self) {
            let is_current = screen.path.starts_with(LIMITS);
            let may_change = may_change_limits(&self.profile, &who.user);
            let label = if may_change { "限度額変更" } else { "限度額" };
            items.push(item(label.to_owned(), LIMITS, is_current));
        }
        if payee::is_offered(self) && !self.profile.is_corporate() {
            let is_current = screen.path.starts_with(PAYEES);
            items.push(item("振込先".to_owned(), PAYEES, is_current));
        }
        if Place::Administration.is_in(&self.profile) && may_administer(&self.profile, &who.user) {
            items.push(item("管理".to_owned(), ADMIN, screen.path.starts_with(ADMIN)));
        }
        if Place::Administrator.is_in(&self.profile) && may_administer(&self.profile, &who.user) {
            let is_current =
                screen.path.starts_with(ADMINISTRATOR_MENU) || screen.path.starts_with(ADMIN);
            items.push(item("管理者メニュー".to_owned(), ADMINISTRATOR_MENU, is_current));
        }
        if Place::Certificates.is_in(&self.profile) {
            let is_current = screen.id.starts_with("BCE");
            items.push(item("電子証明書".to_owned(), CERTIFICATE, is_current));
        }
        items.push(item("お客様情報変更".to_owned(), INFO, screen.path.starts_with(INFO)));
        items.push(item("ご利用ガイド".to_owned(), "help/otp", screen.id == "BHL001"));
        items
    }

    /// Sends a page of this portal.
    ///
    /// # Errors
    /// 500 if the template cannot be rendered.
    pub fn page(&self, status: StatusCode, page: &impl Template) -> PageResult {
        let mut response = render_in(&self.profile, status, page)?;
        self.set_cookie(&mut response);
        Ok(response)
    }

    /// Sends a page with status 200, or 422 where its form is invalid.
    ///
    /// # Errors
    /// As [`Visit::page`].
    pub fn form_page(&self, is_invalid: bool, page: &impl Template) -> PageResult {
        let status = if is_invalid { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        self.page(status, page)
    }
}

/// When a session that was begun then ends if nothing happens from now on.
pub fn session_end(
    profile: &Profile,
    now: UtcTime,
    begun_at: UtcTime,
    extend_url: String,
) -> SessionEnd {
    let limits = profile.session.limits();
    let end = (now + limits.idle).min(begun_at + limits.absolute);
    let warn = TimeDelta::minutes(i64::from(profile.session.warn_minutes));
    SessionEnd {
        iso: jst_iso(end),
        jst_text: to_jst(end).format("%-H時%M分").to_string(),
        remaining_seconds: (end - now).num_seconds(),
        warn_seconds: u32::try_from(warn.num_seconds()).unwrap_or(0),
        extend_url,
    }
}

/// Renders a page of a portal, in the portal's words for login and logout.
///
/// # Errors
/// 500 if the template cannot be rendered.
pub fn render_in(profile: &Profile, status: StatusCode, page: &impl Template) -> PageResult {
    let body = page.render().map_err(|error| PageError::Internal(error.to_string()))?;
    Ok(answer(status, profile.words.say(body)))
}

/// Renders a page; pages are not stored by browsers or proxies.
///
/// # Errors
/// 500 if the template cannot be rendered.
pub fn render(status: StatusCode, page: &impl Template) -> PageResult {
    let body = page.render().map_err(|error| PageError::Internal(error.to_string()))?;
    Ok(answer(status, body))
}

fn answer(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(body)
}
