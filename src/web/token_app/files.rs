//! The app's scripts, style, icons and manifest, under names without a hash: modules import each
//! other by name, and a service worker's address must stay the same. Browsers ask each time whether
//! a file has changed; the service worker spares them that.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH,
};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use super::page;
use crate::domain::audit::hex;
use crate::web::WebApp;
use crate::web::assets::{self, assets};
use crate::web::failure::{PageError, PageResult};

/// Browsers keep the file, but ask whether it is still the same.
pub const CHECK_EACH_TIME: &str = "no-cache";

const FOLDER: &str = "token";
const WORKER: &str = "token/sw.js";
const TAG_LENGTH: usize = 16;
/// The worker only fetches the app's own files.
const WORKER_POLICY: &str = "default-src 'none'; connect-src 'self'";
/// What stands in the worker's text for the version and for the files to keep.
const VERSION_MARK: &str = "@VERSION@";
const FILES_MARK: &str = "@FILES@";

/// The header by which a browser knows a file again.
pub fn tag(body: &[u8]) -> (HeaderName, String) {
    let digest: String = hex(&Sha256::digest(body)).chars().take(TAG_LENGTH).collect();
    (ETAG, format!("\"{digest}\""))
}

/// Whether the browser has the file with this tag. Compression makes a tag a weak one.
pub fn is_known(request: &HttpRequest, (_, tag): &(HeaderName, String)) -> bool {
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known
        .is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag))
}

/// 304.
pub fn not_modified(tag: &(HeaderName, String)) -> HttpResponse {
    HttpResponse::NotModified().insert_header(tag.clone()).finish()
}

/// Serves one file.
///
/// # Errors
/// 404 for a name that is not there.
pub async fn show(request: HttpRequest, name: Path<String>) -> PageResult {
    let (body, content_type) =
        assets::file(&format!("{FOLDER}/{name}")).ok_or(PageError::NotFound)?;
    let tag = tag(body);
    if is_known(&request, &tag) {
        return Ok(not_modified(&tag));
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, CHECK_EACH_TIME))
        .insert_header(tag)
        .body(body))
}

/// Serves the service worker with the list of what it keeps, and a version that changes with any of
/// it: browsers take a new worker when its text differs.
///
/// # Errors
/// 500 if the page cannot be rendered or the worker's file is broken.
pub async fn service_worker(app: Data<WebApp>) -> PageResult {
    let (text, content_type) = assets::file(WORKER).ok_or(PageError::NotFound)?;
    let text = std::str::from_utf8(text).map_err(|error| PageError::Internal(error.to_string()))?;
    let mut digest = Sha256::new();
    digest.update(page::html(&app)?);
    let mut kept = vec!["/token/".to_owned(), assets().url("css/tokens.css")];
    for (name, body) in assets::files_in(FOLDER) {
        digest.update(body);
        // Pictures for the home screen are the system's to keep.
        if name != WORKER && !name.ends_with(".png") {
            kept.push(format!("/{name}"));
        }
    }
    let version: String = hex(&digest.finalize()).chars().take(TAG_LENGTH).collect();
    let worker = text.replace(VERSION_MARK, &version).replace(FILES_MARK, &kept.join(" "));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, CHECK_EACH_TIME))
        .insert_header((CONTENT_SECURITY_POLICY, WORKER_POLICY))
        .body(worker))
}
