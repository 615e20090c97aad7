//! BAU032, BAU105 利用権限と限度額の入力: services, accounts, limits per transaction and per day.

use std::collections::BTreeSet;

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::domain::flow::FlowStep;
use crate::domain::limit::{LimitAmounts, LimitService, LimitSet, LimitSpan};
use crate::domain::permission::users::decide_grant;
use crate::domain::right::UserRight;
use crate::domain::user::Role;
use crate::primitives::ids::AccountId;
use crate::primitives::yen::Yen;
use crate::web::administration::edit::words::account_text;
use crate::web::administration::edit::{At, enter};
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::limit::input::{AMOUNT_LENGTH_MAX, amount, field_label, field_name};
use crate::web::limit::words::amount_text;
use crate::web::page::{Shell, Step};
use crate::web::token::flow;
use crate::web::visit::Visit;

/// What the boxes' names begin with; `right_transfer` or `account_12` follows.
const BOX: &str = "may_";

/// A box to tick.
#[derive(Debug, Clone)]
pub struct TickBox {
    /// Its name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Whether it is ticked.
    pub is_ticked: bool,
}

/// BAU032. Fields: a box a service and an account, and the limits as on BLM001, which may stay
/// empty.
#[derive(askama::Template)]
#[template(path = "administration/edit_rights.html")]
pub struct EditRightsPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The form.
    pub form: FormView,
    /// Services.
    pub services: Vec<TickBox>,
    /// Accounts of the contract.
    pub accounts: Vec<TickBox>,
    /// Whether the user may do everything anyway.
    pub is_master: bool,
    /// Whether it is about the administrator, who can only give rights up.
    pub is_own: bool,
    /// Back to BAU031.
    pub back: FormView,
    /// Ends the flow.
    pub cancel: FormView,
}

/// BAU032's form beside the boxes.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct RightsForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    transfer_per_transaction: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    transfer_daily: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pay_easy_per_transaction: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    pay_easy_daily: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    files_per_transaction: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    files_daily: Option<String>,
}

impl RightsForm {
    fn pair(&self, service: LimitService) -> (&str, &str) {
        let (one, daily) = match service {
            LimitService::Transfer => (&self.transfer_per_transaction, &self.transfer_daily),
            LimitService::PayEasy => (&self.pay_easy_per_transaction, &self.pay_easy_daily),
            LimitService::Files => (&self.files_per_transaction, &self.files_daily),
        };
        (one.as_deref().unwrap_or_default(), daily.as_deref().unwrap_or_default())
    }
}

/// Shows BAU032.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show(visit: Visit, flow_id: Path<String>) -> PageResult {
    let at = enter(visit, &flow_id, FlowStep::Rights).await?;
    let form = at.rights_form(None);
    at.show_rights(form)
}

/// Goes on with what was ticked and typed.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit(visit: Visit, flow_id: Path<String>, body: FormBody) -> PageResult {
    let mut at = enter(visit, &flow_id, FlowStep::Rights).await?;
    let (input, ticks) = body.boxes::<RightsForm>(&at.who, BOX)?;
    if at.draft.role != Role::Master {
        let form = at.read_rights(&input, &ticks)?;
        if form.is_invalid() {
            return at.show_rights(form);
        }
    }
    at.go(FlowStep::Confirm, "confirm").await
}

impl At {
    fn read_rights(&mut self, input: &RightsForm, ticks: &[String]) -> Result<FormView, PageError> {
        let (rights, account_ids) = self.read_ticks(ticks)?;
        self.draft.grant.rights = rights;
        self.draft.grant.account_ids = account_ids;
        let mut form = self.rights_form(Some(input));
        self.draft.grant.limits = self.read_limits(input, &mut form);
        if self.is_own() && !form.is_invalid() {
            let (id, before) = (self.who.user.id, self.grant_before());
            if decide_grant(id, id, &before, &self.draft.grant).is_err() {
                form.errors.push(
                    "ご自身の権限や限度額を増やすことはできません。ほかの管理者の方にご依頼ください。"
                        .to_owned(),
                );
            }
        }
        Ok(form)
    }

