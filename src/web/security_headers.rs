//! Response headers: everything forbidden, then opened by need.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue};

/// Styles, scripts and pictures of our own; forms and 続ける (a fetch) to ourselves; no frames.
const PORTAL_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; manifest-src 'self'";

/// Made once: names that are not standard are checked letter by letter.
static ALWAYS: [(HeaderName, HeaderValue); 8] = [
    header("content-security-policy", PORTAL_POLICY),
    header("cross-origin-opener-policy", "same-origin"),
    header("cross-origin-embedder-policy", "require-corp"),
    header("cross-origin-resource-policy", "same-origin"),
    // Not `no-referrer`: browsers would then send forms with the origin `null`.
    header("referrer-policy", "same-origin"),
    header(
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    ),
    header("x-content-type-options", "nosniff"),
    header("x-frame-options", "DENY"),
];

/// Two years, as the preload lists want it.
static STRICT_TRANSPORT: (HeaderName, HeaderValue) =
    header("strict-transport-security", "max-age=63072000; includeSubDomains; preload");

const fn header(name: &'static str, value: &'static str) -> (HeaderName, HeaderValue) {
    (HeaderName::from_static(name), HeaderValue::from_static(value))
}

/// Adds the headers; HSTS only where the portal is reached by HTTPS. A content security policy that
/// a handler set stays.
pub fn add(headers: &mut HeaderMap, is_https: bool) {
    for (name, value) in ALWAYS.iter().chain(is_https.then_some(&STRICT_TRANSPORT)) {
        if name != CONTENT_SECURITY_POLICY || !headers.contains_key(name) {
            headers.insert(name.clone(), value.clone());
        }
    }
}
