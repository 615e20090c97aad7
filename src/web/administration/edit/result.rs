//! BAU034, BAU108 利用者情報の登録・変更・削除の結果: the receipt, and initial secrets once.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::domain::flow::FlowStep;
use crate::domain::member::{HandOver, MemberAct};
use crate::domain::permission::may_administer;
use crate::domain::portal::SecretKind;
use crate::domain::user::Role;
use crate::operations::administration::initial_password::{ShownSecrets, show_once};
use crate::operations::administration::save::SaveReceipt;
use crate::web::administration::USERS;
use crate::web::administration::edit::input::initial_label;
use crate::web::administration::edit::words::user_rows;
use crate::web::administration::edit::{OPERATION, screen, step_bar};
use crate::web::administration::list::id_label;
use crate::web::administrator::MENU;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{Link, Receipt, Row, Shell, Step};
use crate::web::principal::has_one_administrator;
use crate::web::token::flow;
use crate::web::visit::Visit;

/// BAU034, BAU108.
#[derive(askama::Template)]
#[template(path = "administration/edit_result.html")]
pub struct EditResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What was done.
    pub title: &'static str,
    /// What comes next, in a sentence.
    pub lead: String,
    /// The user.
    pub rows: Vec<Row>,
    /// The initial secrets, the first time.
    pub secrets: Vec<Row>,
    /// What they are called.
    pub secrets_label: String,
    /// Whether they were shown before.
    pub was_shown: bool,
    /// Where new ones are made.
    pub remake_way: &'static str,
    /// Number and time.
    pub receipt: Receipt,
    /// BAU030, BAU100.
    pub list_url: String,
    /// BAU001, BAD100.
    pub menu: Link,
}

/// Shows BAU034.
///
/// # Errors
/// 303 where the flow is not finished, 403 for whoever administers nobody any more.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let (who, parts, receipt, done) =
        flow::find_receipt_of::<SaveReceipt>(&visit, OPERATION, &flow_id).await?;
    if !may_administer(&visit.profile, &who.user) {
        return Err(PageError::Forbidden("no administrator"));
    }
    let draft = &done.draft;
    let is_drawn = draft.act == MemberAct::Register || draft.resets;
    let is_shown = draft.hand_over == HandOver::Print || visit.profile.services.activation;
    let shown = match parts.flow.receipt_id.filter(|_| is_drawn && is_shown) {
        Some(id) => {
            let services = &visit.app.services;
            show_once(services, &who.ctx, &who.user, id).await?.remove(&done.user_id)
        }
        None => None,
    };
    let (title, lead) = words(&visit, &done);
    let is_one = has_one_administrator(&visit);
    let menu = if is_one {
        ("管理者メニューへ", MENU)
    } else {
        ("利用者管理メニューへ", USERS)
    };
    let page = EditResultPage {
        shell: visit.shell_of(screen(&visit, draft.act, FlowStep::Done), &who),
        steps: step_bar(draft.act, 3),
        title,
        lead,
        rows: user_rows(&visit, &draft.login_id, &draft.name, draft.role),
        was_shown: is_drawn && is_shown && shown.is_none(),
        secrets: shown.map_or_else(Vec::new, |shown| secret_rows(&visit, shown)),
        secrets_label: initial_label(&visit),
        remake_way: if is_one { "利用者の変更" } else { "パスワードの初期化" },
        receipt,
        list_url: flow::begin_url(&visit, OPERATION),
        menu: Link { label: menu.0.to_owned(), url: visit.url(menu.1) },
    };
    visit.page(StatusCode::OK, &page)
}

fn secret_rows(visit: &Visit, shown: ShownSecrets) -> Vec<Row> {
    let profile = &visit.profile;
    if !profile.services.activation {
        return shown.login.map(|login| Row::new("初期パスワード", login)).into_iter().collect();
    }
    let row = |kind, text: Option<String>| {
        let label = format!("初期の{}", profile.secret_label(kind, Role::General));
        text.map(|text| Row::new(label, text))
    };
    let both = [row(SecretKind::Login, shown.login), row(SecretKind::Confirm, shown.confirm)];
    both.into_iter().flatten().collect()
}

fn words(visit: &Visit, done: &SaveReceipt) -> (&'static str, String) {
    let draft = &done.draft;
    let (label, id_label) = (initial_label(visit), id_label(&visit.profile));
    match (draft.act, draft.hand_over, &draft.address) {
        (MemberAct::Register, HandOver::Mail, Some(address)) => {
            let (mailed, rest) = mailed_words(visit);
            let sent = format!("{mailed}を {address} にお送りしました。");
            let rest = format!("{id_label}{rest}は、管理者からご本人にお伝えください。");
            ("利用者を登録しました", format!("{sent}{rest}"))
        }
        (MemberAct::Register, ..) => {
            ("利用者を登録しました", format!("{id_label}と{label}を、ご本人に直接お渡しください。"))
        }
        (MemberAct::Change, HandOver::Mail, _) if draft.resets => {
            let (mailed, rest) = mailed_words(visit);
            let rest = rest.trim_start_matches('と');
            (
                "利用者の情報を変更しました",
                format!("{mailed}をメールでお送りしました。{rest}は、ご本人に直接お渡しください。"),
            )
        }
        (MemberAct::Change, ..) if draft.resets => (
            "利用者の情報を変更しました",
            format!("{label}を、ご本人に直接お渡しください。これまでのものは、もう使えません。"),
        ),
        (MemberAct::Change, _, Some(_)) => (
            "利用者の情報を変更しました",
            "新しいメールアドレスは、ご本人が次のログインで確かめると使われます。".to_owned(),
        ),
        (MemberAct::Change, ..) => {
            ("利用者の情報を変更しました", "権限と限度額は、すぐに変わります。".to_owned())
        }
        (MemberAct::Delete, ..) => {
            ("利用者を削除しました", "この利用者は、もうログインできません。".to_owned())
        }
    }
}

/// What a mail carries, and what administrators hand out beside the id.
fn mailed_words(visit: &Visit) -> (String, String) {
    if !visit.profile.services.activation {
        return ("初期パスワード".to_owned(), String::new());
    }
    let label = |kind| visit.profile.secret_label(kind, Role::General);
    let confirm = format!("と初期の{}", label(SecretKind::Confirm));
    (format!("初期の{}", label(SecretKind::Login)), confirm)
}
