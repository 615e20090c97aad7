//! What stands where on a letter.

use super::paper::{HEIGHT, Paper, Style, WIDTH};
use super::{Letter, LetterError, LetterFont};

const LEFT: f32 = 68.0;
const INNER: f32 = WIDTH - 2.0 * LEFT;
const INK: f32 = 0.1;
const QUIET: f32 = 0.4;
const BODY: f32 = 10.5;
const LEADING: f32 = 18.0;
const SMALL: f32 = 9.0;
/// Between the edge of a box and what stands in it.
const INSET: f32 = 18.0;
/// One character of the secret, with its kind below; longer secrets have narrower ones.
const CELL_MAX: f32 = 29.0;
const CELL_GAP: f32 = 3.0;

/// Makes the PDF of a letter.
///
/// # Errors
/// [`LetterError`] for a font that cannot be embedded.
pub fn render(font: &LetterFont, letter: &Letter) -> Result<Vec<u8>, LetterError> {
    let mut paper = Paper::new(font, (WIDTH, HEIGHT))?;
    let y = head(&mut paper, letter);
    let y = told(&mut paper, letter, y);
    let y = steps(&mut paper, letter, y);
    foot(&mut paper, letter, y);
    paper.finish(&letter.title)
}

fn right(paper: &mut Paper<'_>, text: &str, y: f32, size: f32) {
    let x = LEFT + INNER - paper.width(Style::Text, text, size);
    paper.line(Style::Text, text, (x, y), size, QUIET);
}

/// From whom to whom, and about what.
fn head(paper: &mut Paper<'_>, letter: &Letter) -> f32 {
    right(paper, &letter.date, 70.0, SMALL + 1.0);
    right(paper, &letter.institution, 88.0, SMALL + 1.0);
    let name = format!("{} 様", letter.addressee);
    // A long name stays on its line.
    let size = 15.0 * (INNER / paper.width(Style::Text, &name, 15.0).max(INNER));
    paper.line(Style::Text, &name, (LEFT, 112.0), size, INK);
    paper.rule((LEFT, 121.0), paper.width(Style::Text, &name, size).max(INNER * 0.4));
    paper.line(Style::Text, &letter.service, (LEFT, 168.0), SMALL + 1.0, QUIET);
    paper.line(Style::Text, &letter.title, (LEFT, 192.0), 20.0, INK);
    paper.lines(&letter.lead, (LEFT, 224.0), (INNER, BODY, LEADING)) + 4.0
}

/// The ids and the secret, in a box.
fn told(paper: &mut Paper<'_>, letter: &Letter, top: f32) -> f32 {
    let ids_height = letter.ids.iter().map(|_| 44.0).sum::<f32>();
    paper.filled((LEFT, top), (INNER, ids_height + 128.0), 0.955);
    let x = LEFT + INSET;
    let mut y = top + 26.0;
    for (label, id) in &letter.ids {
        paper.line(Style::Text, label, (x, y), SMALL, QUIET);
        paper.line(Style::Code, id, (x, y + 20.0), 15.0, INK);
        y += 44.0;
    }
    let (label, secret) = &letter.secret;
    paper.line(Style::Text, label, (x, y), SMALL, QUIET);
    cells(paper, secret, (x, y + 8.0));
    paper.line(Style::Text, &letter.secret_note, (x, y + 86.0), SMALL, QUIET);
    top + ids_height + 128.0 + 34.0
}

/// Each character in a box of its own, with what kind it is, so that none is mistaken.
fn cells(paper: &mut Paper<'_>, secret: &str, (left, top): (f32, f32)) {
    let count = u16::try_from(secret.chars().count()).unwrap_or(u16::MAX).max(1);
    let cell = CELL_MAX.min((INNER - 2.0 * INSET) / f32::from(count) - CELL_GAP);
    for (place, c) in (0_u16..).zip(secret.chars()) {
        if c == ' ' {
            continue;
        }
        let x = left + f32::from(place) * (CELL_GAP + cell);
        paper.filled((x, top), (cell, 40.0), 1.0);
        let mut middle = |style, text: &str, y: f32, size: f32, gray| {
            let inner = x + (cell - paper.width(style, text, size)) / 2.0;
            paper.line(style, text, (inner, y), size, gray);
        };
        middle(Style::Code, &c.to_string(), top + 28.0, 20.0, INK);
        middle(Style::Text, kind_of(c), top + 52.0, 7.0, QUIET);
    }
}

fn kind_of(c: char) -> &'static str {
    match c {
        'A'..='Z' => "大文字",
        'a'..='z' => "小文字",
        '0'..='9' => "数字",
        _ => "記号",
    }
}

fn steps(paper: &mut Paper<'_>, letter: &Letter, top: f32) -> f32 {
    paper.line(Style::Text, "はじめにしていただくこと", (LEFT, top), 12.5, INK);
    paper.rule((LEFT, top + 8.0), INNER);
    let mut y = top + 32.0;
    for (number, step) in (1..).zip(&letter.steps) {
        paper.line(Style::Text, &format!("{number}."), (LEFT, y), BODY, QUIET);
        y = paper.lines(step, (LEFT + 22.0, y), (INNER - 22.0, BODY, LEADING)) + 5.0;
    }
    paper.lines(&letter.care, (LEFT, y + 6.0), (INNER, BODY, LEADING))
}

fn foot(paper: &mut Paper<'_>, letter: &Letter, top: f32) {
    let mut y = top.max(720.0) + 14.0;
    paper.rule((LEFT, y - 16.0), INNER);
    for line in &letter.contact {
        paper.line(Style::Text, line, (LEFT, y), SMALL + 0.5, INK);
        y += 15.0;
    }
}
