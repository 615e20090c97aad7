//! Forms with a file (`multipart/form-data`), the fields as strictly as those of other forms, the
//! file apart from them: read whole, at most so many bytes ([`read`]), or the file as it comes
//! ([`open`]), after the fields were looked at.

use std::pin::Pin;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Payload};
use futures_util::{Stream, StreamExt, stream};
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
    read_long(req, payload, file_field, (bytes_max, FIELDS_BYTES_MAX)).await
}

/// [`read`], with so many bytes at most for the fields.
///
/// # Errors
/// As [`read`].
pub async fn read_long(
    req: &HttpRequest,
    payload: Payload,
    file_field: &str,
    (bytes_max, fields_max): (usize, usize),
) -> Result<(FormBody, UploadedFile), PageError> {
    let mut parts = parts_of(req, payload)?;
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut file = None;
    let mut left = fields_max;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(broken)?;
        let name = part.name().ok_or(PageError::BadRequest("a part without a name"))?.to_owned();
        if name == file_field {
            if file.is_some() {
                return Err(PageError::BadRequest("a second file"));
            }
            let name = name_of(&part);
            file = Some(UploadedFile { name, bytes: whole(&mut part, bytes_max).await? });
        } else {
            fields.push((name, text_of(&mut part, &mut left).await?));
        }
    }
    let file = file.ok_or(PageError::BadRequest("no file field"))?;
    Ok((FormBody::from_fields(fields)?, file))
}

fn parts_of(req: &HttpRequest, payload: Payload) -> Result<Multipart, PageError> {
    let kind = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data")) {
        return Err(PageError::Forbidden("a form without its token"));
    }
    Ok(Multipart::new(req.headers(), payload))
}

fn name_of(part: &Field) -> String {
    let of = part.content_disposition().and_then(|of| of.get_filename());
    base_name(of.unwrap_or_default())
}

async fn text_of(part: &mut Field, left: &mut usize) -> Result<String, PageError> {
    let bytes = whole(part, *left).await?;
    *left -= bytes.len();
    let text =
        std::str::from_utf8(&bytes).map_err(|_| PageError::BadRequest("a field is not UTF-8"))?;
    Ok(text.to_owned())
}

/// The upload broke off, or went on behind its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokenUpload;

/// A file whose bytes are still to come.
pub struct ComingFile {
    /// Its name, without folders; empty where none was chosen.
    pub name: String,
    /// Its bytes. Behind them nothing may come.
    pub pieces: Pin<Box<dyn Stream<Item = Result<Bytes, BrokenUpload>>>>,
}

/// Reads the fields of a form whose last part is the file `file_field`, and leaves the file to
/// come: so nothing of it is looked at before the fields are known.
///
/// # Errors
/// As [`read`]; 400 for a form without the file.
pub async fn open(
    req: &HttpRequest,
    payload: Payload,
    file_field: &str,
) -> Result<(FormBody, ComingFile), PageError> {
    let mut parts = parts_of(req, payload)?;
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut left = FIELDS_BYTES_MAX;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(broken)?;
        let name = part.name().ok_or(PageError::BadRequest("a part without a name"))?.to_owned();
        if name == file_field {
            let file =
                ComingFile { name: name_of(&part), pieces: Box::pin(pieces(parts, part).fuse()) };
            return Ok((FormBody::from_fields(fields)?, file));
        }
        fields.push((name, text_of(&mut part, &mut left).await?));
    }
    Err(PageError::BadRequest("no file field"))
}

fn pieces(
    parts: Multipart,
    part: Field,
) -> impl Stream<Item = Result<Bytes, BrokenUpload>> + 'static {
    stream::unfold(Some((parts, part)), |open| async move {
        let (mut parts, mut part) = open?;
        match part.next().await {
            Some(Ok(bytes)) => Some((Ok(bytes), Some((parts, part)))),
            Some(Err(_)) => Some((Err(BrokenUpload), None)),
            None => {
                // The form has to end here; it goes on only when nobody holds the part before.
                drop(part);
                parts.next().await.map(|_| (Err(BrokenUpload), None))
            }
        }
    })
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
