//! The staff console's addresses below `/{slug}/staff`: each says who may come in, and each that
//! changes something which act it does. An auditor comes into none of those.

use actix_web::web::{self, ServiceConfig};

use crate::domain::staff::StaffRole;
use crate::web::staff;

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffAccess {
    /// Anybody.
    Public,
    /// After id and password.
    OtpPending,
    /// At the first login.
    Enrolment,
    /// Every role.
    Reads,
    /// Who acts: clerks and checkers.
    Makes,
    /// Who decides requests of others: checkers.
    Decides,
}

impl StaffAccess {
    /// Whether a role comes in once logged in.
    pub fn lets_in(self, role: StaffRole) -> bool {
        match self {
            StaffAccess::Public | StaffAccess::Reads => true,
            StaffAccess::Makes => role.may_make(),
            StaffAccess::Decides => role.may_decide(),
            StaffAccess::OtpPending | StaffAccess::Enrolment => false,
        }
    }
}

/// GET and POST of one address below a portal's staff console.
pub struct StaffRoute {
    /// Address below `/{slug}/staff`, with the leading slash.
    pub path: &'static str,
    /// Who may come in.
    pub access: StaffAccess,
    /// What a POST does, as the audit log names it; none where the address takes no POST.
    pub act: Option<&'static str>,
    /// Whether the address takes GET.
    pub is_shown: bool,
    resource: fn(&'static str) -> actix_web::Resource,
}

macro_rules! staff_route {
    ($path:literal, $access:ident, get $get:path) => {
        StaffRoute {
            path: $path,
            access: StaffAccess::$access,
            act: None,
            is_shown: true,
            resource: |path| web::resource(path).route(web::get().to($get)),
        }
    };
    ($path:literal, $access:ident, get $get:path, $act:literal post $post:path) => {
        StaffRoute {
            path: $path,
            access: StaffAccess::$access,
            act: Some($act),
            is_shown: true,
            resource: |path| {
                web::resource(path).route(web::get().to($get)).route(web::post().to($post))
            },
        }
    };
    ($path:literal, $access:ident, $act:literal post $post:path) => {
        StaffRoute {
            path: $path,
            access: StaffAccess::$access,
            act: Some($act),
            is_shown: false,
            resource: |path| web::resource(path).route(web::post().to($post)),
        }
    };
}

/// Every address of the console.
pub const STAFF_ROUTES: &[StaffRoute] = &[
    staff_route!("/", Reads, get staff::home::show),
    staff_route!("/login", Public,
        get staff::login::show, "staff.password" post staff::login::submit),
    staff_route!("/login/otp", OtpPending,
        get staff::code::show, "staff.login" post staff::code::submit),
    staff_route!("/login/enrol", Enrolment,
        get staff::enrol::show, "staff.enrol" post staff::enrol::submit),
    staff_route!("/logout", Public,
        get staff::login::show_logout, "staff.end" post staff::login::log_out),
    staff_route!("/customers", Reads, get staff::customers::show),
    staff_route!("/customers/{id}", Reads, get staff::customer::show),
    staff_route!("/customers/{id}/limits", Makes,
        get staff::limits::show, "limit.applied" post staff::limits::submit),
    staff_route!("/customers/{id}/token", Reads, get staff::token::show),
    staff_route!("/customers/{id}/token/revoke", Makes,
        get staff::token::show_revoke, "token.revoke" post staff::token::submit_revoke),
    staff_route!("/customers/{id}/token/resync", Makes,
        get staff::token::show_resync, "token.resynchronise" post staff::token::submit_resync),
    staff_route!("/customers/{id}/token/reissue", Makes,
        get staff::token::show_reissue, "token.ship" post staff::token::submit_reissue),
    staff_route!("/customers/{id}/token/number", Makes,
        get staff::number::show, "token.registration_number" post staff::number::submit),
    staff_route!("/customers/{id}/certificate", Makes,
        get staff::certificate::show, "certificate.require" post staff::certificate::submit),
    staff_route!("/customers/{id}/certificate/revoke", Makes,
        get staff::certificate::show_revoke,
        "certificate.revoke" post staff::certificate::submit_revoke),
    staff_route!("/customers/{id}/{ask}", Makes,
        get staff::ask::show, "staff.request" post staff::ask::submit),
    staff_route!("/contracts/new", Makes,
        get staff::opening::show, "contract.open" post staff::opening::submit),
    staff_route!("/contracts/{id}", Reads, get staff::contract::show),
    staff_route!("/contracts/{id}/account", Makes,
        get staff::additions::show_account, "account.open" post staff::additions::submit_account),
    staff_route!("/contracts/{id}/user", Makes,
        get staff::additions::show_user, "user.open" post staff::additions::submit_user),
    staff_route!("/contracts/{id}/otp", Makes,
        get staff::additions::show_application,
        "contract.otp_applied" post staff::additions::submit_application),
    staff_route!("/contracts/{id}/files/{kind}", Makes,
        get staff::bulk_service::show, "bulk.service" post staff::bulk_service::submit),
    staff_route!("/contracts/{id}/external/{account}", Makes,
        get staff::external_accounts::show,
        "external.accounts" post staff::external_accounts::submit),
    staff_route!("/contracts/{id}/payees/{payee}", Makes,
        get staff::payee::show, "payee.approve" post staff::payee::submit),
    staff_route!("/contracts/{id}/close", Makes,
        get staff::contract::show_close, "staff.request" post staff::contract::submit_close),
    staff_route!("/stock/import", Makes,
        get staff::import::show, "token.preview" post staff::import::submit),
    staff_route!("/stock/import/{import}", Makes,
        get staff::import::show_preview, "token.import" post staff::import::submit_import),
    staff_route!("/stock", Reads, get staff::stock::show),
    staff_route!("/stock/ship", Makes,
        get staff::stock::show_ship, "token.ship" post staff::stock::submit_ship),
    staff_route!("/orders", Reads, get staff::orders::show),
    staff_route!("/orders/new", Makes,
        get staff::orders::show_new, "order.record" post staff::orders::submit_new),
    staff_route!("/orders/{id}", Reads, get staff::order::show),
    staff_route!("/orders/{id}/accept", Makes, "order.accept" post staff::order::submit_accept),
    staff_route!("/orders/{id}/debit", Makes, "order.debit" post staff::order::submit_debit),
    staff_route!("/orders/{id}/ship", Makes, "order.ship" post staff::order::submit_ship),
    staff_route!("/orders/{id}/receive", Makes, "order.receive" post staff::order::submit_receive),
    staff_route!("/orders/{id}/cancel", Makes, "order.cancel" post staff::order::submit_cancel),
    staff_route!("/audit", Reads, get staff::audit::show),
    staff_route!("/audit.csv", Reads, get staff::audit::csv),
    staff_route!("/audit/check", Reads, get staff::audit::check),
    staff_route!("/mails", Reads, get staff::mails::show),
    staff_route!("/mails/{id}/retry", Makes, "mail.retry" post staff::mails::retry),
    staff_route!("/jobs", Reads, get staff::jobs::show),
    staff_route!("/jobs/{name}/run", Makes, "job.run" post staff::jobs::run),
    staff_route!("/external", Reads, get staff::external::show),
    staff_route!("/external/put", Makes,
        get staff::external_put::show,
        "external.put_by_hand" post staff::external_put::submit),
    staff_route!("/external/{id}/file", Reads, get staff::external::file),
    staff_route!("/requests", Reads, get staff::requests::show),
    staff_route!("/requests/{id}", Reads, get staff::requests::show_one),
    staff_route!("/requests/{id}/approve", Decides, "staff.decide" post staff::requests::approve),
    staff_route!("/requests/{id}/refuse", Decides, "staff.decide" post staff::requests::refuse),
    staff_route!("/requests/{id}/withdraw", Makes, "staff.decide" post staff::requests::withdraw),
    staff_route!("/requests/{id}/letter", Makes, "letter.print" post staff::letter::print),
    staff_route!("/requests/{id}/letter.pdf", Makes, "letter.print" post staff::letter::pdf),
];

/// Registers the routes of one portal's console in its scope.
pub fn configure(config: &mut ServiceConfig) {
    for route in STAFF_ROUTES {
        config.service((route.resource)(route.path).app_data(route.access));
    }
}
