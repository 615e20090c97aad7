//! Static files: compiled in, served under names that carry a hash of their content, so that
//! browsers may keep them for a year.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use crate::domain::audit::hex;
use crate::web::failure::PageError;
use crate::web::page::Assets;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static");

/// Hex digits of the hash in a name.
const HASH_LENGTH: usize = 12;

struct Asset {
    url: String,
    body: &'static [u8],
    content_type: &'static str,
}

static BY_NAME: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let mut files = Vec::new();
    collect(&FILES, &mut files);
    files.into_iter().collect()
});

static BY_URL: LazyLock<HashMap<&'static str, &'static Asset>> =
    LazyLock::new(|| BY_NAME.values().map(|asset| (asset.url.as_str(), asset)).collect());

fn collect(dir: &'static Dir<'static>, files: &mut Vec<(String, Asset)>) {
    for file in dir.files() {
        let Some(name) = file.path().to_str() else { continue };
        let body = file.contents();
        let url = hashed_url(name, body);
        files.push((name.to_owned(), Asset { url, body, content_type: content_type(name) }));
    }
    for inner in dir.dirs() {
        collect(inner, files);
    }
}

/// `css/portal.css` becomes `/static/css/portal.0123456789ab.css`.
fn hashed_url(name: &str, body: &[u8]) -> String {
    let digest = hex(&Sha256::digest(body));
    let hash: String = digest.chars().take(HASH_LENGTH).collect();
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("/static/{stem}.{hash}.{ending}"),
        None => format!("/static/{name}.{hash}"),
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

/// The address of a static file; a name that does not exist leads to a 404.
fn url_of(name: &str) -> String {
    BY_NAME.get(name).map_or_else(|| format!("/static/{name}"), |asset| asset.url.clone())
}

/// Content and type of a static file by its name below `static/`, without a hash.
pub fn file(name: &str) -> Option<(&'static [u8], &'static str)> {
    BY_NAME.get(name).map(|asset| (asset.body, asset.content_type))
}

/// Names and contents of the files in a folder below `static/`, in order of name.
pub fn files_in(folder: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let files = FILES.get_dir(folder).into_iter().flat_map(|dir| dir.files());
    let mut files: Vec<_> =
        files.filter_map(|file| Some((file.path().to_str()?, file.contents()))).collect();
    files.sort_unstable_by_key(|(name, _)| *name);
    files.into_iter()
}

/// What templates resolve names with.
pub fn assets() -> Assets {
    Assets::new(url_of)
}

/// Serves one static file.
///
/// # Errors
/// 404 for a name, or a hash, that is not there.
pub async fn show(path: web::Path<String>) -> Result<HttpResponse, PageError> {
    let url = format!("/static/{path}");
    let asset = BY_URL.get(url.as_str()).ok_or(PageError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.content_type))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_a_hash_of_their_content() {
        assert_eq!(hashed_url("css/a.css", b""), "/static/css/a.e3b0c44298fc.css");
        let url = url_of("css/portal.css");
        assert!(BY_URL.contains_key(url.as_str()), "{url}");
    }
}
