//! The table of routes: everything a portal answers to stands here once, closed unless listed, and
//! every route that changes something names the act whose proof the auth rules decide. The staff
//! console's addresses stand in [`staff`].

pub mod staff;

use actix_web::web::{self, ServiceConfig};

use crate::domain::auth_rule::Operation;
use crate::domain::portal::{Keeper, Profile, RegistrationPlace, UserAdministration};
use crate::domain::user::Channel;
use crate::operations::certificate::is_offered as certificate_is_offered;
use crate::web::administration::edit;
use crate::web::token::menu;
use crate::web::{
    account, activation, administration, administrator, bulk_desk, bulk_file, certificate,
    emergency_stop, external, file_guide, help, home, info, limit, login, mobile, pay_easy, payee,
    payment, token, transfer,
};

/// What a state-changing route asks the auth rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// The proof for this act, asked when the route is entered.
    Asks(Operation),
    /// None, and why.
    None(&'static str),
}

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// After id and password (BLG010).
    OtpPending,
    /// During the first setup (BLG095).
    Setup,
    /// The user of a flow.
    TokenFlow,
    /// Logged in.
    Complete,
    /// Logged in on the feature-phone channel.
    Mobile,
}

/// Which portals have an address, by where they register tokens and who administers users; the
/// others answer 404.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// All of them.
    Everywhere,
    /// Those with flows that begin on the login page.
    LoginPage,
    /// Those with flows in the menu after login.
    Menu,
    /// Those that ask for the registration at login.
    AtLogin,
    /// Those whose master and administrator users administer the others.
    Administration,
    /// Those whose users log in with their contract's id and one of their own.
    ByContract,
    /// Those whose contracts have one administrator, who registers the tokens.
    Administrator,
    /// Those in which users release the tokens of others.
    Release,
    /// Those with 開通確認.
    Activation,
    /// Those with client certificates.
    Certificates,
    /// Those that show balances and movements.
    Inquiries,
    /// Those with transfers.
    Transfers,
    /// Those with Pay-easy.
    PayEasy,
    /// Those in which anything can be paid.
    Payments,
    /// Those with bulk files.
    BulkFiles,
    /// Those with external files.
    ExternalFiles,
}

impl Place {
    fn of(path: &str) -> Place {
        if path.starts_with("/token/menu") {
            Place::Menu
        } else if path.starts_with("/token/") {
            Place::LoginPage
        } else if path.starts_with("/login/register") {
            Place::AtLogin
        } else if path == "/login/user" {
            Place::ByContract
        } else if path.starts_with("/activation") {
            Place::Activation
        } else if path.starts_with("/certificate")
            || path.starts_with("/administrator/certificates")
        {
            Place::Certificates
        } else if path.starts_with("/transfers") || path.starts_with("/reservations") {
            Place::Transfers
        } else if path.starts_with("/pay-easy") {
            Place::PayEasy
        } else if path.starts_with("/files") || path.starts_with("/help/files") {
            Place::BulkFiles
        } else if path.starts_with("/external") {
            Place::ExternalFiles
        } else if path.starts_with("/payments") || path.starts_with("/history") {
            Place::Payments
        } else if path.starts_with("/administrator") {
            Place::Administrator
        } else if path.starts_with("/admin/release") {
            Place::Release
        } else if path.starts_with("/admin") {
            Place::Administration
        } else if path.starts_with("/accounts") {
            Place::Inquiries
        } else {
            Place::Everywhere
        }
    }

    /// Whether the portal has the address.
    pub fn is_in(self, profile: &Profile) -> bool {
        use RegistrationPlace as R;
        let registration = profile.tokens.registration;
        match self {
            Place::Everywhere => true,
            Place::LoginPage => matches!(registration, R::LoginPagePanel | R::LoginPageLinks),
            Place::Menu => registration == R::MenuAfterLogin,
            Place::AtLogin => registration == R::ForcedAtLogin,
            Place::ByContract => profile.signs_in_by_contract(),
            Place::Activation => profile.services.activation,
            Place::Certificates => certificate_is_offered(profile),
            Place::Inquiries => profile.services.inquiries,
            Place::Administrator => {
                profile.services.user_administration == UserAdministration::Administrator
                    && registration == R::AdministratorMenu
            }
            Place::Transfers => profile.services.transfers,
            Place::PayEasy => profile.services.pay_easy,
            Place::BulkFiles => profile.services.bulk_files,
            Place::ExternalFiles => profile.services.external_files,
            Place::Payments => profile.services.transfers || profile.services.pay_easy,
            Place::Release => profile.tokens.released_by != Keeper::Staff,
            Place::Administration => {
                let by = profile.services.user_administration;
                by == UserAdministration::MasterAndAdministrators
            }
        }
    }
}

