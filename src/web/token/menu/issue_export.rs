//! BOT003: the issued credential for other makers' apps, where the profile allows them.

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::operations::token::export::{Export, Exported, export};
use crate::operations::token::issue::IssueReceipt;
use crate::primitives::code::normalise_digits;
use crate::primitives::secret::Secret;
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{QrView, Row};
use crate::web::principal::{FlowParts, Who};
use crate::web::token::flow;
use crate::web::token::menu::issue::{OPERATION, policy, show_result};
use crate::web::token_app::api::ask_rules;
use crate::web::visit::Visit;

/// Letters of the key that stand together, for whoever types it.
const KEY_GROUP: usize = 4;

/// What BOT003 has for other makers' apps.
pub enum ExportPart {
    /// Asks for the activation password.
    Asks(FormView),
    /// The credential.
    Shows(ExportView),
}

/// The credential as another app reads it.
pub struct ExportView {
    /// `otpauth://`, for an app on the same phone.
    pub url: String,
    /// The same as a code to read.
    pub qr: QrView,
    /// What is typed where no code can be read.
    pub rows: Vec<Row>,
    /// The secret in Base32, in groups.
    pub key: String,
}

/// The form. Field: `activation`.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ExportForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    activation: String,
}

/// The form on BOT003; none where the portal exports nothing.
pub(super) fn part(visit: &Visit, who: &Who, parts: &FlowParts) -> Option<ExportPart> {
    if !visit.profile.tokens.otpauth_export {
        return None;
    }
    let rule = &policy(visit).ok()?.activation_password;
    let field = FieldView::secret("activation", rule.label.clone())
        .hint("発行のときに登録したものです。")
        .inputmode("numeric")
        .maxlength(64);
    let form = FormView::new(flow::url(visit, &parts.flow, "export"), who.csrf_token());
    Some(ExportPart::Asks(form.fields(vec![field])))
}

/// Shows the credential, once the activation password is right.
///
/// # Errors
/// 404 where the portal exports nothing, 303 where the issue is not finished, 4xx for what is no
/// form of ours.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let done = flow::find_receipt_of::<IssueReceipt>(&visit, OPERATION, &flow_id).await?;
    let (who, parts, _, issued) = &done;
    let input: ExportForm = body.of(who)?;
    let Some(ExportPart::Asks(mut form)) = part(&visit, who, parts) else {
        return Err(PageError::NotFound);
    };
    ask_rules(&who.ctx)?;
    let label = policy(&visit)?.activation_password.label.clone();
    let password = normalise_digits(&input.activation);
    if password.is_empty() {
        form.set_error("activation", format!("{label}を入力してください。"));
        return show_result(&visit, done, Some(ExportPart::Asks(form)));
    }
    let input = Export {
        service_id: issued.service_id.clone(),
        user_number: issued.user_number.clone(),
        activation_password: Secret::new(password.into_bytes()),
    };
    let part = match export(&visit.app.services, &who.ctx, &input).await? {
        Some(exported) => ExportPart::Shows(view(&exported)?),
        None => {
            form.set_error(
                "activation",
                format!(
                    "{label}が違うか、この発行がもう使えません。{label}を確かめて入力してください。\
                     それでも同じときは、トークンを発行し直してください。"
                ),
            );
            ExportPart::Asks(form)
        }
    };
    show_result(&visit, done, Some(part))
}

fn view(exported: &Exported) -> Result<ExportView, PageError> {
    let groups: Vec<&str> = exported
        .key
        .as_bytes()
        .chunks(KEY_GROUP)
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    let parameters = exported.parameters;
    let kind = format!("時間ベース（{}桁・{}秒）", parameters.digits, parameters.period_seconds);
    Ok(ExportView {
        url: exported.url.clone(),
        qr: QrView::of_text(&exported.url)
            .map_err(|error| PageError::Internal(error.to_string()))?,
        rows: vec![Row::new("アカウント名", exported.serial.clone()), Row::new("種類", kind)],
        key: groups.join(" "),
    })
}
