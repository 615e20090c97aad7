//! Names: looked up, typed, converted, refused; and what else can be typed wrong.

use super::site::{FUTABAS_ACCOUNT, PayeeApp, values};

#[tokio::test]
async fn what_is_typed_wrong_is_named_and_comes_back() {
    let app = PayeeApp::new();
    let browser = app.inside().await;
    let input = |bank, branch| format!("/kodama/payees/new?bank={bank}&branch={branch}");
    let other = input("0001", "001");
    for (path, number, holder, words) in [
        (&other, "", "", "口座番号は7桁までの数字"),
        (&other, "12345678", "", "口座番号は7桁までの数字"),
        (&other, "0000000", "", "口座番号は7桁までの数字"),
        (&other, "1234567", "白樺", "「白樺」は使えません。漢字は"),
        (&other, "1234567", "ｱｦｲ", "「ヲ」は使えません。「オ」で"),
        (&other, "1234567", "ﾃﾞﾓ，ﾀﾛｳ", "「，」は使えません"),
        (&other, "1234567", "ﾃﾞﾓ「1」", "「「」」は使えません"),
        (&other, "1234567", "ｱﾞ", "濁点・半濁点が正しくありません"),
        (&other, "1234567", "株式会社デモ", "「ｶ)ﾃﾞﾓ」に置き換えました"),
        (&other, "1234567", &"ア".repeat(31), "30文字まで"),
        // What the look-up answers.
        (&other, "404", "", "見つかりませんでした"),
        (&other, "0000410", "", "解約されています"),
        (&other, "0000503", "", "ただいま名義を照会できません"),
        (&other, "0000501", "", "名義は照会できません"),
        // Own accounts: none with this number; registered already.
        (&input("0983", "102"), "2020025", "", "見つかりませんでした"),
        (&input("0984", "001"), "1203345", "", "「ｼﾗｶﾊﾞ ﾊﾅｺ」として登録されています"),
    ] {
        let page = browser.get(path).await.expect_screen("BTR021");
        let again = browser.submit(&page, &values(number, holder)).await.expect_status(422);
        assert!(again.summary().contains(words), "{number} {holder}: {}", again.summary());
        let kept = format!("value=\"{number}\"");
        assert!(number.is_empty() || again.body.contains(&kept), "{number}");
    }
    // The offer stands in the field and can be sent as it is.
    let page = browser.get(&input("0001", "001")).await;
    let again = browser.submit(&page, &values("0000501", "株式会社デモ")).await;
    assert!(again.body.contains("value=\"ｶ)ﾃﾞﾓ\""), "{}", again.body);
    let mut long = page.form().filled(&values("1234567", ""));
    long.retain(|(name, _)| name != "nickname");
    long.push(("nickname".to_owned(), "長".repeat(31)));
    let again = browser.post(&page.form().action, &long).await.expect_status(422);
    assert!(again.summary().contains("登録名は30文字以内"), "{}", again.summary());
    // What is no form of ours.
    let form = page.form();
    for wrong in ["internal", "x"] {
        let mut fields = form.filled(&values("1234567", ""));
        fields[0].1 = wrong.to_owned();
        browser.post(&form.action, &fields).await.expect_status(422);
    }
    let fields = form.filled(&values("1234567", ""));
    browser.post("/kodama/payees/new", &fields).await.expect_status(400);
    browser.post("/kodama/payees/new?bank=0001&branch=000", &fields).await.expect_status(400);
    let more = [fields, vec![("state".to_owned(), "registered".to_owned())]].concat();
    browser.post(&form.action, &more).await.expect_status(400);
    assert_eq!(app.count(), 1);
}

#[tokio::test]
async fn the_check_shows_what_was_typed_and_what_is_sent() {
    let app = PayeeApp::new();
    let browser = app.inside().await;
    // Found, in the own institution and elsewhere.
    let page = app.to_confirm(&browser, FUTABAS_ACCOUNT, "").await;
    assert_eq!(page.fact("受取人名（照会した名義）").as_deref(), Some("ｺﾀﾞﾏ ﾌﾀﾊﾞ"));
    assert_eq!(page.fact("入力された名義"), None);
    let page = app.to_confirm(&browser, ["0001", "001", "9234523"], "でもたろう").await;
    assert_eq!(page.fact("受取人名（照会した名義）").as_deref(), Some("ｶ)ｳﾐﾍﾞｼﾖｳｶｲ"));
    assert!(page.text().contains("入力された名義ではなく、照会した名義で"), "{}", page.text());
    // Typed where nobody knows the name.
    let page = app.to_confirm(&browser, ["0001", "001", "503"], "しょうじ　ポーラ").await;
    assert_eq!(page.fact("口座").as_deref(), Some("普通 0000503"));
    assert_eq!(page.fact("入力された名義").as_deref(), Some("しょうじ　ポーラ"));
    assert_eq!(page.fact("受取人名（送信される名義）").as_deref(), Some("ｼﾖｳｼﾞ ﾎﾟ-ﾗ"));
    let shown = page.text();
    for words in ["ひらがなをカタカナに", "小さいカナを大きいカナに", "長音や横線をハイフンに"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(shown.contains("名義は照会していません"), "{shown}");
}
