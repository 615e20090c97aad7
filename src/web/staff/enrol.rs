//! STF001 職員ログイン, at the first login: the set-up of the own authenticator by QR code.

use crate::domain::otp::{base32, otpauth_url};
use crate::domain::staff::STAFF_OTP;
use crate::operations::staff::code::open_secret;
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form::FormView;
use crate::web::form_body::FormBody;
use crate::web::page::{QrView, Shell};
use crate::web::screens;
use crate::web::staff::code::{back, form, prove};
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::visit::StaffVisit;

/// STF001 at the first login. Field: `otp`.
#[derive(askama::Template)]
#[template(path = "staff/enrol.html")]
pub struct EnrolPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The form.
    pub form: FormView,
    /// The secret as a QR code.
    pub qr: QrView,
    /// The secret in groups of four.
    pub secret: String,
    /// What the app calls it.
    pub account: String,
    /// Ends this login.
    pub back: FormView,
}

const PURPOSE: &str = "このコードで認証アプリの設定を確かめ、ログインします。";

/// Shows the secret, to whoever proved the password at the first login and to nobody else.
///
/// # Errors
/// 303 where no such login is.
pub async fn show(visit: StaffVisit) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    show_form(&visit, &who, form(&visit, &who, "login/enrol", PURPOSE))
}

/// Sets the authenticator up with its first code.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: StaffVisit, body: FormBody) -> PageResult {
    let (who, ()) = principal::enter(&visit, |_, _| Ok(())).await?;
    let mut form = form(&visit, &who, "login/enrol", PURPOSE);
    match prove(&visit, &who, body, &mut form).await? {
        true => Ok(see_other(&visit.url(""))),
        false => show_form(&visit, &who, form),
    }
}

fn show_form(visit: &StaffVisit, who: &StaffWho, form: FormView) -> PageResult {
    let secret = open_secret(&visit.app.services.keys, &who.member)?;
    let account = who.member.staff_id.clone();
    let url = otpauth_url(&visit.profile.portal.institution, &account, &secret, STAFF_OTP);
    let mut shell = visit.shell(&screens::STF001);
    shell.title = "認証アプリの設定".into();
    let text = base32(secret.expose());
    let groups: Vec<&str> =
        text.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    let page = EnrolPage {
        shell,
        form,
        qr: QrView::of_text(&url).map_err(|error| PageError::Internal(error.to_string()))?,
        secret: groups.join(" "),
        account,
        back: back(visit, who),
    };
    visit.form_page(page.form.is_invalid(), &page)
}
