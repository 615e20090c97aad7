//! Where the flows under the login form stand in each kind of portal: the screens of a panel (BOM),
//! or those behind links (BOR). Handlers and operations are the same.

use crate::domain::portal::{DoneBy, RegistrationPlace};
use crate::primitives::clock::jst_day;
use crate::web::failure::PageError;
use crate::web::page::{Shell, Step, steps};
use crate::web::screens::{self, Screen};
use crate::web::token::words;
use crate::web::visit::Visit;

/// The screens of one flow: identification, the step with the code, the result.
#[derive(Debug)]
pub struct Place {
    /// Id and password.
    pub identify: &'static Screen,
    /// The code.
    pub input: &'static Screen,
    /// The receipt.
    pub result: &'static Screen,
    /// What the first step is called.
    who: &'static str,
    /// What is done, which gives pages and steps their words.
    act: Act,
    /// 処理結果コード, where the result shows one.
    pub result_code: Option<&'static str>,
}

/// What a flow does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Start,
    Stop,
}

impl Place {
    /// The identification in the portal's own words.
    pub fn identify_shell(&self, visit: &Visit) -> Shell {
        let profile = &visit.profile;
        let act = match self.act {
            Act::Start => profile.words.start.clone(),
            Act::Stop => words::stop(profile),
        };
        let is_link = profile.tokens.registration == RegistrationPlace::LoginPageLinks;
        let title = if is_link { format!("{}の{act}", profile.words.otp) } else { act };
        Shell { title: title.into(), ..visit.shell(self.identify) }
    }

    /// The step with the code; that of a stop in the portal's own words.
    pub fn input_shell(&self, visit: &Visit) -> Shell {
        let shell = visit.shell(self.input);
        match self.act {
            Act::Start => shell,
            Act::Stop => {
                let title = format!("{}の確認", words::stop(&visit.profile));
                Shell { title: title.into(), ..shell }
            }
        }
    }

    /// The step bar, in which the step at `current` is marked.
    pub fn step_bar(&self, visit: &Visit, current: usize) -> Vec<Step> {
        let profile = &visit.profile;
        let otp = profile.words.otp.replacen("ワンタイムパスワード", "ワンタイム|パスワード", 1);
        let is_link = profile.tokens.registration == RegistrationPlace::LoginPageLinks;
        let input = match self.act {
            Act::Start if is_link => format!("{otp}|登録情報入力"),
            Act::Start => format!("{otp}|登録"),
            Act::Stop => format!("{}の|確認", words::stop(profile)),
        };
        steps(&[self.who, &input, "処理|結果"], current)
    }
}

const PANEL_START: Place = Place {
    identify: &screens::BOM101,
    input: &screens::BOM102,
    result: &screens::BOM103,
    who: "利用者|確認",
    act: Act::Start,
    result_code: None,
};

const PANEL_STOP: Place = Place {
    identify: &screens::BOM121,
    input: &screens::BOM122,
    result: &screens::BOM123,
    who: "利用者|確認",
    act: Act::Stop,
    result_code: None,
};

const LINKS_START: Place = Place {
    identify: &screens::BOR001,
    input: &screens::BOR002,
    result: &screens::BOR003,
    who: "利用者|認証",
    act: Act::Start,
    result_code: Some("00001"),
};

const LINKS_STOP: Place = Place {
    identify: &screens::BOR011,
    input: &screens::BOR012,
    result: &screens::BOR013,
    who: "利用者|認証",
    act: Act::Stop,
    result_code: None,
};

/// Whether tokens are registered from the login page, and the service has begun.
pub fn is_on_login_page(visit: &Visit) -> bool {
    let tokens = &visit.profile.tokens;
    let is_here = matches!(
        tokens.registration,
        RegistrationPlace::LoginPagePanel | RegistrationPlace::LoginPageLinks
    );
    is_here && tokens.has_begun(jst_day(visit.ctx.now))
}

/// The screens of a start.
///
/// # Errors
/// 404 where tokens are registered elsewhere, or not yet.
pub fn start(visit: &Visit) -> Result<&'static Place, PageError> {
    choose(visit, true, &PANEL_START, &LINKS_START)
}

/// The screens of a stop.
///
/// # Errors
/// 404 where tokens are registered elsewhere, or not yet, or customers don't stop them.
pub fn stop(visit: &Visit) -> Result<&'static Place, PageError> {
    let is_theirs = visit.profile.tokens.stop == DoneBy::Customer;
    choose(visit, is_theirs, &PANEL_STOP, &LINKS_STOP)
}

/// Whether customers exchange tokens from the login page.
///
/// # Errors
/// 404 where they don't.
pub fn check_exchange(visit: &Visit) -> Result<(), PageError> {
    let is_theirs = visit.profile.tokens.exchange == DoneBy::Customer;
    if is_theirs && is_on_login_page(visit) { Ok(()) } else { Err(PageError::NotFound) }
}

fn choose(
    visit: &Visit,
    is_theirs: bool,
    panel: &'static Place,
    links: &'static Place,
) -> Result<&'static Place, PageError> {
    if !is_theirs || !is_on_login_page(visit) {
        return Err(PageError::NotFound);
    }
    Ok(match visit.profile.tokens.registration {
        RegistrationPlace::LoginPageLinks => links,
        _ => panel,
    })
}
