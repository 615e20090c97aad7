//! House rules that the compiler does not know: floors, sizes, banned words, parity of migrations.
//!
//! Every rule is a pure function from files to a list of places, so that each can be shown to fail
//! (module `self_tests`). A failing rule prints one line per place and what to do instead.

#![allow(clippy::indexing_slicing, clippy::expect_used, reason = "a test may panic")]

#[path = "tidy/source.rs"]
mod source;

use source::{File, blank_tests, body_end, files, is_test_path, is_word, line_of, strip};

const FILE_LINES_MAX: usize = 600;
const TEMPLATE_LINES_MAX: usize = 150;
const FUNCTION_LINES_MAX: usize = 70;
const COLUMNS_MAX: usize = 100;

fn sources() -> Vec<File> {
    files("src", &["rs"])
}

fn templates() -> Vec<File> {
    files("templates", &["html", "txt"])
}

fn rust_and_scripts() -> Vec<File> {
    let folders = [("src", "rs"), ("tests", "rs"), ("benches", "rs"), ("tests/browser", "ts")];
    folders.iter().flat_map(|(folder, end)| files(folder, &[end])).collect()
}

#[track_caller]
fn assert_none(rule: &str, places: Vec<String>) {
    assert!(places.is_empty(), "{rule}\n  {}\n", places.join("\n  "));
}

/// Places where `word` stands in `text`, not as part of a longer word.
fn word_places(text: &str, word: &str) -> Vec<usize> {
    let starts_word = word.starts_with(is_word);
    let ends_word = word.ends_with(is_word);
    let is_whole = |at: usize| {
        let before = text[..at].chars().next_back().is_some_and(is_word);
        let after = text[at + word.len()..].chars().next().is_some_and(is_word);
        !(starts_word && before || ends_word && after)
    };
    text.match_indices(word).map(|(at, _)| at).filter(|&at| is_whole(at)).collect()
}

fn banned(file: &File, text: &str, words: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for word in words {
        for at in word_places(text, word) {
            places.push(format!("{}:{}: {word}", file.path, line_of(text, at)));
        }
    }
    places
}

// Floors.

fn floor(module: &str) -> Option<u8> {
    Some(match module {
        "main" | "startup" => 6,
        "web" | "jobs" | "cli" => 5,
        "operations" => 4,
        "db" | "mail" | "zengin" | "keyfile" | "letter" | "scenario" => 3,
        "domain" => 2,
        "primitives" | "schema" | "config" => 1,
        _ => return None,
    })
}

fn module_of(path: &str) -> &str {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs")
}

/// Top modules of this crate that the code names, with the place of each.
fn imports(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for root in ["crate::", "madoguchi::"] {
        for at in word_places(code, root) {
            let rest = code[at + root.len()..].trim_start();
            let names = match rest.strip_prefix('{') {
                Some(group) => group_names(group),
                None => vec![rest.chars().take_while(|&c| is_word(c)).collect()],
            };
            found.extend(names.into_iter().map(|name| (at, name)));
        }
    }
    found
}

/// First names of a use group: `a::B, c::{D, E}}` gives a and c.
fn group_names(group: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let (mut depth, mut in_name) = (0, true);
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(String::new());
                in_name = true;
            }
            ':' => in_name = false,
            c if depth == 0 && in_name && is_word(c) => {
                if let Some(name) = names.last_mut() {
                    name.push(c);
                }
            }
            _ => {}
        }
    }
    names
}

fn upward_imports(files: &[File]) -> Vec<String> {
    let mut places = Vec::new();
    for file in files {
        let own = module_of(&file.path);
        let Some(own_floor) = floor(own) else {
            continue;
        };
        let code = file.live_code();
        for (at, other) in imports(&code) {
            let Some(other_floor) = floor(&other) else {
                continue;
            };
            let siblings = matches!(own_floor, 3 | 5) && own_floor == other_floor && own != other;
            if other_floor > own_floor || siblings {
                places.push(format!("{}:{}: {own} uses {other}", file.path, line_of(&code, at)));
            }
        }
    }
    places
}

fn modules_without_floor(files: &[File]) -> Vec<String> {
    let known = |path: &str| path == "src/lib.rs" || floor(module_of(path)).is_some();
    files.iter().map(|file| file.path.clone()).filter(|path| !known(path)).collect()
}

#[test]
fn imports_go_downwards() {
    let rule = "a floor imports only lower floors, and siblings of floors 3 and 5 not each other:";
    assert_none(rule, upward_imports(&sources()));
    let rule = "every file of src/ stands on a floor (see `floor` in tests/tidy.rs):";
    assert_none(rule, modules_without_floor(&sources()));
}

// Who may use which library.

/// What `domain` and `primitives` may name of diesel: derives, and the conversions they rest on.
const DIESEL_DERIVES: [&str; 16] = [
    "AsChangeset",
    "AsExpression",
    "Associations",
    "FromSqlRow",
    "HasQuery",
    "Identifiable",
    "Insertable",
    "Queryable",
    "QueryableByName",
    "Selectable",
    "backend",
    "deserialize",
    "expression",
    "prelude::Queryable",
    "serialize",
    "sql_types",
];

