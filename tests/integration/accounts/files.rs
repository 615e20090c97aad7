//! The files of BAC010, byte for byte.

use encoding_rs::SHIFT_JIS;

use super::site::{AccountApp, ICHIRO, Line, ORDINARY};
use super::zengin_reader::{File, read};
use crate::browser::Browser;

const HEADINGS: &str = "\"照会口座\",\"番号\",\"取引日\",\"取引区分\",\"摘要\",\
    \"お支払金額(円)\",\"お預り金額(円)\",\"差引残高(円)\",\"備考\"\r\n";

async fn file(browser: &Browser, path: &str) -> (Vec<u8>, String, String) {
    let (status, headers, bytes) = browser.get_bytes(path).await;
    assert_eq!((status, headers["cache-control"].as_str()), (200, "no-store"), "{path}");
    (bytes, headers["content-type"].clone(), headers["content-disposition"].clone())
}

/// The CSV of these lines by the rules of the documentation.
fn csv(lines: &[Line], texts: impl Fn(&Line) -> (String, &'static str)) -> String {
    let mut csv = HEADINGS.to_owned();
    for line in lines {
        let (text, remark) = texts(line);
        let amount = line.amount.abs();
        let (paid, received) = match line.amount < 0 {
            true => (amount.to_string(), String::new()),
            false => (String::new(), amount.to_string()),
        };
        let day = line.booked_on.replace('-', "/");
        csv.push_str(&format!(
            "\"みどり支店 普通 {ORDINARY}\",\"{}\",\"{day}\",\"KIND\",\"{text}\",\"{paid}\",\
             \"{received}\",\"{}\",\"{remark}\"\r\n",
            line.line_no, line.balance_after
        ));
    }
    csv
}

/// 取引区分 and the branch's name are left out of the comparison.
fn comparable(csv: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in csv.split_inclusive("\r\n") {
        let mut cells: Vec<&str> = line.split("\",\"").collect();
        if lines.is_empty() {
            assert_eq!(line, HEADINGS);
        } else {
            let known = ["現金", "振込", "交換", "振替", "訂正", "その他", "KIND"];
            assert!(known.contains(&cells[3]) && cells[0].ends_with(&format!(" 普通 {ORDINARY}")));
            (cells[0], cells[3]) = ("", "");
        }
        lines.push(cells.join("\",\""));
    }
    lines.concat()
}

#[tokio::test]
async fn csv_in_both_character_sets() {
    let app = AccountApp::new();
    for text in ["=HYPERLINK(\"x\")", "𠮷野家😀〜髙島", "-1+2"] {
        app.post(ORDINARY, 1_234, "2026-11-24", text);
    }
    let browser = app.logged_in(ICHIRO).await;
    let base = app.statement(ORDINARY);
    let lines = app.lines(ORDINARY);
    let safe = |line: &Line| match line.description.as_str() {
        "=HYPERLINK(\"x\")" => "'=HYPERLINK(\"\"x\"\")".to_owned(),
        "-1+2" => "'-1+2".to_owned(),
        text => text.to_owned(),
    };

    let (bytes, content_type, name) = file(&browser, &format!("{base}/file?format=csv")).await;
    assert_eq!(content_type, "text/csv; charset=utf-8");
    assert!(name.starts_with("attachment; filename=\"meisai-") && name.ends_with(".csv\""));
    let text = String::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap().to_vec()).unwrap();
    assert_eq!(comparable(&text), comparable(&csv(&lines, |line| (safe(line), ""))));

    let path = format!("{base}/file?format=csv-sjis");
    let (bytes, content_type, _) = file(&browser, &path).await;
    assert_eq!(content_type, "text/csv; charset=Shift_JIS");
    let text = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&bytes).unwrap();
    let expected = csv(&lines, |line| match line.description.as_str() {
        "𠮷野家😀〜髙島" => {
            ("〓野家〓～髙島".to_owned(), "Shift_JISにない文字を〓に置き換えました")
        }
        _ => (safe(line), ""),
    });
    assert_eq!(comparable(&text), comparable(&expected));

    // A file has the whole span, whatever is searched for.
    let october: Vec<Line> =
        lines.iter().filter(|line| line.booked_on.starts_with("2026-10")).cloned().collect();
    let path = format!("{base}/file?from=2026-10-01&to=2026-10-31&q=x&before=3&format=csv");
    let (bytes, _, _) = file(&browser, &path).await;
    let text = String::from_utf8(bytes[3..].to_vec()).unwrap();
    assert_eq!(comparable(&text), comparable(&csv(&october, |line| (safe(line), ""))));
    let nothing = format!("{base}/file?from=2026-11-23&to=2026-11-23&format=csv");
    assert!(lines.iter().all(|line| line.booked_on != "2026-11-23"));
    browser.get(&nothing).await.expect_status(404);
}

