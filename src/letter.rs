//! PDF: letters to customers, one calm page each, and lists of any number of pages. Japanese text,
//! the glyphs it needs embedded.
//!
//! The font is read when a letter is made, from a file that the operator names (`letter_font`), so
//! that no font is part of the program. Its licence has to allow embedding.

mod font;
mod page;
mod paper;
mod table;

use std::path::PathBuf;

pub use self::font::LetterFont;
pub use self::page::render;
pub use self::table::{Column, Sheet, render_table};

/// Where Debian's package `fonts-noto-cjk` puts its font (SIL Open Font License).
pub const FONT_DEFAULT: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// The font's file.
    #[error("the font {0}: {1}")]
    Read(PathBuf, std::io::Error),
    /// It is no font, or has no Japanese.
    #[error("the font {0} cannot be used: {1}")]
    Unfit(PathBuf, &'static str),
    /// A page cannot be compressed.
    #[error("a page cannot be compressed: {0}")]
    Compress(std::io::Error),
    /// Its glyphs cannot be taken out.
    #[error("the font cannot be embedded: {0}")]
    Subset(String),
}

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What it is about.
    pub title: String,
    /// The institution.
    pub institution: String,
    /// The portal.
    pub service: String,
    /// The day, as `2026年11月24日`.
    pub date: String,
    /// To whom, without 様.
    pub addressee: String,
    /// The first lines.
    pub lead: String,
    /// Ids, each with its label.
    pub ids: Vec<(String, String)>,
    /// What is told in secret, with its label.
    pub secret: (String, String),
    /// What holds of it, as until when.
    pub secret_note: String,
    /// What to do, step by step.
    pub steps: Vec<String>,
    /// What to mind, at the end.
    pub care: String,
    /// Whom to ask, line by line.
    pub contact: Vec<String>,
}
