use proptest::prelude::*;

use super::*;
use NameChange as C;
use NameProblem as P;

fn changed(typed: &str, name: &str, changes: &[NameChange]) {
    let expected = Converted { name: name.to_owned(), changes: changes.iter().copied().collect() };
    assert_eq!(convert(typed, PAYEE_NAME_MAX), Ok(expected), "{typed}");
}

fn refused(typed: &str, problem: &NameProblem) {
    assert_eq!(convert(typed, PAYEE_NAME_MAX).as_ref(), Err(problem), "{typed}");
}

#[test]
fn each_rule_changes_what_it_names_and_says_so() {
    for (typed, name, changes) in [
        // What can be sent is left alone.
        ("ｶ)ﾃﾞﾓ-1 (A.B)", "ｶ)ﾃﾞﾓ-1 (A.B)", &[][..]),
        // 1: width, case.
        ("ＡＢＣ１２３", "ABC123", &[C::Width]),
        ("ﾃﾞﾓ　ﾀﾛｳ", "ﾃﾞﾓ ﾀﾛｳ", &[C::Width]),
        ("abc", "ABC", &[C::Case]),
        ("ａ", "A", &[C::Width, C::Case]),
        ("デモ タロウ", "ﾃﾞﾓ ﾀﾛｳ", &[C::Width]),
        // 2: hiragana.
        ("でも たろう", "ﾃﾞﾓ ﾀﾛｳ", &[C::Hiragana]),
        // 3: small and old kana.
        ("ｷｬｯﾁｬ", "ｷﾔﾂﾁﾔ", &[C::SmallKana]),
        ("ァィゥェォッャュョヮヵヶ", "ｱｲｳｴｵﾂﾔﾕﾖﾜｶｹ", &[C::Width, C::SmallKana]),
        ("ヰヱ", "ｲｴ", &[C::Width, C::OldKana]),
        ("ゐゑ", "ｲｴ", &[C::Hiragana, C::OldKana]),
        // 4: dashes.
        ("ｽｰﾊﾟｰ", "ｽ-ﾊﾟ-", &[C::Dash]),
        ("Aー‐‑–—−〜B", "A-------B", &[C::Dash]),
        ("A－～B", "A--B", &[C::Width, C::Dash]),
        // 5: voiced marks, together and apart.
        ("ガギグゲゴパピプペポヴ", "ｶﾞｷﾞｸﾞｹﾞｺﾞﾊﾟﾋﾟﾌﾟﾍﾟﾎﾟｳﾞ", &[C::Width]),
        ("カ゛ハ゜", "ｶﾞﾊﾟ", &[C::Width, C::Mark]),
        ("カ\u{3099}ハ\u{309A}", "ｶﾞﾊﾟ", &[C::Width, C::Mark]),
        ("ゔ", "ｳﾞ", &[C::Hiragana]),
        // 6: dot and brackets.
        ("ｱ・ｲ･ｳ．ｴ", "ｱ.ｲ.ｳ.ｴ", &[C::Width, C::Dot]),
        ("ｶ）ﾃﾞﾓ（ﾆｾ", "ｶ)ﾃﾞﾓ(ﾆｾ", &[C::Width]),
        // Spaces.
        ("  ﾃﾞﾓ   ﾀﾛｳ ", "ﾃﾞﾓ ﾀﾛｳ", &[C::Spaces]),
    ] {
        changed(typed, name, changes);
    }
}

#[test]
fn what_cannot_be_sent_is_named() {
    let text = |text: &str| text.to_owned();
    for (typed, problem) in [
        ("", P::Empty),
        ("　 ", P::Empty),
        ("白樺 花子", P::Kanji(text("白樺花子"))),
        ("ﾃﾞﾓ佐々木", P::Kanji(text("佐々木"))),
        ("ヷヴィヷ", P::OldVoiced(text("ヷ"))),
        ("ﾃﾞﾓ「ﾀﾛｳ」", P::NotAllowed(text("「」"))),
        ("ﾃﾞﾓ/&ﾀﾛｳ&", P::NotAllowed(text("/&"))),
        ("ｱゝ", P::NotAllowed(text("ゝ"))),
        ("ﾃﾞﾓ，ﾀﾛｳ、", P::Comma(text("，、"))),
        ("ｶｦﾙ", P::Wo),
        ("かをる", P::Wo),
        // 10: marks.
        ("ﾞｱ", P::LonelyMark(None)),
        ("ｱﾞ", P::LonelyMark(Some('ｱ'))),
        ("ｶﾟ", P::LonelyMark(Some('ｶ'))),
        ("ｶﾞﾞ", P::LonelyMark(Some('ﾞ'))),
        ("ﾅ゛", P::LonelyMark(Some('ﾅ'))),
    ] {
        refused(typed, &problem);
    }
    assert_eq!(convert("ﾊ゜", 30).unwrap().name, "ﾊﾟ");
}

