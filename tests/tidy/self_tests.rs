//! Each rule shown to fail on a planted fault, and to pass beside it.

use super::*;

fn file(path: &str, text: &str) -> File {
    File { path: path.to_string(), text: text.to_string() }
}

fn one(path: &str, text: &str) -> Vec<File> {
    vec![file(path, text)]
}

#[test]
fn strip_knows_comments_and_literals() {
    let text = "a // b\n/* c /* d */ e */ f \"g\\\"h\" r#\"i\"j\"# 'k' '\\'' &'l m";
    let words: Vec<String> = strip(text, false).split_whitespace().map(String::from).collect();
    assert_eq!(words, ["a", "f", "&'l", "m"]);
    let words: Vec<String> = strip(text, true).split_whitespace().map(String::from).collect();
    assert_eq!(words, ["a", "f", "\"g\\\"h\"", "r#\"i\"j\"#", "'k'", "'\\''", "&'l", "m"]);
}

#[test]
fn strip_keeps_line_numbers() {
    let text = "/* 1\n2 */\n\"3\n4\"\nfive";
    assert_eq!(line_of(&strip(text, false), strip(text, false).find("five").unwrap_or(0)), 5);
}

#[test]
fn test_modules_are_not_live() {
    let code =
        "fn a() { x.unwrap() }\n#[cfg(test)]\nmod tests { fn b() { y.unwrap() } }\nfn c() {}";
    let live = file("src/db/a.rs", code).live_code();
    assert!(live.contains("x.unwrap()") && live.contains("fn c()") && !live.contains("y.unwrap"));
    assert_eq!(file("src/db/tests.rs", code).live_code(), "");
}

#[test]
fn floors_are_kept() {
    let bad = [
        ("src/domain/a.rs", "use crate::db::X;"),
        ("src/db/a.rs", "use crate::{domain::Y, mail::Z};"),
        ("src/web/a/b.rs", "fn f() { crate::jobs::run() }"),
        ("src/keyfile.rs", "use crate::zengin;"),
        ("src/startup.rs", "use crate::main;\nuse crate::web;"),
        ("src/primitives/a.rs", "use crate::domain::{B, C};"),
    ];
    for (path, text) in bad {
        let expected = usize::from(path != "src/startup.rs");
        assert_eq!(upward_imports(&one(path, text)).len(), expected, "{path}");
    }
    let good = "use crate::db::{X, queries};\nuse crate::{domain::A, primitives::{B, web}};";
    assert_eq!(upward_imports(&one("src/operations/a.rs", good)), Vec::<String>::new());
    let in_words = "// crate::web\nlet s = \"crate::web\";";
    assert_eq!(upward_imports(&one("src/domain/a.rs", in_words)), Vec::<String>::new());
    assert_eq!(modules_without_floor(&one("src/helpers/a.rs", "")), ["src/helpers/a.rs"]);
    assert!(modules_without_floor(&one("src/lib.rs", "")).is_empty());
}

#[test]
fn group_names_are_the_outer_ones() {
    assert_eq!(group_names("a::B, c::{D, e::F}, g};  h"), ["a", "c", "g"]);
}

#[test]
fn queries_stay_in_db() {
    let derive = "#[derive(diesel::Queryable)]\nstruct A;";
    let query = "use diesel::prelude::*;";
    assert!(queries_outside_db(&one("src/domain/a.rs", derive)).is_empty());
    assert!(queries_outside_db(&one("src/db/queries/a.rs", query)).is_empty());
    assert_eq!(queries_outside_db(&one("src/web/a.rs", derive)).len(), 1);
    assert_eq!(queries_outside_db(&one("src/domain/a.rs", query)).len(), 1);
    let call = "diesel::update(a).execute(c)";
    assert_eq!(queries_outside_db(&one("src/operations/a.rs", call)).len(), 1);
}

#[test]
fn web_libraries_stay_in_web() {
    let text = "use actix_web::web;\nuse askama::Template;";
    assert!(web_libraries_elsewhere(&one("src/web/a.rs", text)).is_empty());
    assert_eq!(web_libraries_elsewhere(&one("src/operations/a.rs", text)).len(), 2);
    assert_eq!(web_libraries_elsewhere(&one("src/mail/a.rs", text)).len(), 1);
    assert_eq!(web_libraries_elsewhere(&one("src/startup.rs", text)).len(), 1);
}