fn queries_outside_db(files: &[File]) -> Vec<String> {
    let mut places = Vec::new();
    let own = ["src/db/", "src/db.rs", "src/schema.rs", "src/schema/"];
    for file in files.iter().filter(|file| !file.is_in(&own)) {
        let code = file.live_code();
        let derives = file.is_in(&["src/domain", "src/primitives"]);
        for at in word_places(&code, "diesel::") {
            let rest = &code[at + "diesel::".len()..];
            if !(derives && DIESEL_DERIVES.iter().any(|name| rest.starts_with(name))) {
                let name: String = rest.chars().take_while(|&c| is_word(c)).collect();
                places.push(format!("{}:{}: diesel::{name}", file.path, line_of(&code, at)));
            }
        }
        let traits = ["QueryDsl", "RunQueryDsl", "ExpressionMethods", "diesel_migrations"];
        places.extend(banned(file, &code, &traits));
    }
    places
}

#[test]
fn only_db_writes_queries() {
    let rule = "queries stand in src/db/ (domain types may carry derives only):";
    assert_none(rule, queries_outside_db(&sources()));
}

fn web_libraries_elsewhere(files: &[File]) -> Vec<String> {
    let wiring = ["src/web/", "src/web.rs", "src/main.rs", "src/startup.rs", "src/startup/"];
    let pages = ["src/web/", "src/web.rs", "src/mail/", "src/mail.rs"];
    let mut places = Vec::new();
    for file in files {
        let code = file.live_code();
        if !file.is_in(&wiring) {
            places.extend(banned(file, &code, &["actix_web", "actix_session"]));
        }
        if !file.is_in(&pages) {
            places.extend(banned(file, &code, &["askama", "askama_web"]));
        }
    }
    places
}

#[test]
fn only_web_knows_http_and_pages() {
    let rule = "actix belongs to src/web/ (wired in startup), askama to src/web/ and src/mail/:";
    assert_none(rule, web_libraries_elsewhere(&sources()));
}

fn portals_in_code(files: &[File]) -> Vec<String> {
    let slugs = ["shirakaba", "kodama", "minori", "inaho", "aoba"];
    let live = files.iter().filter(|f| !is_test_path(&f.path) && !f.path.contains("demo"));
    live.flat_map(|file| {
        let code = blank_tests(&strip(&file.text, true));
        // The list of the profiles built in has to name their files.
        let code: Vec<&str> =
            code.lines().map(|line| if line.contains(".toml\"") { "" } else { line }).collect();
        banned(file, &code.join("\n"), &slugs)
    })
    .collect()
}

#[test]
fn institutions_differ_in_data() {
    let rule = "no portal is named in code (put the difference into its profile):";
    assert_none(rule, portals_in_code(&sources()));
}

// Sizes.

fn long_files(files: &[File], max: usize) -> Vec<String> {
    let sizes = files.iter().map(|file| (&file.path, file.text.lines().count()));
    sizes.filter(|(_, n)| *n > max).map(|(path, n)| format!("{path}: {n} lines")).collect()
}

fn wide_lines(files: &[File]) -> Vec<String> {
    let mut places = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            let width = line.chars().count();
            if width > COLUMNS_MAX {
                places.push(format!("{}:{}: {width} columns", file.path, number + 1));
            }
        }
    }
    places
}

fn long_functions(files: &[File]) -> Vec<String> {
    let mut places = Vec::new();
    for file in files {
        let code = file.code();
        for at in word_places(&code, "fn") {
            let name: String =
                code[at + 2..].trim_start().chars().take_while(|&c| is_word(c)).collect();
            // `fn(..)` without a name is a type.
            let Some(end) = body_end(&code, at).filter(|_| !name.is_empty()) else {
                continue;
            };
            let lines = line_of(&code, end) - line_of(&code, at) + 1;
            if lines > FUNCTION_LINES_MAX {
                places.push(format!("{}:{}: {name}, {lines} lines", file.path, line_of(&code, at)));
            }
        }
    }
    places
}

#[test]
fn files_fit_on_a_few_screens() {
    assert_none("a file has at most 600 lines:", long_files(&rust_and_scripts(), FILE_LINES_MAX));
    assert_none("a template has at most 150 lines:", long_files(&templates(), TEMPLATE_LINES_MAX));
}

// Not in templates: a line break within running text would show as a space.
#[test]
fn lines_have_at_most_100_columns() {
    assert_none("a line has at most 100 columns:", wide_lines(&rust_and_scripts()));
}

#[test]
fn functions_fit_on_a_screen() {
    let rust: Vec<File> =
        rust_and_scripts().into_iter().filter(|file| file.path.ends_with(".rs")).collect();
    assert_none("a function has at most 70 lines:", long_functions(&rust));
}

// Migrations and templates.