#[test]
fn words_for_companies_are_offered_short() {
    let offered = |typed: &str| match convert(typed, PAYEE_NAME_MAX) {
        Err(P::CompanyWord { word, short, offer }) => (word, short, offer),
        other => panic!("{typed}: {other:?}"),
    };
    for (typed, word, short, offer) in [
        ("株式会社アオバ", "株式会社", "ｶ)", "ｶ)ｱｵﾊﾞ"),
        ("アオバ株式会社", "株式会社", "(ｶ", "ｱｵﾊﾞ(ｶ"),
        ("アオバ 株式会社 ミドリ営業所", "株式会社", "(ｶ)", ""),
        ("アオバ株式会社ミドリ", "株式会社", "(ｶ)", "ｱｵﾊﾞ(ｶ)ﾐﾄﾞﾘ"),
        ("有限会社デモ", "有限会社", "ﾕ)", "ﾕ)ﾃﾞﾓ"),
        ("合同会社デモ", "合同会社", "ﾄﾞ)", "ﾄﾞ)ﾃﾞﾓ"),
        ("デモ営業所", "営業所", "(ｴｲ", "ﾃﾞﾓ(ｴｲ"),
        ("㈱デモ", "(株)", "ｶ)", "ｶ)ﾃﾞﾓ"),
        ("デモ（株）", "(株)", "(ｶ", "ﾃﾞﾓ(ｶ"),
        ("かぶしきがいしゃ でも", "カブシキガイシャ", "ｶ)", "ｶ)ﾃﾞﾓ"),
    ] {
        if offer.is_empty() {
            // A second word is kanji like any other.
            assert!(matches!(convert(typed, 30), Err(P::Kanji(_))), "{typed}");
        } else {
            assert_eq!(offered(typed), (word, short.to_owned(), offer.to_owned()), "{typed}");
            changed(offer, offer, &[]);
        }
    }
    refused("株式会社青葉", &P::Kanji("青葉".to_owned()));
    refused(
        "株式会社",
        &P::CompanyWord {
            word: "株式会社", short: "ｶ)".to_owned(), offer: "ｶ)".to_owned()
        },
    );
}

#[test]
fn a_name_that_is_too_long_is_offered_its_beginning() {
    let long = "ｱ".repeat(30);
    changed(&long, &long, &[]);
    let cut = |typed: String, offer: String| match convert(&typed, PAYEE_NAME_MAX) {
        Err(P::TooLong { length, offer: offered }) => {
            assert_eq!((length > 30, offered), (true, offer), "{typed}");
        }
        other => panic!("{typed}: {other:?}"),
    };
    cut("ｱ".repeat(31), "ｱ".repeat(30));
    // A kana is not parted from its mark, and marks count.
    cut("ｱ".repeat(29) + "ガ", "ｱ".repeat(29));
    cut("ガ".repeat(16), "ｶﾞ".repeat(15));
    cut("ｱ".repeat(29) + " ｱ", "ｱ".repeat(29));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_converted_name_passes_the_check_and_stays(
        typed in "[ぁ-ゖァ-ヺｦ-ﾟ゛゜ー～〜A-Za-zＡ-ｚ0-9０-９ 　()（）.．・,、「」株式会社\u{3099}\u{309A}]{0,40}",
    ) {
        if let Ok(converted) = convert(&typed, PAYEE_NAME_MAX) {
            prop_assert!(is_party_name(&converted.name), "{typed}: {}", converted.name);
            prop_assert!(converted.name.chars().count() <= PAYEE_NAME_MAX);
            let again = convert(&converted.name, PAYEE_NAME_MAX);
            let same = Converted { changes: BTreeSet::new(), ..converted };
            prop_assert_eq!(again, Ok(same));
        }
    }

    #[test]
    fn an_offer_can_be_sent(typed in "(株式会社)?[あ-んァ-ヴー]{0,40}(有限会社)?") {
        match convert(&typed, PAYEE_NAME_MAX) {
            Err(P::TooLong { offer, .. }) => prop_assert!(convert(&offer, 30).is_ok(), "{offer}"),
            Err(P::CompanyWord { offer, .. }) => prop_assert!(is_party_name(&offer), "{offer}"),
            _ => {}
        }
    }
}
