//! Who is let in, and what the console makes of what it is asked.

use std::collections::BTreeMap;

use actix_web::test::TestRequest;

use super::clock::clock_move;
use super::mails::links;
use super::{is_loopback, wants_json};
use crate::operations::demo::clock::ClockRun;
use crate::primitives::clock::{ClockMode, parse_rfc3339};

#[test]
fn only_loopback_names_are_let_in() {
    for host in ["127.0.0.1:8080", "127.0.0.1", "localhost", "LOCALHOST:1", "[::1]:80", "[::1]"] {
        assert!(is_loopback(host), "{host}");
    }
    for host in ["", "example.jp", "localhost.example.jp", "127.0.0.1.example.jp:80", "10.0.0.1"] {
        assert!(!is_loopback(host), "{host}");
    }
}

#[test]
fn scripts_get_json_and_browsers_get_pages() {
    let asks = |request: TestRequest| wants_json(&request.to_http_request());
    let page = ("accept", "text/html,application/xhtml+xml");
    assert!(asks(TestRequest::get().uri("/qa/mails.json").insert_header(page)));
    assert!(!asks(TestRequest::get().uri("/qa/mails")));
    assert!(asks(TestRequest::post().uri("/qa/reset").insert_header(("accept", "*/*"))));
    assert!(!asks(TestRequest::post().uri("/qa/reset").insert_header(page)));
}

#[test]
fn links_end_where_addresses_end() {
    let text = "本文 https://a.example.jp/x?y=1\n(http://b.example.jp/)、httpではない";
    assert_eq!(links(text), ["https://a.example.jp/x?y=1", "http://b.example.jp/"]);
}

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn the_clock_takes_times_with_and_without_offset() {
    let now = parse_rfc3339("2026-10-05T10:00:15+09:00").unwrap();
    let read = |pairs: &[(&str, &str)], mode| clock_move(&fields(pairs), now, mode);
    for text in ["2026-10-05T01:00:15.000Z", "2026-10-05T10:00:15+09:00", "2026-10-05T10:00:15"] {
        let wanted = read(&[("at", text), ("mode", "freeze")], ClockMode::Real).unwrap();
        assert_eq!((wanted.at, wanted.run, wanted.is_jump), (Some(now), ClockRun::Freeze, false));
    }
    let frozen = ClockMode::Frozen(now);
    let wanted = read(&[("forward_seconds", "30"), ("jump", "1")], frozen).unwrap();
    assert_eq!(wanted.at, parse_rfc3339("2026-10-05T10:00:45+09:00"));
    assert!(wanted.is_jump && wanted.run == ClockRun::Freeze);
    assert_eq!(read(&[("mode", "real")], frozen).unwrap().run, ClockRun::Real);
    for wrong in [
        vec![("at", "tomorrow")],
        vec![("at", "1999-01-01T00:00:00Z")],
        vec![("mode", "backwards")],
        vec![("forward_seconds", "-1")],
        vec![("at", "2026-10-05T10:00"), ("forward_seconds", "1")],
        vec![("speed", "2")],
        vec![],
    ] {
        assert!(read(&wrong, frozen).is_none(), "{wrong:?}");
    }
}
