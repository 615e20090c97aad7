//! Response headers: everything forbidden, then opened by need.

use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue};

/// Styles, scripts and pictures of our own; forms and 続ける (a fetch) to ourselves; no frames.
const PORTAL_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; manifest-src 'self'";

const ALWAYS: [(&str, &str); 8] = [
    ("content-security-policy", PORTAL_POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
    // Not `no-referrer`: browsers would then send forms with the origin `null`.
    ("referrer-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

/// Two years, as the preload lists want it.
const STRICT_TRANSPORT: &str = "max-age=63072000; includeSubDomains; preload";

/// Adds the headers; HSTS only where the portal is reached by HTTPS. A content security policy that
/// a handler set stays.
pub fn add(headers: &mut HeaderMap, is_https: bool) {
    for (name, value) in ALWAYS {
        let name = HeaderName::from_static(name);
        if name != CONTENT_SECURITY_POLICY || !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if is_https {
        headers.insert(
            HeaderName::from_static("strict-transport-security"),
            HeaderValue::from_static(STRICT_TRANSPORT),
        );
    }
}
