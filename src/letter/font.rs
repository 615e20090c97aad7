//! The font of letters: one face for text, one of equal width for what is typed off.

use std::path::{Path, PathBuf};

use ttf_parser::{Face, fonts_in_collection, name_id};

use super::LetterError;

/// A face, and whether it draws characters as Japan does.
type Found = Option<(u32, bool)>;

/// A font's file and which of its faces are used.
pub struct LetterFont {
    data: Vec<u8>,
    path: PathBuf,
    text: u32,
    code: u32,
}

impl LetterFont {
    /// Reads a font's file, plain or a collection.
    ///
    /// # Errors
    /// [`LetterError`]: no such file, no font, no Japanese in it.
    pub fn read(path: &Path) -> Result<LetterFont, LetterError> {
        let data =
            std::fs::read(path).map_err(|error| LetterError::Read(path.to_owned(), error))?;
        let count = fonts_in_collection(&data).unwrap_or(1);
        let (mut text, mut code): (Found, Found) = (None, None);
        for index in 0..count {
            let Ok(face) = Face::parse(&data, index) else { continue };
            if face.glyph_index('様').is_none() || face.glyph_index('A').is_none() {
                continue;
            }
            // Where the same characters are drawn as several countries write them: Japan's.
            let names = names(&face);
            let is_japanese = names.contains("JP") || count == 1;
            let slot = if names.contains("Mono") { &mut code } else { &mut text };
            if slot.is_none_or(|(_, was_japanese)| is_japanese && !was_japanese) {
                *slot = Some((index, is_japanese));
            }
        }
        let (text, code) = (text.or(code), code.or(text));
        match (text, code) {
            (Some((text, _)), Some((code, _))) => {
                Ok(LetterFont { data, path: path.to_owned(), text, code })
            }
            _ => Err(LetterError::Unfit(path.to_owned(), "it has no Japanese characters")),
        }
    }

    /// The face for text.
    pub(super) fn text(&self) -> Result<(Face<'_>, u32), LetterError> {
        self.face(self.text)
    }

    /// The face for ids and passwords.
    pub(super) fn code(&self) -> Result<(Face<'_>, u32), LetterError> {
        self.face(self.code)
    }

    /// The whole file.
    pub(super) fn data(&self) -> &[u8] {
        &self.data
    }

    fn face(&self, index: u32) -> Result<(Face<'_>, u32), LetterError> {
        let unfit = |_| LetterError::Unfit(self.path.clone(), "it cannot be read");
        Ok((Face::parse(&self.data, index).map_err(unfit)?, index))
    }
}

fn names(face: &Face<'_>) -> String {
    let wanted = [name_id::FAMILY, name_id::FULL_NAME, name_id::TYPOGRAPHIC_FAMILY];
    let names = face.names().into_iter().filter(|name| wanted.contains(&name.name_id));
    names.filter_map(|name| name.to_string()).collect::<Vec<_>>().join(" ")
}
