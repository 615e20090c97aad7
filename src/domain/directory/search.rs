//! Searching banks, or the branches of one: by code, kanji, kana or romaji, as typed. A bank's list
//! has a thousand lines at most, so that each search looks at all of them.

use super::Entry;
use super::fold::{fold_into, folded, is_of_initial, is_roman, kana_sound_into, typed_sound};

/// Longest text looked at; nobody's name is longer.
const TYPED_MAX: usize = 64;

/// How people write out what the list abbreviates, or leaves out.
const ENDS: &[(&str, &str)] = &[
    ("信用農業協同組合連合会", "信連"),
    ("農業協同組合", "農協"),
    ("漁業協同組合", "漁協"),
    ("信用金庫", "信金"),
    ("信用組合", "信組"),
    ("労働金庫", "労金"),
    ("銀行", ""),
    ("支店", ""),
    ("シンヨウキンコ", "シンキン"),
    ("シンヨウクミアイ", "シンクミ"),
    ("ギンコウ", ""),
    ("シテン", ""),
];

/// What to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query<'a> {
    /// Everything.
    All,
    /// What begins with one of these hiragana.
    Initial(&'a str),
    /// What does not begin with any kana.
    NoInitial,
    /// As typed.
    Text(&'a str),
}

/// How well an entry fits; the best comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Exact,
    Beginning,
    Inside,
}

/// The entries that fit, the best first, otherwise in their own order; by initial in order of kana.
#[must_use]
pub fn search<'a>(entries: impl Iterator<Item = Entry<'a>>, query: Query<'_>) -> Vec<Entry<'a>> {
    match query {
        Query::All => entries.collect(),
        Query::Initial(initials) => {
            by_kana(entries.filter(|entry| initials.chars().any(|c| is_of_initial(entry.kana, c))))
        }
        Query::NoInitial => by_kana(entries.filter(|entry| {
            super::ROWS.iter().all(|row| !row.kana.chars().any(|c| is_of_initial(entry.kana, c)))
        })),
        Query::Text(typed) => by_text(entries, typed),
    }
}

fn by_kana<'a>(entries: impl Iterator<Item = Entry<'a>>) -> Vec<Entry<'a>> {
    let mut found: Vec<Entry<'a>> = entries.collect();
    found.sort_by_key(|entry| (entry.kana, entry.code));
    found
}

fn by_text<'a>(entries: impl Iterator<Item = Entry<'a>>, typed: &str) -> Vec<Entry<'a>> {
    let typed: String = typed.chars().take(TYPED_MAX).collect();
    let Some(finder) = Finder::of(&typed) else { return Vec::new() };
    let (mut one, mut other) = (String::new(), String::new());
    let fits = entries.filter_map(|entry| Some((finder.fit(entry, &mut one, &mut other)?, entry)));
    let mut found: Vec<(Fit, Entry<'a>)> = fits.collect();
    // A stable sort: what fits alike stays in its order.
    found.sort_by_key(|(fit, _)| *fit);
    found.into_iter().map(|(_, entry)| entry).collect()
}

enum Finder {
    Code(String),
    /// As typed, and with the end that the list leaves out.
    Name(Vec<String>),
    Sound(Vec<String>, String),
}

impl Finder {
    /// Nothing where nothing was typed that could be looked for.
    fn of(typed: &str) -> Option<Finder> {
        let text = folded(typed);
        if text.is_empty() {
            return None;
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Finder::Code(text));
        }
        let mut names = vec![text.clone()];
        for (long, short) in ENDS {
            if let Some(begin) = text.strip_suffix(long).filter(|begin| !begin.is_empty()) {
                names.push(format!("{begin}{short}"));
            }
        }
        if !is_roman(typed) {
            return Some(Finder::Name(names));
        }
        let sound = typed_sound(typed);
        let bare = ["ginko", "siten"].iter().find_map(|end| sound.strip_suffix(end));
        let sound = bare.filter(|bare| !bare.is_empty()).map(str::to_owned).unwrap_or(sound);
        Some(Finder::Sound(names, sound))
    }

    fn fit(&self, entry: Entry<'_>, name: &mut String, kana: &mut String) -> Option<Fit> {
        match self {
            Finder::Code(code) => {
                fold_into(entry.name, name);
                fit_of(entry.code, code)
                    .filter(|fit| *fit != Fit::Inside)
                    .or_else(|| fit_of(name, code))
            }
            Finder::Name(names) => fit_name(names, entry, name, kana),
            Finder::Sound(names, sound) => {
                let by_name = fit_name(names, entry, name, kana);
                kana_sound_into(entry.kana, kana);
                let by_sound = if sound.is_empty() { None } else { fit_of(kana, sound) };
                [by_name, by_sound].into_iter().flatten().min()
            }
        }
    }
}

fn fit_name(
    names: &[String],
    entry: Entry<'_>,
    name: &mut String,
    kana: &mut String,
) -> Option<Fit> {
    fold_into(entry.name, name);
    fold_into(entry.kana, kana);
    names.iter().flat_map(|wanted| [fit_of(name, wanted), fit_of(kana, wanted)]).flatten().min()
}

fn fit_of(text: &str, wanted: &str) -> Option<Fit> {
    if text == wanted {
        Some(Fit::Exact)
    } else if text.starts_with(wanted) {
        Some(Fit::Beginning)
    } else {
        text.contains(wanted).then_some(Fit::Inside)
    }
}
