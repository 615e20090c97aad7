//! The feature-phone channel (BMB001 to BMB004): plain pages without script and style sheet, each
//! below 5 KiB, in the character set that the telephone asks for. Id and password open balances and
//! the latest movements, and nothing else: a login of this channel opens no page of the other one,
//! nor the other way round.

pub mod balance;
pub mod charset;
pub mod end;
pub mod error;
pub mod login;
pub mod movements;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use askama::Template;

use crate::domain::ledger::Account;
use crate::domain::portal::Profile;
use crate::web::WebApp;
use crate::web::failure::{PageError, PageResult};
use crate::web::mobile::charset::Charset;
use crate::web::page::Contact;
use crate::web::screens::Screen;
use crate::web::shell::contact_for_losses;
use crate::web::visit::Visit;

/// Accounts on one page, a number key for each; small pages have no room for more.
const ACCOUNTS_MAX: usize = 8;

/// What surrounds every page of the channel.
#[derive(Clone, Debug)]
pub struct MobileShell {
    /// The institution's name.
    pub institution: String,
    /// 画面ID.
    pub screen_id: &'static str,
    /// The page's title and heading.
    pub title: String,
    /// The character set's name.
    pub charset: &'static str,
    /// The department that answers.
    pub department: String,
    /// Whom to call.
    pub telephone: String,
    /// When they answer.
    pub hours: String,
    /// Whom to call at once about a theft, where that is another number.
    pub lost: Option<Contact>,
    /// While demo data is loaded.
    pub is_demo: bool,
}

impl MobileShell {
    fn new(app: &WebApp, profile: &Profile, id: &'static str, title: &str, set: Charset) -> Self {
        MobileShell {
            institution: profile.portal.institution.clone(),
            screen_id: id,
            title: title.to_owned(),
            charset: set.name(),
            department: profile.contact.department.clone(),
            telephone: profile.contact.telephone.clone(),
            hours: profile.contact.hours.clone(),
            lost: profile.contact.lost_telephone.is_some().then(|| contact_for_losses(profile)),
            is_demo: app.demo.is_some(),
        }
    }
}

impl Visit {
    /// What surrounds a page of the feature-phone channel.
    pub fn mobile_shell(&self, screen: &Screen, charset: Charset) -> MobileShell {
        MobileShell::new(&self.app, &self.profile, screen.id, screen.title, charset)
    }

    /// Sends a page of the feature-phone channel.
    ///
    /// # Errors
    /// 500 if the template cannot be rendered.
    pub fn mobile_page(
        &self,
        status: StatusCode,
        charset: Charset,
        page: &impl Template,
    ) -> PageResult {
        let mut response = render(status, charset, page)?;
        self.set_cookie(&mut response);
        Ok(response)
    }
}

/// Renders a page in its character set; what the set lacks becomes a numeric reference.
fn render(status: StatusCode, charset: Charset, page: &impl Template) -> PageResult {
    let html = page.render().map_err(|error| PageError::Internal(error.to_string()))?;
    Ok(HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, format!("text/html; charset={}", charset.name())))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "accept-charset"))
        .body(charset.encode(&html)))
}

/// The portal whose feature-phone channel the address belongs to.
pub fn profile_asked<'a>(app: &'a WebApp, path: &str) -> Option<&'a Profile> {
    let mut parts = path.split('/').skip(1);
    let (slug, channel) = (parts.next()?, parts.next()?);
    let is_served = app.options.served.iter().any(|served| served == slug);
    let profile = app.services.profiles.get(slug)?;
    let is_it = is_served && channel == "mobile" && profile.services.mobile_channel;
    is_it.then_some(profile)
}

/// An account in one line, as `本店 普通 2010011`.
fn account_text(account: &Account) -> String {
    format!("{} {} {}", account.branch_name, account.account_type.label(), account.number)
}