#[test]
fn portals_are_not_named() {
    let text = "// as in minori\nif slug == \"minori\" {}";
    assert_eq!(portals_in_code(&one("src/web/a.rs", text)), ["src/web/a.rs:2: minori"]);
    assert!(portals_in_code(&one("src/operations/demo/a.rs", text)).is_empty());
    let list = "(\"minori.toml\", include_str!(\"../profiles/minori.toml\")),";
    assert!(portals_in_code(&one("src/domain/portal.rs", list)).is_empty());
}

#[test]
fn sizes_are_counted() {
    let long = "\n".repeat(FILE_LINES_MAX + 1);
    assert_eq!(long_files(&one("src/a.rs", &long), FILE_LINES_MAX).len(), 1);
    assert!(long_files(&one("src/a.rs", &long[1..]), FILE_LINES_MAX).is_empty());
    let wide = "あ".repeat(COLUMNS_MAX);
    assert!(wide_lines(&one("src/a.rs", &wide)).is_empty());
    assert_eq!(wide_lines(&one("src/a.rs", &(wide + "い"))).len(), 1);
}

#[test]
fn functions_are_measured() {
    let body = |lines: usize| format!("fn f() {{{}}}\nfn g();\n", "\n".repeat(lines - 1));
    assert!(long_functions(&one("src/a.rs", &body(FUNCTION_LINES_MAX))).is_empty());
    let places = long_functions(&one("src/a.rs", &body(FUNCTION_LINES_MAX + 1)));
    assert_eq!(places, ["src/a.rs:1: f, 71 lines"]);
    let types = format!("type A = fn(u8) -> [u8; 2];\nmod m {{{}}}", "\n".repeat(80));
    assert!(long_functions(&one("src/a.rs", &types)).is_empty());
}

#[test]
fn migrations_are_compared() {
    let sqlite =
        [file("migrations/sqlite/1_a/up.sql", ""), file("migrations/sqlite/2_b/up.sql", "")];
    let postgres = [file("migrations/postgres/1_a/up.sql", "")];
    let places = migrations_for_one_only(&sqlite, &postgres);
    assert_eq!(places, ["2_b/up.sql: only for SQLite"]);
    assert_eq!(migrations_for_one_only(&[], &postgres).len(), 1);
    assert!(migrations_for_one_only(&sqlite[..1], &postgres).is_empty());
}

#[test]
fn templates_must_be_named() {
    let templates =
        [file("templates/a.html", "{% extends \"b.html\" %}"), file("templates/b.html", "")];
    let code = one("src/web/a.rs", "#[template(path = \"a.html\")]");
    assert!(unused_templates(&templates, &code).is_empty());
    assert_eq!(unused_templates(&templates, &[]), ["templates/a.html"]);
}

#[test]
fn escaping_stays_on() {
    assert_eq!(unescaped_output(&one("templates/a.html", "{{ name | safe }}")).len(), 1);
    assert_eq!(unescaped_output(&one("templates/a.html", "{{ name|escape(\"none\") }}")).len(), 1);
    assert!(unescaped_output(&one("templates/a.html", "{{ name }} safe |safety")).is_empty());
}

#[test]
fn inline_code_is_found() {
    for bad in [
        "<p style=\"x\">",
        "<style>",
        "<script>",
        "<a\n onclick=\"x\">",
        "<a href=\"javascript:x\">",
    ] {
        assert_eq!(inline_code(&one("templates/a.html", bad)).len(), 1, "{bad}");
    }
    let good = "<script src=\"/a.js\" defer></script><p class=\"style\" data-on=\"x\">style=</p>";
    assert!(inline_code(&one("templates/a.html", good)).is_empty());
}

#[test]
fn clock_reads_are_found() {
    let text = "let now = chrono::Utc::now();";
    assert_eq!(clock_reads(&one("src/web/a.rs", text)).len(), 1);
    assert!(clock_reads(&one("src/primitives/clock.rs", text)).is_empty());
    let sql = "created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP";
    assert_eq!(database_clocks(&one("migrations/sqlite/1/up.sql", sql)).len(), 1);
}

#[test]
fn panics_are_found() {
    let text = "a.unwrap(); b.expect(\"c\"); panic!(\"d\"); e.unwrap_or(1); #[expect(x)]";
    assert_eq!(panics(&one("src/web/a.rs", text)).len(), 3);
    assert!(panics(&one("src/web/a.rs", "/// a.unwrap()\n\"b.unwrap()\"")).is_empty());
}

#[test]
fn unfinished_marks_are_found() {
    let mark = concat!("TO", "DO");
    assert_eq!(unfinished(&one("src/a.rs", &format!("// {mark}: later"))).len(), 1);
    assert!(unfinished(&one("src/a.rs", &format!("{mark}S METHODXX"))).is_empty());
}
