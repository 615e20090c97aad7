//! A list as PDF: its facts on the first page, its columns named on each, one line a row.

use super::paper::{HEIGHT, Paper, Style, WIDTH};
use super::{LetterError, LetterFont};

const MARGIN: f32 = 42.0;
const INK: f32 = 0.1;
const QUIET: f32 = 0.4;
const TITLE: f32 = 15.0;
const SMALL: f32 = 8.0;
const BODY: f32 = 8.5;
/// Text that does not fit becomes smaller, down to this, and is cut then.
const LEAST: f32 = 6.0;
const LEADING: f32 = 15.0;
/// Free on both sides of a cell.
const INSET: f32 = 3.0;
const CUT: char = '…';

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its heading.
    pub label: &'static str,
    /// Its part of the width, beside the other columns' parts.
    pub share: u16,
    /// Whether it is a number: set flush right.
    pub is_number: bool,
}

/// A list.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// What it is.
    pub title: String,
    /// The institution.
    pub institution: String,
    /// When it was made.
    pub made_at: String,
    /// Whether pages lie across.
    pub is_wide: bool,
    /// What it is about, each with its label.
    pub facts: Vec<(String, String)>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows: as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// A column in points.
struct Place {
    left: f32,
    width: f32,
    is_number: bool,
}

/// Makes the PDF of a list.
///
/// # Errors
/// [`LetterError`] for a font that cannot be embedded.
pub fn render_table(font: &LetterFont, sheet: &Sheet) -> Result<Vec<u8>, LetterError> {
    let size = if sheet.is_wide { (HEIGHT, WIDTH) } else { (WIDTH, HEIGHT) };
    let mut paper = Paper::new(font, size)?;
    let places = places(&sheet.columns, size.0);
    let mut y = facts(&mut paper, sheet, size.0);
    let mut page = 1;
    headings(&mut paper, sheet, &places, &mut y);
    for row in &sheet.rows {
        if y > size.1 - MARGIN - LEADING {
            foot(&mut paper, sheet, size, page);
            paper.turn()?;
            page += 1;
            y = MARGIN + LEADING;
            headings(&mut paper, sheet, &places, &mut y);
        }
        for (cell, place) in row.iter().zip(&places) {
            put(&mut paper, cell, place, y, INK);
        }
        paper.rule((MARGIN, y + 4.5), size.0 - 2.0 * MARGIN);
        y += LEADING;
    }
    foot(&mut paper, sheet, size, page);
    paper.finish(&sheet.title)
}

fn places(columns: &[Column], width: f32) -> Vec<Place> {
    let all: f32 = columns.iter().map(|column| f32::from(column.share)).sum();
    let inner = width - 2.0 * MARGIN;
    let mut left = MARGIN;
    let place = |column: &Column| {
        let width = inner * f32::from(column.share) / all.max(1.0);
        let place = Place { left, width, is_number: column.is_number };
        left += width;
        place
    };
    columns.iter().map(place).collect()
}

/// Title and facts; the base of the first line below.
fn facts(paper: &mut Paper<'_>, sheet: &Sheet, width: f32) -> f32 {
    let mut y = MARGIN + TITLE;
    paper.line(Style::Text, &sheet.title, (MARGIN, y), TITLE, INK);
    let right = width - MARGIN - paper.width(Style::Text, &sheet.institution, SMALL);
    paper.line(Style::Text, &sheet.institution, (right, y), SMALL, QUIET);
    y += 22.0;
    for (label, value) in &sheet.facts {
        paper.line(Style::Text, label, (MARGIN, y), SMALL, QUIET);
        let place =
            Place { left: MARGIN + 100.0, width: width - 2.0 * MARGIN - 100.0, is_number: false };
        put(paper, value, &place, y, INK);
        y += 13.0;
    }
    y + 12.0
}

fn headings(paper: &mut Paper<'_>, sheet: &Sheet, places: &[Place], y: &mut f32) {
    let width = places.iter().map(|place| place.width).sum();
    paper.filled((MARGIN, *y - 10.5), (width, LEADING), 0.93);
    for (column, place) in sheet.columns.iter().zip(places) {
        put(paper, column.label, place, *y, QUIET);
    }
    *y += LEADING;
}

fn foot(paper: &mut Paper<'_>, sheet: &Sheet, (width, height): (f32, f32), page: usize) {
    let y = height - MARGIN + 18.0;
    paper.line(Style::Text, &sheet.made_at, (MARGIN, y), SMALL, QUIET);
    let number = format!("{page}ページ");
    let right = width - MARGIN - paper.width(Style::Text, &number, SMALL);
    paper.line(Style::Text, &number, (right, y), SMALL, QUIET);
}

/// A cell on its line.
fn put(paper: &mut Paper<'_>, text: &str, place: &Place, y: f32, gray: f32) {
    let room = place.width - 2.0 * INSET;
    let wide = paper.width(Style::Text, text, BODY);
    let size = (BODY * room / wide.max(room)).max(LEAST);
    let text = fitting(paper, text, size, room);
    let left = match place.is_number {
        true => place.left + place.width - INSET - paper.width(Style::Text, &text, size),
        false => place.left + INSET,
    };
    paper.line(Style::Text, &text, (left, y), size, gray);
}

/// As much of a text as there is room for.
fn fitting(paper: &Paper<'_>, text: &str, size: f32, room: f32) -> String {
    // What was made smaller to fit is as wide as the room, or so near that it does not matter.
    if paper.width(Style::Text, text, size) <= room * 1.01 {
        return text.to_owned();
    }
    let mut fit = String::new();
    let mut width = paper.width(Style::Text, CUT.encode_utf8(&mut [0; 4]), size);
    for c in text.chars() {
        width += paper.width(Style::Text, c.encode_utf8(&mut [0; 4]), size);
        if width > room {
            break;
        }
        fit.push(c);
    }
    fit.push(CUT);
    fit
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::letter::FONT_DEFAULT;

    fn sheet(rows: usize) -> Sheet {
        let column = |label, share, is_number| Column { label, share, is_number };
        Sheet {
            title: "明細一覧".to_owned(),
            institution: "あおば信用金庫".to_owned(),
            made_at: "2026年11月24日 12:00".to_owned(),
            is_wide: false,
            facts: vec![("データ名".to_owned(), "11月分給与".to_owned())],
            columns: vec![column("番号", 1, true), column("名義", 3, false)],
            rows: (1..=rows).map(|no| vec![no.to_string(), "ヤマダ タロウ".repeat(no)]).collect(),
        }
    }

    #[test]
    fn a_page_is_turned_where_it_is_full_and_long_texts_are_cut() {
        let font = LetterFont::read(Path::new(FONT_DEFAULT)).unwrap();
        for (rows, pages) in [(0, 1), (40, 1), (60, 2), (130, 3)] {
            let pdf = render_table(&font, &sheet(rows)).unwrap();
            let text = String::from_utf8_lossy(&pdf);
            assert!(text.contains(&format!("/Count {pages}")), "{rows}");
        }
        let paper = Paper::new(&font, (WIDTH, HEIGHT)).unwrap();
        let text = "ヤマダ".repeat(40);
        let cut = fitting(&paper, &text, LEAST, 100.0);
        assert!(cut.ends_with(CUT) && paper.width(Style::Text, &cut, LEAST) <= 100.0, "{cut}");
        assert_eq!(fitting(&paper, "ヤマダ", LEAST, 100.0), "ヤマダ");
    }
}
