//! The files of the tree, and enough of Rust's grammar to tell code from comments and literals.

use std::fs;
use std::path::Path;

/// A file of the tree: path from the root with `/`, and its text.
#[derive(Clone)]
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// The code without comments and the contents of literals, line numbers kept.
    pub fn code(&self) -> String {
        strip(&self.text, false)
    }

    /// As `code`, with `#[cfg(test)]` items blanked; empty for files that are tests as a whole.
    pub fn live_code(&self) -> String {
        if is_test_path(&self.path) { String::new() } else { blank_tests(&self.code()) }
    }

    pub fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }
}

pub fn is_test_path(path: &str) -> bool {
    path.starts_with("tests/") || path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// All files below `folder` with one of the extensions, sorted; a missing folder has none.
pub fn files(folder: &str, extensions: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), folder, extensions, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn walk(folder: &Path, name: &str, extensions: &[&str], found: &mut Vec<File>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.map(|entry| entry.expect("a folder entry can be read")) {
        let file_name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{name}/{file_name}");
        if entry.path().is_dir() {
            if file_name != "node_modules" && file_name != "out" {
                walk(&entry.path(), &path, extensions, found);
            }
        } else if extensions.iter().any(|end| file_name.ends_with(&format!(".{end}"))) {
            let text = fs::read_to_string(entry.path()).expect("a text file is UTF-8");
            found.push(File { path, text });
        }
    }
}

/// Blanks comments, and the contents of literals too unless `keep_strings`.
pub fn strip(text: &str, keep_strings: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let (end, is_comment) = match skipped(&chars, at) {
            Some(found) => found,
            None => (at + 1, false),
        };
        let is_literal = end > at + 1 && !is_comment;
        for &c in &chars[at..end] {
            let kept = c == '\n' || !(is_comment || is_literal && !keep_strings);
            out.push(if kept { c } else { ' ' });
        }
        at = end;
    }
    out
}

/// The end of the comment (`true`) or literal (`false`) that starts at `at`, if one does.
fn skipped(chars: &[char], at: usize) -> Option<(usize, bool)> {
    let get = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let in_word = at > 0 && is_word(get(at - 1));
    match get(at) {
        '/' if get(at + 1) == '/' => {
            let line = chars[at..].iter().position(|&c| c == '\n');
            Some((line.map_or(chars.len(), |n| at + n), true))
        }
        '/' if get(at + 1) == '*' => Some((block_comment_end(chars, at), true)),
        '"' => Some((quoted_end(chars, at + 1, '"'), false)),
        'r' if !in_word || get(at - 1) == 'b' => raw_string_end(chars, at).map(|end| (end, false)),
        '\'' if get(at + 1) == '\\' => Some((quoted_end(chars, at + 1, '\''), false)),
        '\'' if get(at + 2) == '\'' => Some((at + 3, false)),
        _ => None,
    }
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn quoted_end(chars: &[char], mut at: usize, quote: char) -> usize {
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            c if c == quote => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

fn raw_string_end(chars: &[char], start: usize) -> Option<usize> {
    let hashes = chars[start + 1..].iter().take_while(|&&c| c == '#').count();
    let open = start + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let length = chars[open + 1..].windows(close.len()).position(|part| part == close)?;
    Some(open + 1 + length + close.len())
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Byte index after the brace that closes the first one at or after `from`; `None` if a `;` is
/// met first (a declaration without body).
pub fn body_end(code: &str, from: usize) -> Option<usize> {
    let (mut depth, mut brackets) = (0_i32, 0_i32);
    for (offset, c) in code[from..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            '[' | '(' => brackets += 1,
            ']' | ')' => brackets -= 1,
            ';' if depth == 0 && brackets == 0 => return None,
            _ => {}
        }
        if c == '}' && depth == 0 {
            return Some(from + offset + 1);
        }
    }
    None
}

pub fn blank_tests(code: &str) -> String {
    let mut out = code.to_string();
    let mark = "#[cfg(test)]";
    let mut from = 0;
    while let Some(start) = out[from..].find(mark).map(|n| from + n) {
        let end = body_end(&out, start + mark.len()).unwrap_or(start + mark.len());
        let blank: String =
            out[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        from = start + blank.len();
        out.replace_range(start..end, &blank);
    }
    out
}

pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}
