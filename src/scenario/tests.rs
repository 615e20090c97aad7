//! Pages are read, forms filled, steps written down and differences found, without a server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::model::{Act, Expect, Press, Scenario, Step, Value};
use super::page::{Field, PageView};
use super::{Difference, Exchange, Hints, Recorder, ScenarioError, SentFile, compare};

const LOGIN: &str = r#"<html><body data-screen="BLG001"><main><h1>ログイン</h1>
<form method="post" action="/p/login"><input type="hidden" name="csrf_token" value="secret">
<label for="i">ご契約者番号</label><input id="i" name="login_id">
<label>パスワード <input name="password" type="password"></label>
<label><input type="checkbox" name="keep"> 次回から入力しない</label>
<select name="way"><option value="a">電話</option><option value="b" selected>メール</option></select>
<label><input type="radio" name="card" value="1"> 有り</label>
<label><input type="radio" name="card" value="2" checked> 無し</label>
<button type="button">表示</button>
<button name="go" value="1">ログイン</button> <button formaction="/p/other">別の方法</button>
</form></main></body></html>"#;

const LIST: &str = r#"<body data-screen="BAU010"><main><table>
<tr><td>一郎</td><td><a href="/p/user/1">詳細</a></td></tr>
<tr><td>二郎</td><td><a href="/p/user/2">詳細</a>
<form method="post" action="/p/free/2"><button>解除</button></form></td></tr></table>
<form method="get" action="/p/list"><input name="q" value=""><button>検索</button></form>
</main></body>"#;

fn text(name: &str, value: &str) -> Field {
    Field::Text(name.to_owned(), value.to_owned())
}

