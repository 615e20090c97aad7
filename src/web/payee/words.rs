//! Payees in words: rows and sentences that BTR020 to BTR022 share.

use crate::domain::payee::{Destination, Payee, PayeeState};
use crate::domain::portal::{Profile, RegisteredPayees};
use crate::primitives::party_name::{NameChange, NameProblem, PAYEE_NAME_MAX};
use crate::web::page::{Row, Tone};

/// The account, fact by fact.
pub fn rows(to: &Destination, nickname: &str) -> Vec<Row> {
    let mut rows = vec![
        Row::new("金融機関", format!("{}（{}）", to.bank_name, to.bank_code)),
        Row::new("支店", format!("{}（{}）", to.branch_name, to.branch_code)),
        Row::new("口座", format!("{} {}", to.account_type.label(), to.number)),
        Row::new("受取人名", to.holder_kana.clone()),
    ];
    if !nickname.is_empty() {
        rows.push(Row::new("登録名", nickname));
    }
    rows
}

/// The words and the colour of a state; nothing where payees are not registered beforehand.
pub fn state(profile: &Profile, payee: &Payee) -> Option<(&'static str, Tone)> {
    let has_states = profile.transfers.registered_payees == RegisteredPayees::StaffForm;
    let tone = match payee.state {
        PayeeState::Waiting => Tone::Warn,
        PayeeState::Registered => Tone::Success,
    };
    (profile.is_corporate() && has_states).then(|| (payee.state.label(), tone))
}

/// What a payee is to be that waits for a form.
pub const WAITING: &str = "事前登録先としてお取り扱いするには、お取引店への申込書のご提出が必要です。\
    受付が済むまでも、ほかの口座と同じようにお振込いただけます。";

/// What was changed of a name, in a sentence.
pub fn changes(changes: impl IntoIterator<Item = NameChange>) -> Option<String> {
    let one = |change: NameChange| match change {
        NameChange::Width => "全角を半角に",
        NameChange::Case => "小文字を大文字に",
        NameChange::Hiragana => "ひらがなをカタカナに",
        NameChange::SmallKana => "小さいカナを大きいカナに",
        NameChange::OldKana => "ヰ・ヱをイ・エに",
        NameChange::Dash => "長音や横線をハイフンに",
        NameChange::Mark => "濁点・半濁点を半角に",
        NameChange::Dot => "中点をピリオドに",
        NameChange::Spaces => "余分なスペースを除いて",
    };
    let all: Vec<&str> = changes.into_iter().map(one).collect();
    (!all.is_empty()).then(|| format!("{}変換しました。", all.join("、")))
}

/// What is wrong with a name and what to do, and what the field is to hold instead.
pub fn name_problem(problem: &NameProblem) -> (String, Option<String>) {
    let unusable = |letters: &str, way: &str| (format!("「{letters}」は使えません。{way}"), None);
    match problem {
        NameProblem::Empty => ("受取人名をカナで入力してください。".to_owned(), None),
        NameProblem::Kanji(letters) => unusable(letters, "漢字は、読みをカナで入力してください。"),
        NameProblem::OldVoiced(letters) => {
            unusable(letters, "口座の名義を受取人にお確かめのうえ、入力してください。")
        }
        NameProblem::Wo => unusable("ヲ", "「オ」で入力してください。"),
        NameProblem::Comma(letters) => unusable(letters, "除いて入力してください。"),
        NameProblem::NotAllowed(letters) => {
            unusable(letters, "カナ、英数字、スペースと ( ) - . で入力してください。")
        }
        NameProblem::LonelyMark(before) => {
            let at = match before {
                Some(before) => format!("「{before}」のあとの"),
                None => "はじめの".to_owned(),
            };
            let text = format!(
                "{at}濁点・半濁点が正しくありません。文字が抜けていないかお確かめください。"
            );
            (text, None)
        }
        NameProblem::CompanyWord { word, short, offer } => {
            let text = format!(
                "「{word}」は「{short}」と略します。欄の内容を「{offer}」に置き換えました。\
                 よろしければ、そのまま「次へ」を押してください。"
            );
            (text, Some(offer.clone()))
        }
        NameProblem::TooLong { length, offer } => {
            let text = format!(
                "受取人名は{PAYEE_NAME_MAX}文字までです（濁点・半濁点も1文字と数え、今は{length}文字です）。\
                 欄には、はじめの部分を残しました。よろしければ、そのまま「次へ」を押してください。"
            );
            (text, Some(offer.clone()))
        }
    }
}
