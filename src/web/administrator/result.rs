//! BAU103 ワンタイムパスワード利用登録の結果: what was registered or released, the same at each reload.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use crate::db::queries::receipts;
use crate::domain::receipt::number_text;
use crate::operations::administration::MemberLine;
use crate::operations::administration::registration::{OPERATION, RegistrationReceipt};
use crate::operations::administration::stop;
use crate::primitives::clock::jst_receipt_text;
use crate::primitives::ids::ReceiptId;
use crate::web::administration::enter;
use crate::web::administration::list::own_id;
use crate::web::administrator::mode::STEPS;
use crate::web::administrator::stop::STEPS as STOP_STEPS;
use crate::web::administrator::{MENU, mode_label};
use crate::web::failure::{PageError, PageResult};
use crate::web::form::FormView;
use crate::web::page::{Receipt, Row, Shell, Step, steps};
use crate::web::principal::ADMINISTRATOR_USERS;
use crate::web::screens;
use crate::web::visit::Visit;

/// Lines shown at most; a token can be everybody's.
const LINES_MAX: usize = 200;

/// BAU103.
#[derive(askama::Template)]
#[template(path = "administrator/result.html")]
pub struct RegistrationResultPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// What was done, in a sentence.
    pub lead: String,
    /// Mode and serial.
    pub rows: Vec<Row>,
    /// Whom it was done to.
    pub lines: Vec<RegistrationLine>,
    /// How many more there are.
    pub more: usize,
    /// What the serial of a line is: that of before.
    pub serial_label: String,
    /// Who keeps a token that others lost, as a sentence.
    pub kept: Option<String>,
    /// Number and time.
    pub receipt: Receipt,
    /// 続けて登録する.
    pub again: Option<FormView>,
    /// BAU100.
    pub users_url: String,
    /// BAD100.
    pub menu_url: String,
}

/// One line.
#[derive(Debug, Clone)]
pub struct RegistrationLine {
    /// 利用者ID.
    pub id: String,
    /// 利用者名.
    pub name: String,
    /// The serial that the user had before.
    pub serial: String,
}

/// Shows BAU103.
///
/// # Errors
/// 404 for what is no receipt of this user.
pub async fn show(visit: Visit, id: Path<String>) -> PageResult {
    let id = ReceiptId(id.parse().map_err(|_| PageError::NotFound)?);
    let (who, found) =
        enter(&visit, move |conn, _, user| receipts::find_of_user(conn, user.id, id)).await?;
    let stored = found
        .filter(|found| [OPERATION, stop::OPERATION, stop::MODE].contains(&&*found.operation))
        .ok_or(PageError::NotFound)?;
    let details: RegistrationReceipt = serde_json::from_str(&stored.details)
        .map_err(|error| PageError::Internal(error.to_string()))?;
    let is_registration = stored.operation == OPERATION;
    let words = &visit.profile.words;
    let mut rows = vec![Row::new("利用形態", mode_label(details.mode))];
    if let Some(serial) = &details.serial {
        rows.push(Row::new(format!("登録した{}", words.serial), serial.clone()));
    }
    let is_stop = stored.operation == stop::OPERATION;
    let again =
        (!is_stop).then(|| FormView::new(visit.url("administrator/again"), who.csrf_token()));
    let page = RegistrationResultPage {
        shell: visit.shell_of(&screens::BAU103, &who),
        steps: if is_registration { steps(&STEPS, 2) } else { steps(&STOP_STEPS, 1) },
        lead: lead(&visit, &stored.operation, details.members.len()),
        rows,
        lines: details.members.iter().take(LINES_MAX).map(line).collect(),
        more: details.members.len().saturating_sub(LINES_MAX),
        serial_label: match is_registration {
            true => format!("これまでの{}", words.serial),
            false => format!("解除した{}", words.serial),
        },
        kept: kept(&details),
        receipt: Receipt {
            number: number_text(stored.number),
            time_text: jst_receipt_text(stored.accepted_at),
        },
        again,
        users_url: visit.url(ADMINISTRATOR_USERS),
        menu_url: visit.url(MENU),
    };
    visit.page(StatusCode::OK, &page)
}

fn lead(visit: &Visit, operation: &str, count: usize) -> String {
    let words = &visit.profile.words;
    let stop = words.stop.clone().unwrap_or_default();
    match operation {
        OPERATION => format!("次の{count}名の{}を登録しました。", words.token),
        stop::MODE => {
            format!("利用形態を変更し、次の{count}名の{}の登録を解除しました。", words.token)
        }
        _ => format!("次の{count}名の{}の{stop}を受け付けました。", words.token),
    }
}

fn line(member: &MemberLine) -> RegistrationLine {
    RegistrationLine {
        id: own_id(&member.login_id).to_owned(),
        name: member.name.clone(),
        serial: member.serial.clone().unwrap_or_else(|| "−".to_owned()),
    }
}

fn kept(details: &RegistrationReceipt) -> Option<String> {
    const SHOWN: usize = 10;
    let names: Vec<&str> =
        details.kept.iter().take(SHOWN).map(|member| member.name.as_str()).collect();
    let more = details.kept.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" ほか{more}名") } else { String::new() };
    (!names.is_empty()).then(|| format!("{}{more}", names.join("、")))
}