fn sent(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_form_is_filled_by_names_and_labels() {
    let page = PageView::of(LOGIN);
    assert_eq!((page.screen().as_str(), page.title().as_str()), ("BLG001", "ログイン"));
    let mut press = Press { button: "ログイン".to_owned(), ..Press::default() };
    press.fields.insert("ご契約者番号".to_owned(), "1000".into());
    press.fields.insert("password".to_owned(), "x y".into());
    press.fields.insert("way".to_owned(), Value::Choice { label: "電話".to_owned() });
    press.fields.insert("card".to_owned(), Value::Choice { label: "有り".to_owned() });
    press.tick.push("次回から入力しない".to_owned());
    let form = page.fill(&press).unwrap();
    assert_eq!((form.action.as_str(), form.is_post), ("/p/login", true));
    let expected = [
        text("csrf_token", "secret"),
        text("login_id", "1000"),
        text("password", "x y"),
        text("keep", "on"),
        text("way", "a"),
        text("card", "1"),
        text("go", "1"),
    ];
    assert_eq!(form.fields, expected);
    let other = Press { button: "別の方法".to_owned(), ..Press::default() };
    assert_eq!(page.fill(&other).unwrap().action, "/p/other");
    for wrong in [
        Press { button: "送信".to_owned(), ..Press::default() },
        Press { button: "表示".to_owned(), ..Press::default() },
        Press { tick: vec!["ない".to_owned()], ..other.clone() },
        Press { fields: [("ない".to_owned(), "1".into())].into(), ..other },
    ] {
        assert!(page.fill(&wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_page_may_have_any_id() {
    let page = PageView::of(
        r#"<body><form id="1 '"></form><form id="2]" action="/a"><p id="3.x">残高</p>
        <label for="4&quot;]">番号</label><input name="n" id="4&quot;]" aria-labelledby="3.x 5">
        </form><button form="2]" formaction="/b">送る</button></body>"#,
    );
    for label in ["番号", "残高"] {
        let fields = [(label.to_owned(), "7".into())].into();
        let press = Press { button: "送る".to_owned(), fields, ..Press::default() };
        let form = page.fill(&press).unwrap();
        assert_eq!((form.action.as_str(), form.fields), ("/b", vec![text("n", "7")]), "{label}");
    }
}

#[test]
fn rows_tell_links_and_buttons_apart() {
    let page = PageView::of(LIST);
    assert_eq!(page.link("詳細", None).unwrap(), "/p/user/1");
    assert_eq!(page.link("詳細", Some("二郎")).unwrap(), "/p/user/2");
    assert!(matches!(page.link("詳細", Some("三郎")), Err(ScenarioError::NoLink(_))));
    let (link, row) = page.link_to("/p/user/2").unwrap();
    assert_eq!(page.link(&link, row.as_deref()).unwrap(), "/p/user/2");
    assert_eq!(page.link_to("/p/user/3"), None);
}

#[test]
fn what_a_browser_does_becomes_steps() {
    let mut recorder = Recorder::begin("login", vec![Act::Reset]);
    let page = |path: &str, html: &str| Exchange {
        path: path.to_owned(),
        html: Some(html.to_owned()),
        ..Exchange::default()
    };
    recorder.saw(&page("/p/login", LOGIN), &Hints::default());
    let fields = [
        ("csrf_token", "secret"),
        ("login_id", "1000"),
        ("password", "123456"),
        ("keep", "on"),
        ("way", "a"),
        ("card", "1"),
        ("go", "1"),
    ];
    let submit = Exchange {
        is_post: true,
        path: "/p/login".to_owned(),
        fields: sent(&fields),
        location: Some("/p/list".to_owned()),
        ..Exchange::default()
    };
    let hints = Hints { codes: vec![("S1".to_owned(), "123456".to_owned())], ..Hints::default() };
    recorder.saw(&submit, &hints);
    recorder.saw(&page("/p/list", LIST), &Hints::default());
    recorder.saw(&page("/p/user/2", LIST), &Hints::default());
    recorder.saw(&page("/p/list?q=x", LIST), &Hints::default());
    recorder.saw(&page("/p/nowhere", LIST), &Hints::default());
    let lost = Exchange { is_post: true, path: "/p/none".to_owned(), ..Exchange::default() };
    recorder.saw(&Exchange { html: Some(LIST.to_owned()), ..lost }, &Hints::default());
    assert_eq!(recorder.lost(), ["/p/none"]);
    let steps = &recorder.scenario().steps;
    let Some(Act::Press(press)) = steps.get(2).map(|step| step.act.clone()) else {
        panic!("{steps:?}");
    };
    assert_eq!(press.button, "ログイン");
    assert_eq!(press.fields.get("password"), Some(&"{code:S1}".into()));
    assert_eq!(press.fields.get("login_id"), Some(&"1000".into()));
    assert_eq!(press.fields.get("way"), Some(&Value::Choice { label: "電話".to_owned() }));
    assert_eq!(press.fields.get("card"), Some(&Value::Choice { label: "有り".to_owned() }));
    assert_eq!(press.tick, ["次回から入力しない"]);
    let acts: Vec<&Act> = steps.iter().map(|step| &step.act).collect();
    assert!(matches!(acts.first(), Some(Act::Reset)));
    assert!(matches!(acts.get(1), Some(Act::Open { path }) if path == "/p/login"));
    assert!(matches!(acts.get(3), Some(Act::Follow { link, .. }) if link == "詳細"));
    assert!(matches!(acts.get(4), Some(Act::Press(press)) if press.button == "検索"));
    assert!(matches!(acts.get(5), Some(Act::Open { path }) if path == "/p/nowhere"));
    let screens: Vec<_> = steps.iter().filter_map(|step| step.expect.as_ref()).collect();
    assert_eq!(screens.len(), 5, "the page behind the redirect belongs to the button");
    // What was written is read again.
    let json = serde_json::to_string(recorder.scenario()).unwrap();
    assert_eq!(&serde_json::from_str::<Scenario>(&json).unwrap(), recorder.scenario());
}

#[test]
fn a_file_that_was_sent_is_sent_again() {
    const UPLOAD: &str = r#"<body data-screen="BFT011"><form method="post" action="/p/up"
        enctype="multipart/form-data"><label>ファイル <input type="file" name="file"></label>
        <button>アップロードする</button></form></body>"#;
    let bytes = vec![0x80, b'\r', b'\n', 0xff];
    let file = SentFile {
        field: "file".to_owned(),
        file_name: "furikomi.txt".to_owned(),
        bytes: bytes.clone(),
    };
    let html = Some(UPLOAD.to_owned());
    let shown = Exchange { path: "/p/up".to_owned(), html: html.clone(), ..Exchange::default() };
    let upload = Exchange { is_post: true, files: vec![file], ..shown.clone() };
    let mut recorder = Recorder::begin("upload", Vec::new());
    recorder.saw(&shown, &Hints::default());
    recorder.saw(&upload, &Hints::default());
    let Some(Act::Press(press)) = recorder.scenario().steps.last().map(|step| step.act.clone())
    else {
        panic!("{:?}", recorder.scenario());
    };
    let form = PageView::of(UPLOAD).fill(&press).unwrap();
    assert!(form.is_multipart);
    let [Field::File(field, name, base64)] = form.fields.as_slice() else {
        panic!("{:?}", form.fields);
    };
    assert_eq!((field.as_str(), name.as_str()), ("file", "furikomi.txt"));
    assert_eq!(STANDARD.decode(base64).unwrap(), bytes);
}

#[test]
fn a_line_is_typed_many_times() {
    let value: Value = serde_json::from_str(r#"{"line": "x {no}", "times": 3}"#).unwrap();
    let page = PageView::of(
        r#"<form method="post"><textarea name="rows"></textarea><button>次へ</button></form>"#,
    );
    let fields = [("rows".to_owned(), value)].into();
    let press = Press { button: "次へ".to_owned(), fields, ..Press::default() };
    let typed = "x 0000001\nx 0000002\nx 0000003";
    assert_eq!(page.fill(&press).unwrap().fields, [text("rows", typed)]);
}

#[test]
fn words_and_amounts_are_compared_and_what_is_drawn_is_not() {
    let lines = |text: &[&str]| text.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let before =
        lines(&["残高 1,234円", "受付番号 00012345", "10:05:09", "振込する", "2026-10-05"]);
    let expect = Expect { screen: "A".to_owned(), lines: Some(before) };
    let same = lines(&["残高 1,234円", "受付番号 99812345", "23:59:00", "振込する", "2026-10-05"]);
    assert_eq!(compare(&expect, "A", &same), []);
    let other = lines(&["残高 1,235円", "受付番号 00012345", "10:05:09", "送金する", "2026-10-06"]);
    let found = compare(&expect, "B", &other);
    let screen = Difference::Screen { expected: "A".to_owned(), found: "B".to_owned() };
    assert_eq!(found.first(), Some(&screen));
    for line in ["残高 1,234円", "振込する", "2026-10-05"] {
        assert!(found.contains(&Difference::Gone(line.to_owned())), "{found:?}");
    }
    for line in ["残高 1,235円", "送金する", "2026-10-06"] {
        assert!(found.contains(&Difference::New(line.to_owned())), "{found:?}");
    }
    assert_eq!(found.len(), 7, "{found:?}");
    let any = Expect { lines: None, ..expect };
    assert_eq!(compare(&any, "A", &other), []);
}

#[test]
fn a_scenario_is_short_json() {
    let text = r#"{"name":"x","steps":[{"do":"reset"},{"do":"clock","forward":60},
        {"do":"open","path":"/p/login","expect":{"screen":"BLG001"}},
        {"do":"press","button":"ログイン","fields":{"login_id":"1","card":{"label":"有り"}}}]}"#;
    let scenario: Scenario = serde_json::from_str(text).unwrap();
    let Some(Step { act: Act::Press(press), expect: None }) = scenario.steps.get(3) else {
        panic!("{scenario:?}");
    };
    assert_eq!(press.fields.len(), 2);
    let again = serde_json::to_string(&scenario).unwrap();
    assert!(!again.contains("null") && !again.contains("tick"), "{again}");
}
