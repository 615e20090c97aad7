//! Forms with a file (`multipart/form-data`): read whole, at most so many bytes, the fields as
//! strictly as those of other forms, the file apart from them.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use futures_util::StreamExt;
use zeroize::Zeroizing;

use crate::web::failure::PageError;
use crate::web::form_body::FormBody;

/// All fields beside the file, together.
const FIELDS_BYTES_MAX: usize = 64 * 1024;
/// Longest name of a file that is kept, in characters.
const NAME_MAX: usize = 100;

/// A file as it was chosen.
pub struct UploadedFile {
    /// Its name, without folders; empty where none was chosen.
    pub name: String,
    /// Its bytes, wiped after use.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// Reads a form whose file comes under the name `file_field`.
///
/// # Errors
/// 403 for what is no such form (it can carry no token), 413 above `bytes_max`, 400 for a broken
/// one.
pub async fn read(
    req: &HttpRequest,
    payload: Payload,
    file_field: &str,
    bytes_max: usize,
) -> Result<(FormBody, UploadedFile), PageError> {
    let kind = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data")) {
        return Err(PageError::Forbidden("a form without its token"));
    }
    let mut parts = Multipart::new(req.headers(), payload);
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut file = None;
    let mut left = FIELDS_BYTES_MAX;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(broken)?;
        let name = part.name().ok_or(PageError::BadRequest("a part without a name"))?.to_owned();
        if name == file_field {
            if file.is_some() {
                return Err(PageError::BadRequest("a second file"));
            }
            let of = part.content_disposition().and_then(|of| of.get_filename());
            let name = base_name(of.unwrap_or_default());
            file = Some(UploadedFile { name, bytes: whole(&mut part, bytes_max).await? });
        } else {
            let bytes = whole(&mut part, left).await?;
            left -= bytes.len();
            let text = std::str::from_utf8(&bytes)
                .map_err(|_| PageError::BadRequest("a field is not UTF-8"))?;
            fields.push((name, text.to_owned()));
        }
    }
    let file = file.ok_or(PageError::BadRequest("no file field"))?;
    Ok((FormBody::from_fields(fields)?, file))
}

async fn whole(part: &mut Field, bytes_max: usize) -> Result<Zeroizing<Vec<u8>>, PageError> {
    let mut bytes = Zeroizing::new(Vec::new());
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(broken)?;
        if bytes.len() + chunk.len() > bytes_max {
            return Err(PageError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn broken(_: MultipartError) -> PageError {
    PageError::BadRequest("a broken multipart form")
}

/// Some browsers send folders, too.
fn base_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    base.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_control_characters_are_no_part_of_a_name() {
        assert_eq!(base_name("C:\\keys\\a.xml"), "a.xml");
        assert_eq!(base_name("/keys/b\r\n.csv"), "b.csv");
        assert_eq!(base_name(&"x".repeat(300)).len(), NAME_MAX);
    }
}
