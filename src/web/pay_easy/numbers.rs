//! BPE001 税金・各種料金払込み: the numbers of the slip, by which the bill is looked up.

use actix_web::web::Query;
use serde::Deserialize;
use validator::Validate;

use crate::domain::bill::{BillDraft, BillField, BillNumbers, BillRefusal, NumberProblem};
use crate::domain::flow::FlowStep;
use crate::operations::flow_draft;
use crate::operations::pay_easy::look_up::{LookUpOutcome, look_up};
use crate::web::failure::{PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Shell, Step, steps};
use crate::web::pay_easy::{HISTORY, OPERATION, STEPS, enter, enter_able, hindrance, words};
use crate::web::principal::PAY_EASY;
use crate::web::screens;
use crate::web::spender::Spender;
use crate::web::token::flow::{self, Lost};
use crate::web::token::words::hold;
use crate::web::visit::Visit;

/// Longest typed number, with hyphens and spaces.
const NUMBER_LENGTH_MAX: usize = 40;
const FIELDS: [(BillField, &str); 4] = [
    (BillField::Agency, "agency"),
    (BillField::Payer, "payer"),
    (BillField::Confirmation, "confirmation"),
    (BillField::Category, "category"),
];

/// BPE001. Fields: `agency`, `payer`, `confirmation`, `category`.
#[derive(askama::Template)]
#[template(path = "pay_easy/numbers.html")]
pub struct NumbersPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Boxes at the top.
    pub notices: Vec<Notice>,
    /// Whether this user can pay now; the boxes say why not.
    pub is_able: bool,
    /// The form.
    pub form: FormView,
    /// BPE005.
    pub history_url: String,
}

/// BPE001's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NumbersForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    agency: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    payer: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    confirmation: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    category: String,
}

impl NumbersForm {
    fn typed(&self, field: BillField) -> &str {
        match field {
            BillField::Agency => &self.agency,
            BillField::Payer => &self.payer,
            BillField::Confirmation => &self.confirmation,
            BillField::Category => &self.category,
        }
    }
}

/// Shows BPE001.
///
/// # Errors
/// 303 to the login.
pub async fn show(visit: Visit, lost: Query<Lost>) -> PageResult {
    let payer = enter(&visit).await?;
    let form = form(&visit, &payer, None);
    show_numbers(&visit, &payer, form, flow::lost_notices(&lost))
}

/// Looks the bill up and leads to BPE002.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, body: FormBody) -> PageResult {
    let payer = enter_able(&visit).await?;
    let input: NumbersForm = body.of(&payer.who)?;
    let mut form = form(&visit, &payer, Some(&input));
    let Some(numbers) = read(&mut form, &input) else {
        return show_numbers(&visit, &payer, form, Vec::new());
    };
    let who = &payer.who;
    let services = &visit.app.services;
    let bill = match look_up(services, &who.ctx, &who.user, &numbers).await? {
        LookUpOutcome::Found(bill) => *bill,
        LookUpOutcome::TooMany => {
            let form = form.error(words::TOO_MANY);
            return show_numbers(&visit, &payer, form, Vec::new());
        }
        LookUpOutcome::Refused(refusal) => {
            if refusal == BillRefusal::UnknownAgency {
                form.set_error("agency", words::refusal(refusal));
            } else {
                form = form.error(words::refusal(refusal));
            }
            return show_numbers(&visit, &payer, form, Vec::new());
        }
    };
    let wanted = BillDraft { bill, from: None };
    let step = (OPERATION, FlowStep::Input, "begun");
    let flow_id = flow_draft::begin(services, &who.ctx, &who.login, step, &wanted).await?;
    Ok(see_other(&format!("{}/{flow_id}", visit.url(PAY_EASY))))
}

fn read(form: &mut FormView, input: &NumbersForm) -> Option<BillNumbers> {
    let [agency, payer_number, confirmation, category] = FIELDS.map(|(field, name)| {
        let read = field.read(input.typed(field));
        if let Err(problem) = read {
            form.set_error(name, problem_words(field, problem));
        }
        read.ok()
    });
    Some(BillNumbers {
        agency: agency?,
        payer_number: payer_number?,
        confirmation: confirmation?,
        category: category?,
    })
}

fn label(field: BillField) -> &'static str {
    match field {
        BillField::Agency => "収納機関番号",
        BillField::Payer => "納付番号・お客様番号",
        BillField::Confirmation => "確認番号",
        BillField::Category => "納付区分（ない場合は空欄）",
    }
}

fn problem_words(field: BillField, problem: NumberProblem) -> String {
    let name = match field {
        BillField::Category => "納付区分",
        _ => label(field),
    };
    match (problem, field.digits()) {
        (NumberProblem::Missing, _) => {
            format!("{name}を入力してください。払込書に印刷されています。")
        }
        (NumberProblem::NotDigits, _) => {
            format!("{name}は数字だけで入力してください。ハイフンは省いてもかまいません。")
        }
        (NumberProblem::Length, (fewest, most)) if fewest == most => {
            format!("{name}は{most}桁です。払込書でお確かめください。")
        }
        (NumberProblem::Length, (_, most)) => {
            format!("{name}は{most}桁までです。払込書でお確かめください。")
        }
    }
}

fn hint(field: BillField) -> &'static str {
    match field {
        BillField::Agency => "5桁の数字です。下の払込書の例の 1 にあります。",
        BillField::Payer => {
            "20桁までの数字です。例の 2 にあります。料金の払込書では「お客様番号」です。"
        }
        BillField::Confirmation => "6桁までの数字です。例の 3 にあります。",
        BillField::Category => "税金・公金の払込書にある4桁までの数字です。例の 4 にあります。",
    }
}

fn form(visit: &Visit, payer: &Spender, input: Option<&NumbersForm>) -> FormView {
    let field = |(field, name)| {
        FieldView::text(name, label(field))
            .hint(hint(field))
            .inputmode("numeric")
            .maxlength(NUMBER_LENGTH_MAX)
            .value(input.map_or("", |input| input.typed(field)))
    };
    FormView::new(visit.url(PAY_EASY), payer.who.csrf_token())
        .fields(FIELDS.into_iter().map(field).collect())
}

fn show_numbers(
    visit: &Visit,
    payer: &Spender,
    form: FormView,
    mut notices: Vec<Notice>,
) -> PageResult {
    let hindrance = hindrance(visit, payer);
    let is_able = hindrance.is_none();
    notices.extend(hindrance);
    notices.extend(hold(visit, &payer.who.user).map(words::about_bills));
    let page = NumbersPage {
        shell: visit.shell_of(&screens::BPE001, &payer.who),
        steps: steps(&STEPS, 0),
        notices,
        is_able,
        history_url: visit.url(HISTORY),
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}