    fn read_ticks(
        &self,
        ticks: &[String],
    ) -> Result<(BTreeSet<UserRight>, BTreeSet<AccountId>), PageError> {
        let (mut rights, mut account_ids) = (BTreeSet::new(), BTreeSet::new());
        for tick in ticks {
            let right = tick.strip_prefix("right_").and_then(UserRight::from_text);
            let right = right.filter(|right| right.is_offered(&self.visit.profile));
            let account = tick.strip_prefix("account_").and_then(|id| id.parse().ok());
            let account = account
                .map(AccountId)
                .filter(|id| self.accounts.iter().any(|account| account.id == *id));
            match (right, account) {
                (Some(right), _) => drop(rights.insert(right)),
                (None, Some(account)) => drop(account_ids.insert(account)),
                (None, None) => return Err(PageError::BadRequest("no such box")),
            }
        }
        Ok((rights, account_ids))
    }

    fn read_limits(&self, input: &RightsForm, form: &mut FormView) -> LimitSet {
        let mut limits = LimitSet::new();
        for (&service, &most) in &self.limits {
            let (one, daily) = input.pair(service);
            if one.trim().is_empty() && daily.trim().is_empty() {
                continue;
            }
            let mut read = |span: LimitSpan, text: &str| {
                let read = amount(text).filter(|amount| *amount <= most.of(span));
                if read.is_none() {
                    let label = field_label(service, span);
                    let words = match amount(text) {
                        Some(_) => format!(
                            "{label}の限度額は、ご契約の限度額（{}）以下で入力してください。",
                            most.of(span)
                        ),
                        None => format!(
                            "{label}の限度額は、円の金額を数字で入力してください。決めないときは、両方を空欄にしてください。"
                        ),
                    };
                    form.set_error(field_name(service, span), words);
                }
                read
            };
            let (one, daily) =
                (read(LimitSpan::PerTransaction, one), read(LimitSpan::Daily, daily));
            if let (Some(per_transaction), Some(daily)) = (one, daily) {
                if per_transaction > daily {
                    let name = field_name(service, LimitSpan::PerTransaction);
                    let label = field_label(service, LimitSpan::PerTransaction);
                    let words =
                        format!("{label}の限度額は、1日あたりの限度額以下で入力してください。");
                    form.set_error(name, words);
                }
                limits.insert(service, LimitAmounts { per_transaction, daily });
            }
        }
        limits
    }

    fn rights_form(&self, typed: Option<&RightsForm>) -> FormView {
        let mut all = Vec::new();
        for (&service, most) in self.limits.iter().filter(|_| self.draft.role != Role::Master) {
            let kept = self.draft.grant.limits.get(&service).copied();
            for &span in LimitSpan::ALL {
                let value = match typed.map(|typed| typed.pair(service)) {
                    Some((one, _)) if span == LimitSpan::PerTransaction => one.to_owned(),
                    Some((_, daily)) => daily.to_owned(),
                    None => kept.map_or_else(String::new, |kept| amount_text(kept.of(span))),
                };
                all.push(limit_field(service, span, most.of(span)).value(value));
            }
        }
        let url = flow::url(&self.visit, &self.parts.flow, "rights");
        FormView::new(url, self.who.csrf_token()).fields(all)
    }

    fn show_rights(&self, form: FormView) -> PageResult {
        let (visit, flow) = (&self.visit, &self.parts.flow);
        let grant = &self.draft.grant;
        let services = UserRight::offered(&visit.profile).into_iter().map(|right| TickBox {
            name: format!("{BOX}right_{right}"),
            label: right.label().to_owned(),
            is_ticked: grant.rights.contains(&right),
        });
        let accounts = self.accounts.iter().map(|account| TickBox {
            name: format!("{BOX}account_{}", account.id),
            label: account_text(account),
            is_ticked: grant.account_ids.contains(&account.id),
        });
        let page = EditRightsPage {
            shell: self.shell(FlowStep::Rights),
            steps: self.steps(1),
            services: services.collect(),
            accounts: accounts.collect(),
            is_master: self.draft.role == Role::Master,
            is_own: self.is_own(),
            back: FormView::new(flow::url(visit, flow, "back"), self.who.csrf_token()),
            cancel: flow::cancel_form(visit, &self.who, flow),
            form,
        };
        visit.form_page(page.form.is_invalid(), &page)
    }
}

fn limit_field(service: LimitService, span: LimitSpan, most: Yen) -> FieldView {
    FieldView::text(field_name(service, span), field_label(service, span))
        .hint(format!("{most}まで。空欄のときは、ご契約の限度額です。"))
        .inputmode("numeric")
        .maxlength(AMOUNT_LENGTH_MAX)
}