/// When an address is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Within the portal's hours of service.
    InHours,
    /// At any hour.
    Always,
}

impl Opening {
    /// Theft keeps no hours, so 緊急停止 is served at any; so are the way out and the help, which
    /// move nothing.
    fn of(path: &str) -> Opening {
        match path.split('/').nth(1) {
            Some("stop" | "logout" | "help") => Opening::Always,
            _ if path == "/mobile/end" => Opening::Always,
            _ => Opening::InHours,
        }
    }
}

/// GET and POST of one address below a portal.
pub struct Route {
    /// Address below `/{slug}`, with the leading slash.
    pub path: &'static str,
    /// Who may come in.
    pub access: Access,
    /// What a POST asks; a GET changes nothing.
    pub auth: Auth,
    /// Whether the address takes POST.
    pub is_submission: bool,
    resource: fn(&'static str) -> actix_web::Resource,
}

impl Route {
    /// The channel that the address belongs to: the feature phones' lies below `/mobile`.
    pub fn channel(&self) -> Channel {
        match self.path.split('/').nth(1) {
            Some("mobile") => Channel::Mobile,
            _ => Channel::Web,
        }
    }

    /// When the address is served.
    pub fn opening(&self) -> Opening {
        Opening::of(self.path)
    }
}

macro_rules! route {
    ($path:literal, $access:ident, $auth:expr, get $get:path) => {
        Route {
            path: $path,
            access: Access::$access,
            auth: $auth,
            is_submission: false,
            resource: |path| web::resource(path).route(web::get().to($get)),
        }
    };
    ($path:literal, $access:ident, $auth:expr, get $get:path, post $post:path) => {
        Route {
            path: $path,
            access: Access::$access,
            auth: $auth,
            is_submission: true,
            resource: |path| {
                web::resource(path).route(web::get().to($get)).route(web::post().to($post))
            },
        }
    };
    ($path:literal, $access:ident, $auth:expr, post $post:path) => {
        Route {
            path: $path,
            access: Access::$access,
            auth: $auth,
            is_submission: true,
            resource: |path| web::resource(path).route(web::post().to($post)),
        }
    };
}

const SHOWS: Auth = Auth::None("shows only");
const SHOWS_ONCE: Auth = Auth::None("shows only; an initial password once, to whoever drew it");
const IDENTIFIES: Auth =
    Auth::None("identifies by id and password; the proof comes at the next step");
const FIRST_FACTOR: Auth =
    Auth::None("the first factor is asked here; the second by the rules for login");
const ONLY_FACTOR: Auth =
    Auth::None("the first factor is asked here; the login itself asks the rules for mobile_login");
const KEEPS_NOTHING: Auth = Auth::None("reads a file and keeps nothing of it");
const BEGINS: Auth = Auth::Asks(Operation::DraftEdit);
const CHANGES: Auth = Auth::Asks(Operation::CustomerInfoChange);
const CANCELS: Auth = Auth::Asks(Operation::DraftEdit);

/// Every address of a portal.
pub const ROUTES: &[Route] = &[
    route!("/", Complete, SHOWS, get home::top::show),
    route!("/login", Public, FIRST_FACTOR,
        get login::password::show, post login::password::submit),
    route!("/login/user", Public, FIRST_FACTOR,
        get login::password::show, post login::password::submit_user),
    route!("/login/otp", OtpPending, Auth::Asks(Operation::Login),
        get login::otp::show, post login::otp::submit),
    route!("/login/suspended", Public, SHOWS, get login::suspended::show),
    route!("/login/locked", Public, SHOWS, get login::locked::show),
    route!("/login/waiting", Public, SHOWS, get login::waiting::show),
    route!("/login/expired", Public, SHOWS, get login::expired::show),
    route!("/login/register", TokenFlow, Auth::Asks(Operation::OtpStart),
        get login::register::show, post login::register::submit),
    route!("/login/register/cancel", TokenFlow, CANCELS, post login::register::cancel),
    route!("/login/setup", Setup, Auth::Asks(Operation::FirstSetup),
        get login::setup::show, post login::setup::submit),
    route!("/login/setup/mail", Setup, Auth::Asks(Operation::FirstSetup),
        get login::setup_mail::show, post login::setup_mail::submit),
    route!("/login/setup/code", Setup, Auth::Asks(Operation::FirstSetup),
        get login::setup_code::show, post login::setup_code::submit),
    route!("/login/setup/resend", Setup, Auth::Asks(Operation::FirstSetup),
        post login::setup_code::resend),
    route!("/login/setup/later", Setup, Auth::Asks(Operation::FirstSetup),
        post login::setup_code::later),
    route!("/activation", Public, FIRST_FACTOR,
        get activation::identify::show, post activation::identify::submit),
    route!("/activation/administrator", Setup, Auth::Asks(Operation::FirstSetup),
        get activation::secrets::show_administrator,
        post activation::secrets::submit_administrator),
    route!("/activation/user", Setup, Auth::Asks(Operation::UserActivate),
        get activation::secrets::show_user, post activation::secrets::submit_user),
    route!("/activation/result", Complete, SHOWS, get activation::result::show),
    route!("/logout", Public, Auth::Asks(Operation::SessionEnd),
        get login::logged_out::show, post login::logged_out::submit),
    route!("/session-ended", Public, SHOWS, get login::session_ended::show),
    route!("/help/otp", Public, SHOWS, get help::show_otp),
    route!("/help/tokens", Public, SHOWS, get help::show_tokens),
    route!("/help/terms", Public, SHOWS, get help::show_terms),
    route!("/help/security", Public, SHOWS, get help::show_security),
    route!("/help/files", Public, SHOWS, get file_guide::formats::show),
    route!("/help/files/{code}", Public, SHOWS, get file_guide::format::show),
    route!("/stop", Public, Auth::Asks(Operation::EmergencyStop),
        get emergency_stop::stop::show, post emergency_stop::stop::submit),
    route!("/stop/{result}", Public, SHOWS, get emergency_stop::result::show),
    route!("/token/start", Public, IDENTIFIES,
        get token::start::identify, post token::start::submit_identify),
    route!("/token/start/{flow}", TokenFlow, Auth::Asks(Operation::OtpStart),
        get token::start::show, post token::start::submit),
    route!("/token/start/{flow}/cancel", TokenFlow, CANCELS, post token::start::cancel),
    route!("/token/start/{flow}/result", TokenFlow, SHOWS, get token::start::result),
    route!("/token/exchange", Public, IDENTIFIES,
        get token::exchange::identify, post token::exchange::submit_identify),
    route!("/token/exchange/{flow}", TokenFlow, Auth::Asks(Operation::OtpExchange),
        get token::exchange::show_old, post token::exchange::submit_old),
    route!("/token/exchange/{flow}/new", TokenFlow, Auth::Asks(Operation::OtpExchange),
        get token::exchange::show_new, post token::exchange::submit_new),
    route!("/token/exchange/{flow}/cancel", TokenFlow, CANCELS, post token::exchange::cancel),
    route!("/token/exchange/{flow}/result", TokenFlow, SHOWS, get token::exchange::result),
    route!("/token/stop", Public, IDENTIFIES,
        get token::stop::identify, post token::stop::submit_identify),
    route!("/token/stop/{flow}", TokenFlow, Auth::Asks(Operation::OtpStop),
        get token::stop::show, post token::stop::submit),
    route!("/token/stop/{flow}/cancel", TokenFlow, CANCELS, post token::stop::cancel),
    route!("/token/stop/{flow}/result", TokenFlow, SHOWS, get token::stop::result),
    route!("/mobile", Public, ONLY_FACTOR, get mobile::login::show, post mobile::login::submit),
    route!("/mobile/balance", Mobile, SHOWS, get mobile::balance::show),
    route!("/mobile/movements/{place}", Mobile, SHOWS, get mobile::movements::show),
    route!("/mobile/end", Public, Auth::Asks(Operation::SessionEnd),
        get mobile::end::show, post mobile::end::submit),
    route!("/token/menu", Complete, SHOWS, get menu::overview::show),
    route!("/token/menu/issue", Complete, BEGINS, get menu::begin::show, post menu::begin::issue),
    route!("/token/menu/issue/{flow}", Complete, Auth::Asks(Operation::OtpIssue),
        get menu::issue::show, post menu::issue::submit),
    route!("/token/menu/issue/{flow}/confirm", Complete, Auth::Asks(Operation::OtpIssue),
        get menu::issue_confirm::show, post menu::issue_confirm::submit),
    route!("/token/menu/issue/{flow}/back", Complete, BEGINS, post menu::issue_confirm::back),
    route!("/token/menu/issue/{flow}/resend", Complete, Auth::Asks(Operation::OtpIssue),
        post menu::issue_confirm::resend),
    route!("/token/menu/issue/{flow}/cancel", Complete, CANCELS, post menu::issue::cancel),
    route!("/token/menu/issue/{flow}/result", Complete, SHOWS, get menu::issue::result),
    route!("/token/menu/issue/{flow}/export", Complete, Auth::Asks(Operation::OtpSetUp),
        post menu::issue_export::submit),
    route!("/token/menu/start", Complete, BEGINS, get menu::begin::show, post menu::begin::start),
    route!("/token/menu/start/{flow}", Complete, Auth::Asks(Operation::OtpStart),
        get menu::start::show, post menu::start::submit),
    route!("/token/menu/start/{flow}/cancel", Complete, CANCELS, post menu::start::cancel),
    route!("/token/menu/start/{flow}/result", Complete, SHOWS, get menu::start::result),
    route!("/token/menu/stop", Complete, BEGINS, get menu::begin::show, post menu::begin::stop),
    route!("/token/menu/stop/{flow}", Complete, Auth::Asks(Operation::OtpStop),
        get menu::stop::show, post menu::stop::submit),
    route!("/token/menu/stop/{flow}/cancel", Complete, CANCELS, post menu::stop::cancel),
    route!("/token/menu/stop/{flow}/result", Complete, SHOWS, get menu::stop::result),
    route!("/admin", Complete, SHOWS, get administration::home::show),
    route!("/admin/users", Complete, SHOWS, get administration::users::show),
    route!("/admin/members", Complete, BEGINS,
        get administration::members::show, post administration::members::register),
    route!("/admin/members/{user}", Complete, BEGINS,
        get administration::member::show, post administration::member::submit),
    route!("/admin/user/{flow}", Complete, BEGINS,
        get edit::input::show, post edit::input::submit),
    route!("/admin/user/{flow}/rights", Complete, BEGINS,
        get edit::rights::show, post edit::rights::submit),
    route!("/admin/user/{flow}/confirm", Complete, Auth::Asks(Operation::UserManage),
        get edit::confirm::show, post edit::confirm::submit),
    route!("/admin/user/{flow}/back", Complete, BEGINS, post edit::confirm::back),
    route!("/admin/user/{flow}/cancel", Complete, CANCELS, post edit::confirm::cancel),
    route!("/admin/user/{flow}/result", Complete, SHOWS_ONCE, get edit::result::show),
    route!("/admin/pause", Complete, Auth::Asks(Operation::UserManage),
        get administration::pause::show, post administration::pause::submit),
    route!("/admin/pause/result/{receipt}", Complete, SHOWS,
        get administration::users_result::show_paused),
    route!("/admin/reset", Complete, Auth::Asks(Operation::UserManage),
        get administration::reset::show, post administration::reset::submit),
    route!("/admin/reset/result/{receipt}", Complete, SHOWS_ONCE,
        get administration::users_result::show_reset),
    route!("/admin/leave", Complete, Auth::Asks(Operation::UserManage),
        get administration::leave::show, post administration::leave::submit),
    route!("/admin/leave/result/{receipt}", Complete, SHOWS,
        get administration::users_result::show_left),
    route!("/admin/release", Complete, Auth::Asks(Operation::TokenRelease),
        get administration::release::show, post administration::release::submit),
    route!("/admin/release/result/{receipt}", Complete, SHOWS,
        get administration::result::show_released),
    route!("/admin/revoke", Complete, Auth::Asks(Operation::TokenRevoke),
        get administration::revoke::show, post administration::revoke::submit),
    route!("/admin/revoke/result/{receipt}", Complete, SHOWS,
        get administration::result::show_revoked),
    route!("/release-approval", Complete, Auth::Asks(Operation::TokenApproveRelease),
        get administration::approve::show, post administration::approve::submit),
    route!("/release-approval/result/{receipt}", Complete, SHOWS,
        get administration::approve::show_result),
    route!("/admin/tokens", Complete, SHOWS, get administration::tokens::show),
    route!("/administrator", Complete, SHOWS, get administrator::home::show),
    route!("/administrator/users", Complete, BEGINS,
        get administrator::users::show, post administrator::users::submit),
    route!("/administrator/user/{flow}", Complete, BEGINS,
        get edit::input::show, post edit::input::submit),
    route!("/administrator/user/{flow}/rights", Complete, BEGINS,
        get edit::rights::show, post edit::rights::submit),
    route!("/administrator/user/{flow}/confirm", Complete, Auth::Asks(Operation::UserManage),
        get edit::confirm::show, post edit::confirm::submit),
    route!("/administrator/user/{flow}/back", Complete, BEGINS, post edit::confirm::back),
    route!("/administrator/user/{flow}/cancel", Complete, CANCELS, post edit::confirm::cancel),
    route!("/administrator/user/{flow}/result", Complete, SHOWS_ONCE, get edit::result::show),
    route!("/administrator/mode", Complete, BEGINS,
        get administrator::mode::show, post administrator::mode::submit),
    route!("/administrator/mode/{mode}", Complete, Auth::Asks(Operation::OtpStop),
        get administrator::mode::show_change, post administrator::mode::submit_change),
    route!("/administrator/again", Complete, BEGINS, post administrator::mode::again),
    route!("/administrator/tokens/{flow}", Complete, Auth::Asks(Operation::OtpStart),
        get administrator::register::show, post administrator::register::submit),
    route!("/administrator/tokens/{flow}/cancel", Complete, CANCELS,
        post administrator::register::cancel),
    route!("/administrator/tokens/{flow}/result", Complete, SHOWS,
        get administrator::register::result),
    route!("/administrator/result/{receipt}", Complete, SHOWS, get administrator::result::show),
    route!("/administrator/stop", Complete, Auth::Asks(Operation::OtpStop),
        get administrator::stop::show, post administrator::stop::submit),
    route!("/administrator/certificates", Complete, Auth::Asks(Operation::UserManage),
        get administrator::certificates::show, post administrator::certificates::submit),
    route!("/administrator/certificates/{receipt}", Complete, SHOWS,
        get administrator::certificates::show_result),
    route!("/certificate", Complete, SHOWS, get certificate::overview::show),
    route!("/certificate/proof", Complete, Auth::Asks(Operation::CertificateIssue),
        get certificate::proof::show, post certificate::proof::submit),
    route!("/certificate/file/{flow}", Complete, Auth::Asks(Operation::CertificateIssue),
        get certificate::file::show, post certificate::file::submit),
    route!("/administrator/orders", Complete, BEGINS,
        get administrator::orders::show, post administrator::orders::submit),
    route!("/administrator/orders/confirm", Complete, Auth::Asks(Operation::TokenOrder),
        get administrator::order_confirm::show, post administrator::order_confirm::submit),
    route!("/administrator/orders/{order}", Complete, Auth::Asks(Operation::TokenOrder),
        get administrator::order::show, post administrator::order::submit),
    route!("/accounts", Complete, SHOWS, get account::balance::show),
    route!("/accounts/{account}/statement", Complete, SHOWS, get account::statement::show),
    route!("/accounts/{account}/statement/file", Complete, SHOWS, get account::file::show),
    route!("/limits", Complete, BEGINS, get limit::input::show, post limit::input::submit),
    route!("/limits/cancel-rise", Complete, BEGINS, post limit::input::cancel_rise),
    route!("/limits/{flow}", Complete, BEGINS,
        get limit::input::show_again, post limit::input::submit_again),
    route!("/limits/{flow}/confirm", Complete, Auth::Asks(Operation::LimitChange),
        get limit::confirm::show, post limit::confirm::submit),
    route!("/limits/{flow}/back", Complete, BEGINS, post limit::confirm::back),
    route!("/limits/{flow}/cancel", Complete, CANCELS, post limit::input::cancel),
    route!("/limits/{flow}/result", Complete, SHOWS, get limit::result::show),
    route!("/transfers", Complete, BEGINS,
        get transfer::choose::show, post transfer::choose::submit),
    route!("/transfers/payee", Complete, BEGINS,
        get transfer::payee::show, post transfer::payee::submit),
    route!("/transfers/{flow}", Complete, BEGINS,
        get transfer::input::show, post transfer::input::submit),
    route!("/transfers/{flow}/confirm", Complete, Auth::Asks(Operation::Transfer),
        get transfer::confirm::show, post transfer::confirm::submit),
    route!("/transfers/{flow}/back", Complete, BEGINS, post transfer::confirm::back),
    route!("/transfers/{flow}/cancel", Complete, CANCELS, post transfer::input::cancel),
    route!("/transfers/{flow}/result", Complete, SHOWS, get transfer::result::show),
    route!("/reservations", Complete, SHOWS, get payment::reservations::show),
    route!("/reservations/cancel/{flow}/confirm", Complete,
        Auth::Asks(Operation::CancelReservation),
        get payment::cancel::show, post payment::cancel::submit),
    route!("/reservations/cancel/{flow}/cancel", Complete, CANCELS, post payment::cancel::leave),
    route!("/reservations/cancel/{flow}/result", Complete, SHOWS, get payment::cancel::result),
    route!("/payments/{payment}", Complete, SHOWS, get payment::detail::show),
    route!("/payments/{payment}/cancel", Complete, BEGINS, post payment::cancel::begin),
    route!("/history", Complete, SHOWS, get payment::history::show),
    route!("/pay-easy", Complete, BEGINS,
        get pay_easy::numbers::show, post pay_easy::numbers::submit),
    route!("/pay-easy/history", Complete, SHOWS, get pay_easy::history::show),
    route!("/pay-easy/{flow}", Complete, BEGINS,
        get pay_easy::bill::show, post pay_easy::bill::submit),
    route!("/pay-easy/{flow}/confirm", Complete, Auth::Asks(Operation::PayEasy),
        get pay_easy::confirm::show, post pay_easy::confirm::submit),
    route!("/pay-easy/{flow}/back", Complete, BEGINS, post pay_easy::confirm::back),
    route!("/pay-easy/{flow}/cancel", Complete, CANCELS, post pay_easy::bill::cancel),
    route!("/pay-easy/{flow}/result", Complete, SHOWS, get pay_easy::result::show),
    route!("/files", Complete, SHOWS, get bulk_desk::menu::show),
    route!("/files/approval", Complete, Auth::Asks(Operation::BulkApprove),
        get bulk_desk::approvals::show, post bulk_desk::approvals::submit),
    route!("/files/approval/result/{receipt}", Complete, SHOWS,
        get bulk_desk::result::show_approved),
    route!("/files/approval/{file}", Complete, Auth::Asks(Operation::BulkApprove),
        get bulk_desk::approval::show, post bulk_desk::approval::submit),
    // 差戻し, 引戻し and 削除 let nothing out.
    route!("/files/approval/{file}/return", Complete, CANCELS,
        post bulk_desk::approval::submit_return),
    route!("/files/sending", Complete, Auth::Asks(Operation::BulkSend),
        get bulk_desk::sending::show, post bulk_desk::sending::submit),
    route!("/files/sending/result/{receipt}", Complete, SHOWS, get bulk_desk::result::show_sent),
    route!("/files/csv", Complete, SHOWS, get bulk_desk::history::csv),
    route!("/files/pdf", Complete, SHOWS, get bulk_desk::pdf::list),
    route!("/files/history", Complete, SHOWS, get bulk_desk::history::show),
    route!("/files/history/{file}", Complete, SHOWS, get bulk_desk::detail::show),
    route!("/files/history/{file}/csv", Complete, SHOWS, get bulk_desk::file::show),
    route!("/files/history/{file}/result", Complete, SHOWS, get external::download::result),
    route!("/files/history/{file}/pdf", Complete, SHOWS, get bulk_desk::pdf::records),
    route!("/files/history/{file}/withdraw", Complete, CANCELS,
        post bulk_desk::detail::submit_withdraw),
    route!("/files/history/{file}/delete", Complete, CANCELS,
        post bulk_desk::detail::submit_delete),
    route!("/external/receive", Complete, SHOWS, get external::list::show),
    route!("/external/receive/proof", Complete, Auth::Asks(Operation::ExternalReceive),
        get external::confirm::show, post external::confirm::submit),
    route!("/external/receive/result/{receipt}", Complete, SHOWS, get external::handed::show),
    route!("/external/receive/result/{receipt}/{file}", Complete, SHOWS,
        get external::handed::save),
    // What is sent waits for the proof of the next page.
    route!("/external/send", Complete, BEGINS,
        get external::choose::show, post external::choose::submit),
    route!("/external/send/upload/report/{report}", Complete, SHOWS,
        get external::choose::report),
    route!("/external/send/result/{receipt}", Complete, SHOWS, get external::sent::show),
    route!("/external/send/{file}", Complete, Auth::Asks(Operation::ExternalSend),
        get external::sending::show, post external::sending::submit),
    route!("/external/send/{file}/cancel", Complete, CANCELS,
        post external::sending::submit_cancel),
    route!("/payees", Complete, SHOWS, get payee::list::show),
    route!("/payees/new", Complete, BEGINS, get payee::input::show, post payee::input::submit),
    route!("/payees/flow/{flow}", Complete, BEGINS,
        get payee::input::show_again, post payee::input::submit_again),
    route!("/payees/flow/{flow}/confirm", Complete, Auth::Asks(Operation::PayeeChange),
        get payee::confirm::show, post payee::confirm::submit),
    route!("/payees/flow/{flow}/back", Complete, BEGINS, post payee::confirm::back),
    route!("/payees/flow/{flow}/cancel", Complete, CANCELS, post payee::confirm::cancel),
    route!("/payees/flow/{flow}/result", Complete, SHOWS, get payee::result::show),
    route!("/payees/{payee}", Complete, BEGINS,
        get payee::input::show_change, post payee::input::submit_change),
    route!("/payees/{payee}/delete", Complete, BEGINS, post payee::delete::begin),
    route!("/files/check", Public, KEEPS_NOTHING,
        get file_guide::check::show, post file_guide::check::submit),
    route!("/files/new", Complete, BEGINS,
        get bulk_file::make::show, post bulk_file::make::submit),
    route!("/files/upload", Complete, BEGINS,
        get bulk_file::upload::show, post bulk_file::upload::submit),
    route!("/files/upload/report/{report}", Complete, SHOWS, get bulk_file::report::show),
    route!("/files/copy", Complete, SHOWS, get bulk_file::copy::show_list),
    route!("/files/{file}", Complete, SHOWS, get bulk_file::list::show),
    route!("/files/{file}/submit", Complete, BEGINS, post bulk_file::submit::submit),
    route!("/files/{file}/head", Complete, BEGINS,
        get bulk_file::head::show, post bulk_file::head::submit),
    route!("/files/{file}/add", Complete, BEGINS,
        get bulk_file::record::show_new, post bulk_file::record::submit_new),
    route!("/files/{file}/rows", Complete, BEGINS,
        get bulk_file::rows::show, post bulk_file::rows::submit),
    route!("/files/{file}/copy", Complete, BEGINS,
        get bulk_file::copy::show, post bulk_file::copy::submit),
    route!("/files/{file}/records/{no}", Complete, BEGINS,
        get bulk_file::record::show, post bulk_file::record::submit),
    route!("/files/{file}/records/{no}/delete", Complete, BEGINS,
        get bulk_file::remove::show, post bulk_file::remove::submit),
    route!("/info", Complete, BEGINS, get info::overview::show, post info::overview::submit),
    route!("/info/contact/{flow}", Complete, CHANGES,
        get info::input::show, post info::input::submit),
    route!("/info/contact/{flow}/confirm", Complete, CHANGES,
        get info::confirm::show, post info::confirm::submit),
    route!("/info/contact/{flow}/back", Complete, BEGINS, post info::confirm::back),
    route!("/info/contact/{flow}/resend", Complete, CHANGES, post info::confirm::resend),
    route!("/info/contact/{flow}/cancel", Complete, CANCELS, post info::confirm::cancel),
    route!("/info/contact/{flow}/result", Complete, SHOWS, get info::result::show),
    route!("/info/secret/{flow}", Complete, Auth::Asks(Operation::SecretChange),
        get info::input::show, post info::input::submit),
    route!("/info/secret/{flow}/confirm", Complete, Auth::Asks(Operation::SecretChange),
        get info::confirm::show, post info::confirm::submit),
    route!("/info/secret/{flow}/back", Complete, BEGINS, post info::confirm::back),
    route!("/info/secret/{flow}/cancel", Complete, CANCELS, post info::confirm::cancel),
    route!("/info/secret/{flow}/result", Complete, SHOWS, get info::result::show),
];

/// Registers the routes of one portal in its scope.
pub fn configure(config: &mut ServiceConfig) {
    for route in ROUTES {
        let resource = (route.resource)(route.path).app_data(route.auth);
        let resource = resource.app_data(route.channel()).app_data(route.opening());
        config.service(resource.app_data(Place::of(route.path)));
    }
}
