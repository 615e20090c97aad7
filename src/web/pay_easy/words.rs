//! Bills in words.

use crate::domain::bill::{Bill, BillClaim, BillRefusal};
use crate::domain::ledger::Account;
use crate::domain::payment::{Payment, PaymentObstacle};
use crate::operations::pay_easy::Foreseen;
use crate::primitives::clock::{UtcTime, jst_minute_text};
use crate::primitives::kana::to_full_katakana;
use crate::primitives::yen::Yen;
use crate::web::page::{Notice, Row};
use crate::web::transfer::no_token_words;
use crate::web::transfer::words::{account_text, day_text, fee_text};
use crate::web::visit::Visit;

/// What whoever has typed too many wrong numbers reads.
pub const TOO_MANY: &str = "番号を確認できないことが続いたため、本日はこの照会をお受けできません。\
     払込書の番号をお確かめのうえ、明日もう一度お手続きいただくか、払込書の取扱窓口でお払い込みください。";

/// What follows a payment: no paper does.
pub const NO_RECEIPT: &str = "領収書（領収証書）は発行されません。\
     領収書が必要な場合は、この画面からは払い込まず、払込書をお持ちのうえ窓口でお払い込みください。";

/// The same, once it is paid.
pub const NO_RECEIPT_DONE: &str = "領収書（領収証書）は発行されません。\
     必要なときは、この画面を印刷するか、払込履歴をご確認ください。";

/// Why a bill cannot be paid, and what to do.
#[must_use]
pub fn refusal(refusal: BillRefusal) -> &'static str {
    match refusal {
        BillRefusal::NotFound => {
            "入力された番号では、払込情報が見つかりませんでした。\
             すべての番号を払込書と見くらべて、もう一度入力してください。"
        }
        BillRefusal::UnknownAgency => {
            "この収納機関番号は、お取り扱いしていません。払込書の番号をもう一度お確かめください。"
        }
        BillRefusal::Paid => {
            "この払込書は、すでに払込み済みです。払込履歴か、払込書の発行元でお確かめください。"
        }
        BillRefusal::Taken => {
            "この払込書は、ただいま別の画面などでお手続き中です。しばらくしてから、払込履歴をお確かめください。"
        }
        BillRefusal::Expired => {
            "この払込書は、払込みできる期限を過ぎています。払込書の発行元にお問い合わせください。"
        }
        BillRefusal::Changed => {
            "払い込む金額が変わりました。「中止する」を押し、番号の入力からもう一度お手続きください。"
        }
        BillRefusal::Closed => {
            "この収納機関は、ただいま受付時間外です。時間をおいて、もう一度お手続きください。"
        }
        BillRefusal::Unavailable => {
            "収納機関から返事がなかったため、お手続きを進められませんでした。払込みは行われていません。\
             しばらくしてから、もう一度お手続きください。"
        }
    }
}

