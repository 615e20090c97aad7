//! Pictures of the catalogue's screens, where `bin/screens` has made them.

use std::fs;
use std::path::{Path, PathBuf};

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{self, Data};

use super::catalogue::{Entry, entries};
use crate::web::WebApp;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::Link;

/// Widths of the pictures, and what they are called.
const WIDTHS: [(u32, &str); 2] = [(1280, "画像（PC）"), (390, "画像（スマホ）")];

fn file_name(entry: &Entry, width: u32) -> String {
    format!("{}-{width}.png", entry.key)
}

/// The pictures that there are of a way.
pub(super) fn links(app: &WebApp, entry: &Entry) -> Vec<Link> {
    let Some(folder) = folder(app) else { return Vec::new() };
    let link = |(width, label): (u32, &str)| {
        let name = file_name(entry, width);
        let is_there = folder.join(&entry.portal).join(&name).is_file();
        let url = format!("/qa/pictures/{}/{name}", entry.portal);
        is_there.then(|| Link { label: label.to_owned(), url })
    };
    WIDTHS.into_iter().filter_map(link).collect()
}

fn folder(app: &WebApp) -> Option<&Path> {
    app.demo.as_ref()?.pictures.as_deref()
}

/// A picture of a way that there is; nothing else of that folder is handed out.
///
/// # Errors
/// 404 for any other; a mistake in the shipped catalogue.
pub(super) async fn show(app: Data<WebApp>, path: web::Path<(String, String)>) -> PageResult {
    let (portal, name) = path.into_inner();
    let all = entries()?;
    let is_it = |entry: &&Entry| {
        entry.portal == portal && WIDTHS.iter().any(|(width, _)| file_name(entry, *width) == name)
    };
    let entry = all.iter().find(is_it).ok_or(PageError::NotFound)?;
    let file: PathBuf = folder(&app).ok_or(PageError::NotFound)?.join(&entry.portal).join(&name);
    let read = web::block(move || fs::read(file)).await;
    let bytes = read.ok().and_then(Result::ok).ok_or(PageError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/png"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(bytes))
}