fn migrations_for_one_only(sqlite: &[File], postgres: &[File]) -> Vec<String> {
    let names = |files: &[File], folder: &str| -> Vec<String> {
        files.iter().map(|file| file.path.replacen(folder, "", 1)).collect()
    };
    let left = names(sqlite, "migrations/sqlite/");
    let right = names(postgres, "migrations/postgres/");
    let only = |a: &[String], b: &[String], which: &str| -> Vec<String> {
        a.iter().filter(|n| !b.contains(n)).map(|n| format!("{n}: only for {which}")).collect()
    };
    [only(&left, &right, "SQLite"), only(&right, &left, "PostgreSQL")].concat()
}

#[test]
fn migrations_exist_for_both_databases() {
    let places = migrations_for_one_only(
        &files("migrations/sqlite", &["sql"]),
        &files("migrations/postgres", &["sql"]),
    );
    assert_none("each migration exists for both databases, under one name:", places);
}

/// A template is used if the code or another template names its path in quotes.
fn unused_templates(templates: &[File], sources: &[File]) -> Vec<String> {
    let is_used = |template: &File| {
        let name = template.path.replacen("templates/", "", 1);
        let quoted = format!("\"{name}\"");
        let others = templates.iter().filter(|other| other.path != template.path);
        sources.iter().chain(others).any(|file| file.text.contains(&quoted))
    };
    templates.iter().filter(|t| !is_used(t)).map(|t| t.path.clone()).collect()
}

#[test]
fn every_template_is_used() {
    assert_none("no code or template names:", unused_templates(&templates(), &sources()));
}

fn unescaped_output(templates: &[File]) -> Vec<String> {
    let mut places = Vec::new();
    for file in templates {
        for (number, line) in file.text.lines().enumerate() {
            let squeezed: String = line.chars().filter(|c| !c.is_whitespace()).collect();
            if !word_places(&squeezed, "|safe").is_empty() || squeezed.contains("|escape(\"none\"")
            {
                places.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    places
}

#[test]
fn templates_escape_everything() {
    assert_none("templates never switch escaping off:", unescaped_output(&templates()));
}

/// Style and script in a page, which the content security policy would refuse.
fn inline_code(templates: &[File]) -> Vec<String> {
    let mut places = Vec::new();
    for file in templates.iter().filter(|file| file.path.ends_with(".html")) {
        for (at, _) in file.text.match_indices('<') {
            let tag = file.text[at..].split('>').next().unwrap_or_default().to_lowercase();
            let bare_script = tag.starts_with("<script") && !tag.contains(" src=");
            let attributes = tag.split_whitespace().skip(1);
            let bad_attribute =
                attributes.filter_map(|word| word.split_once('=')).any(|(name, value)| {
                    name == "style" || name.starts_with("on") || value.contains("javascript:")
                });
            if bare_script || tag.starts_with("<style") || bad_attribute {
                places.push(format!("{}:{}: {tag}>", file.path, line_of(&file.text, at)));
            }
        }
    }
    places
}

#[test]
fn templates_have_no_inline_style_or_script() {
    assert_none("style and script belong into static/:", inline_code(&templates()));
}

// Words.

fn clock_reads(files: &[File]) -> Vec<String> {
    let words = ["Utc::now", "Local::now", "SystemTime::now"];
    let readers = files.iter().filter(|file| !file.is_in(&["src/primitives/clock.rs"]));
    readers.flat_map(|file| banned(file, &file.live_code(), &words)).collect()
}

fn database_clocks(migrations: &[File]) -> Vec<String> {
    let words = ["current_timestamp", "now()", "'now'", "localtimestamp"];
    let lower = |file: &File| file.text.to_lowercase();
    migrations.iter().flat_map(|file| banned(file, &lower(file), &words)).collect()
}

#[test]
fn only_the_clock_reads_the_time() {
    let rule = "the time comes in as an argument; src/primitives/clock.rs alone reads it:";
    assert_none(rule, clock_reads(&sources()));
    assert_none("the database reads no clock:", database_clocks(&files("migrations", &["sql"])));
}

fn panics(files: &[File]) -> Vec<String> {
    let words = [".unwrap(", ".expect(", "panic!(", "todo!(", "unimplemented!("];
    files.iter().flat_map(|file| banned(file, &file.live_code(), &words)).collect()
}

#[test]
fn live_code_does_not_panic() {
    assert_none("return an error instead of:", panics(&sources()));
}

fn unfinished(files: &[File]) -> Vec<String> {
    // Put together here, so that this file does not accuse itself.
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    files.iter().flat_map(|file| banned(file, &file.text, &words)).collect()
}

#[test]
fn nothing_is_left_for_later() {
    let all = [rust_and_scripts(), templates(), files("migrations", &["sql"])].concat();
    assert_none("finish it, or put it into an issue:", unfinished(&all));
}

#[test]
fn mutants_still_apply() {
    let said = std::process::Command::new("bin/mutants").arg("--check").output().expect("runs");
    let text = String::from_utf8_lossy(&said.stdout).lines().map(str::to_owned).collect();
    assert_none("mend these lines of bin/mutants, which show nothing any more:", text);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

#[path = "tidy/self_tests.rs"]
mod self_tests;