/// Why it does not go out and what to do, with what is left.
pub fn obstacle(visit: &Visit, foreseen: &Foreseen, obstacle: PaymentObstacle) -> String {
    let limits = match visit.profile.is_corporate() {
        true => {
            "限度額をご契約先の管理者におたずねいただくか、払込書の取扱窓口でお払い込みください。"
        }
        false => "「限度額変更」で限度額をご確認いただくか、払込書の取扱窓口でお払い込みください。",
    };
    let hold_end = foreseen.hold_until.map_or_else(String::new, |until| {
        format!("{} を過ぎてから、もう一度お手続きください。", jst_minute_text(until))
    });
    match obstacle {
        PaymentObstacle::Funds => {
            "残高が足りません。ご入金いただくか、別の口座を選んでください。".to_owned()
        }
        PaymentObstacle::PerTransaction => {
            format!("1回あたりの限度額を超えています。{limits}")
        }
        PaymentObstacle::DailyTotal => {
            let most = foreseen.total_daily.map_or_else(String::new, |most| most.to_string());
            format!("お振込などとあわせて、1日の合計 {most} までです。日をあらためるか、{limits}")
        }
        PaymentObstacle::NoToken => {
            // A bill is not paid in parts: one above the limit is too much on every day.
            let total = Yen(foreseen.from.balance.0.saturating_sub(foreseen.balance_after.0));
            let ways = match foreseen.total_daily.is_some_and(|most| total > most) {
                true => "払込書の取扱窓口でお払い込みいただくか、",
                false => "日をあらためるか、払込書の取扱窓口でお払い込みいただくか、",
            };
            no_token_words(visit, foreseen.total_daily, ways)
        }
        PaymentObstacle::Daily | PaymentObstacle::UserDaily => {
            format!("本日の限度額を超えます。日をあらためるか、{limits}")
        }
        PaymentObstacle::HoldPayee => {
            format!("安全のため、はじめての収納機関にはまだお払い込みいただけません。{hold_end}")
        }
        PaymentObstacle::HoldDaily => format!(
            "安全のため、お取引いただける金額を1日 {} までにしています。{hold_end}",
            Yen(visit.profile.hold.daily_yen)
        ),
        other => other.words().to_owned(),
    }
}

/// The notice of a hold, for who pays bills.
#[must_use]
pub fn about_bills(mut hold: Notice) -> Notice {
    hold.text.push(
        "税金・各種料金払込みも同じです。はじめての収納機関にはお払い込みいただけません。"
            .to_owned(),
    );
    hold
}

/// A bill: whom, what for, how much until when.
#[must_use]
pub fn bill_rows(bill: &Bill) -> Vec<Row> {
    let mut rows = vec![
        Row::new("収納機関", format!("{}（{}）", bill.agency_name, bill.agency)),
        Row::new("払込内容", bill.content.clone()),
        Row::new(bill.kind.number_label(), bill.payer_number.clone()),
    ];
    if !bill.category.is_empty() {
        rows.push(Row::new("納付区分", bill.category.clone()));
    }
    rows.push(Row::new("お名前", format!("{} 様", to_full_katakana(&bill.payer_kana))));
    rows.push(Row::new("納期限", day_text(bill.due_on)));
    if bill.late > Yen(0) {
        rows.push(Row::new("請求額", bill.amount.to_string()));
        rows.push(Row::new("延滞金", bill.late.to_string()));
    }
    rows.push(Row::new("払込金額", bill.total().to_string()));
    rows
}

/// Everything about a payment of a bill.
#[must_use]
pub fn payment_rows(
    payment: &Payment,
    claim: Option<&BillClaim>,
    from: &Account,
    now: UtcTime,
) -> Vec<Row> {
    let category = claim.map_or("", |claim| claim.category.as_str());
    let late = claim.map_or(Yen(0), |claim| claim.late_yen);
    let number = if category.is_empty() { "お客様番号" } else { "納付番号" };
    let mut rows = vec![
        Row::new("お取引", payment.kind.label()),
        Row::new("状態", payment.standing(now).label()),
        Row::new("出金口座", account_text(from)),
        Row::new("収納機関", format!("{}（{}）", payment.bank_name, payment.bank_code)),
        Row::new("払込内容", payment.branch_name.clone()),
        Row::new(number, payment.number.clone()),
    ];
    if !category.is_empty() {
        rows.push(Row::new("納付区分", category));
    }
    rows.push(Row::new("お名前", format!("{} 様", to_full_katakana(&payment.sender_kana))));
    rows.push(Row::new("払込金額", payment.amount_yen.to_string()));
    if late > Yen(0) {
        rows.push(Row::new("うち延滞金", late.to_string()));
    }
    rows.push(Row::new("手数料", fee_text(payment.fee())));
    rows.push(Row::new("払込日", day_text(payment.execute_on)));
    rows.push(Row::new("受付日時", jst_minute_text(payment.requested_at)));
    rows
}