fn digits(day: &str) -> String {
    let (year, rest) = day.split_at(4);
    let year: i32 = year.parse().unwrap();
    format!("{:02}{}", year - 2018, rest.replace('-', ""))
}

/// What the reader, which knows the table of the layout alone, finds in the file.
fn assert_is_statement(file: &File, lines: &[Line], created: &str) {
    let (first, last) = (lines.first().unwrap(), lines.last().unwrap());
    let header = &file.header;
    for (key, expected) in [
        ("created", digits(created)),
        ("from", digits(&first.booked_on)),
        ("to", digits(&last.booked_on)),
        ("bank_code", "0983".to_owned()),
        ("bank_name", "ｺﾀﾞﾏｼﾝｷﾝ".to_owned()),
        ("account_type", "1".to_owned()),
        ("account_no", format!("000{ORDINARY}")),
        ("overdraft_before", "1".to_owned()),
        ("balance_before", format!("{:014}", first.balance_after - first.amount)),
    ] {
        assert_eq!(header[key], expected, "{key}");
    }
    assert!(!header["branch_name"].is_empty() && !header["account_name"].is_empty());
    assert_eq!(file.data.len(), lines.len());
    for (record, line) in file.data.iter().zip(lines) {
        for (key, expected) in [
            ("inquiry_no", format!("{:08}", line.line_no)),
            ("account_date", digits(&line.booked_on)),
            ("value_date", digits(&line.booked_on)),
            ("in_out", if line.amount < 0 { "2" } else { "1" }.to_owned()),
            ("amount", format!("{:012}", line.amount.abs())),
            ("other_office_bills", "0".repeat(12)),
            ("edi", String::new()),
        ] {
            assert_eq!(record[key], expected, "{key} of {line:?}");
        }
        assert!(["10", "11", "13", "14", "18", "19"].contains(&record["tx_kind"].as_str()));
        assert!(!record["summary"].is_empty(), "{line:?}");
        if let Some(name) = line.description.strip_prefix("給与 ") {
            assert_eq!(record["remitter_name"], name.replace('ｰ', "-"));
            assert!(record["summary"].starts_with("ｷﾕｳﾖ "));
        }
    }
    let sum = |is_in: bool| {
        let amounts = lines.iter().map(|line| line.amount).filter(|a| (*a > 0) == is_in);
        let amounts: Vec<i64> = amounts.collect();
        (amounts.len(), amounts.iter().sum::<i64>().abs())
    };
    let ((count_in, sum_in), (count_out, sum_out)) = (sum(true), sum(false));
    for (key, expected) in [
        ("in_count", format!("{count_in:06}")),
        ("in_amount", format!("{sum_in:013}")),
        ("out_count", format!("{count_out:06}")),
        ("out_amount", format!("{sum_out:013}")),
        ("overdraft_after", "1".to_owned()),
        ("balance_after", format!("{:014}", last.balance_after)),
        ("data_count", format!("{:07}", lines.len())),
    ] {
        assert_eq!(file.trailer[key], expected, "{key}");
    }
    assert_eq!(file.end["record_total"], format!("{:010}", lines.len() + 3));
    assert_eq!(file.end["account_count"], "00001");
}

#[tokio::test]
async fn the_banks_format_is_read_back_by_its_table() {
    let app = AccountApp::new();
    app.post(ORDINARY, -999, "2026-11-24", "会費 𠮷😀ｶﾞ");
    let browser = app.logged_in(ICHIRO).await;
    let base = app.statement(ORDINARY);
    let all = app.lines(ORDINARY);
    assert!(all.len() > 300);
    let (bytes, content_type, name) = file(&browser, &format!("{base}/file?format=zengin")).await;
    assert_eq!(content_type, "application/octet-stream");
    assert!(name.ends_with(".txt\""), "{name}");
    assert_eq!(bytes.len(), (all.len() + 3) * 202);
    let made = read(&bytes, "\r\n");
    assert_is_statement(&made, &all, "2026-11-24");
    assert_eq!(made.data.last().unwrap()["summary"], "?? ??ｶﾞ");
    let path = format!("{base}/file?format=zengin-bare&last=30");
    let (bytes, _, _) = file(&browser, &path).await;
    assert_eq!(bytes.len(), 33 * 200);
    assert_is_statement(&read(&bytes, ""), &all[all.len() - 30..], "2026-11-24");
}
