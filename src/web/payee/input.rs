//! BTR021 振込先の登録・変更, the input: bank and branch by the chooser, then kind, number and names.
//! Everything up to 「次へ」 stands in the address and the form; what was typed begins a flow, and
//! 戻る from the check leads back here with it.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::payees;
use crate::domain::flow::{Flow, FlowStep};
use crate::domain::name_lookup::LookupAnswer;
use crate::domain::payee::{
    Destination, NICKNAME_MAX, PAYEES_MAX, Payee, PayeeAccountType, PayeeAct, PayeeDraft,
    padded_number,
};
use crate::operations::name_lookup::look_up;
use crate::operations::payee::draft;
use crate::primitives::code::normalise_digits;
use crate::primitives::ids::PayeeId;
use crate::primitives::party_name::{PAYEE_NAME_MAX, convert};
use crate::web::chooser::{self, Choice, ChooserQuery, ChooserView, ChosenBranch};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{self, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Shell, Step, steps};
use crate::web::payee::{OPERATION, enter, refusal, words};
use crate::web::principal::{PAYEES, Who};
use crate::web::screens;
use crate::web::token::flow;
use crate::web::visit::Visit;

/// The steps of a registration or change.
pub const STEPS: [&str; 4] = ["金融機関・支店の|選択", "口座の|入力", "内容の|確認", "完了"];
/// Room for the spaces and hyphens that are dropped.
const NUMBER_LENGTH_MAX: usize = 16;
/// Names are typed longer than they are sent: full-width kana have their marks in them.
const HOLDER_LENGTH_MAX: usize = 48;

/// BTR021, bank and branch.
#[derive(askama::Template)]
#[template(path = "payee/choose.html")]
pub struct PayeeChoosePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// The chooser.
    pub chooser: ChooserView,
    /// BTR020.
    pub back_url: String,
}

/// BTR021, the account. Fields: `account_type`, `number`, `holder`, `nickname`.
#[derive(askama::Template)]
#[template(path = "payee/input.html")]
pub struct PayeeInputPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The step bar.
    pub steps: Vec<Step>,
    /// Bank and branch.
    pub place: Vec<crate::web::page::Row>,
    /// Chooses them anew.
    pub choose_url: String,
    /// The form.
    pub form: FormView,
    /// Begins the deletion of a payee that is there.
    pub delete: Option<FormView>,
    /// The choice of the branch; BTR020 from a payee that is there.
    pub back_url: String,
}

/// BTR021's form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct PayeeForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    account_type: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    number: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    holder: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    nickname: String,
}

/// Where the input stands: at its own address, for a payee that is there, or in a flow again.
struct At {
    who: Who,
    /// The page's address.
    base: String,
    /// Which payee is changed, as of which version.
    payee: Option<(PayeeId, i64)>,
    /// The flow that goes on.
    flow: Option<Flow>,
    /// What the fields hold before anybody types.
    kept: Option<Kept>,
    /// How many payees there are.
    count: i64,
}

struct Kept {
    place: Destination,
    holder: String,
    nickname: String,
}

async fn enter_new(visit: &Visit) -> Result<At, PageError> {
    let (who, count) = enter(visit, |conn, user| payees::count(conn, user.contract_id)).await?;
    let base = visit.url("payees/new");
    able(visit, At { who, base, payee: None, flow: None, kept: None, count })
}

async fn enter_change(visit: &Visit, id: i64) -> Result<At, PageError> {
    let id = PayeeId(id);
    let (who, found) = enter(visit, move |conn, user| {
        let found = payees::find(conn, user.contract_id, id)?;
        Ok((found, payees::count(conn, user.contract_id)?))
    })
    .await?;
    let (payee, count) = found;
    let payee: Payee = payee.ok_or(PageError::NotFound)?;
    let base = visit.url(&format!("{PAYEES}/{id}"));
    let kept = Kept {
        place: payee.destination(),
        holder: payee.holder_kana.clone(),
        nickname: payee.nickname.clone(),
    };
    let payee = Some((payee.id, payee.version));
    able(visit, At { who, base, payee, flow: None, kept: Some(kept), count })
}

async fn enter_again(visit: &Visit, flow_id: &str) -> Result<At, PageError> {
    let (who, parts) = flow::enter_step(visit, OPERATION, flow_id, FlowStep::Input).await?;
    let kept = draft::read(&parts.flow)?;
    let contract_id = who.user.contract_id;
    let count = visit.app.services.db.read(move |conn| payees::count(conn, contract_id)).await?;
    let base = flow::url(visit, &parts.flow, "");
    let payee = kept.payee;
    let kept = Kept { place: kept.destination, holder: kept.typed_holder, nickname: kept.nickname };
    able(visit, At { who, base, payee, flow: Some(parts.flow), kept: Some(kept), count })
}

/// BTR020 says why somebody can change none.
fn able(visit: &Visit, at: At) -> Result<At, PageError> {
    match refusal(visit, &at.who.user) {
        Some(_) => Err(PageError::SeeOther(visit.url(PAYEES))),
        None => Ok(at),
    }
}

/// Shows BTR021 for a new payee.
///
/// # Errors
/// 303 to the login, or to BTR020 for who can register none.
pub async fn show(visit: Visit, query: Query<ChooserQuery>) -> PageResult {
    show_at(&visit, enter_new(&visit).await?, &query).await
}

/// Goes on with a new payee.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: Visit, query: Query<ChooserQuery>, body: FormBody) -> PageResult {
    submit_at(&visit, enter_new(&visit).await?, &query, body).await
}

/// Shows BTR021 for a payee that is there.
///
/// # Errors
/// As [`show`]; 404 for a payee of somebody else.
pub async fn show_change(visit: Visit, payee: Path<i64>, query: Query<ChooserQuery>) -> PageResult {
    show_at(&visit, enter_change(&visit, payee.into_inner()).await?, &query).await
}

/// Goes on with a payee that is there.
///
/// # Errors
/// As [`submit`]; 404 for a payee of somebody else.
pub async fn submit_change(
    visit: Visit,
    payee: Path<i64>,
    query: Query<ChooserQuery>,
    body: FormBody,
) -> PageResult {
    submit_at(&visit, enter_change(&visit, payee.into_inner()).await?, &query, body).await
}

/// Shows BTR021 with what was typed before.
///
/// # Errors
/// 303 where another step is due, 404 for somebody else's flow.
pub async fn show_again(
    visit: Visit,
    flow_id: Path<String>,
    query: Query<ChooserQuery>,
) -> PageResult {
    show_at(&visit, enter_again(&visit, &flow_id).await?, &query).await
}

/// Goes on with what was typed again.
///
/// # Errors
/// 4xx for what is no form of ours, 409 where somebody was faster.
pub async fn submit_again(
    visit: Visit,
    flow_id: Path<String>,
    query: Query<ChooserQuery>,
    body: FormBody,
) -> PageResult {
    submit_at(&visit, enter_again(&visit, &flow_id).await?, &query, body).await
}

/// How far the choice of the branch has come: what the address says, or else what is kept.
async fn choice(visit: &Visit, at: &At, query: &ChooserQuery) -> Result<Choice, PageError> {
    let Some(kept) = at.kept.as_ref().filter(|_| query.is_empty()) else {
        return chooser::choose(visit, &at.base, query).await;
    };
    let place = &kept.place;
    let found = chooser::find(visit, &place.bank_code, &place.branch_code).await?;
    match found {
        Some(branch) => Ok(Choice::Chosen(branch)),
        // It is not there any more: another one has to be chosen.
        None => {
            let begin = ChooserQuery { bank: Some(place.bank_code.clone()), ..Default::default() };
            chooser::choose(visit, &at.base, &begin).await
        }
    }
}

async fn show_at(visit: &Visit, at: At, query: &ChooserQuery) -> PageResult {
    let branch = match choice(visit, &at, query).await? {
        Choice::Asking(chooser) => {
            let page = PayeeChoosePage {
                shell: shell(visit, &at),
                steps: steps(&STEPS, 0),
                chooser: *chooser,
                back_url: visit.url(PAYEES),
            };
            return visit.page(StatusCode::OK, &page);
        }
        Choice::Chosen(branch) => branch,
    };
    let typed = match &at.kept {
        Some(kept) => PayeeForm {
            account_type: Some(kept.place.account_type.as_str().to_owned()),
            number: kept.place.number.clone(),
            holder: kept.holder.clone(),
            nickname: kept.nickname.clone(),
        },
        None => PayeeForm {
            account_type: Some(PayeeAccountType::Ordinary.as_str().to_owned()),
            number: String::new(),
            holder: String::new(),
            nickname: String::new(),
        },
    };
    let form = form(&at, &branch, &typed);
    show_input(visit, &at, &branch, form)
}

fn shell(visit: &Visit, at: &At) -> Shell {
    let mut shell = visit.shell_of(&screens::BTR021, &at.who);
    shell.title = if at.payee.is_some() { "振込先の変更" } else { "振込先の登録" }.into();
    shell
}

fn show_input(visit: &Visit, at: &At, branch: &ChosenBranch, form: FormView) -> PageResult {
    let row = crate::web::page::Row::new;
    let delete = at.payee.filter(|_| at.flow.is_none()).map(|(id, _)| {
        FormView::new(visit.url(&format!("{PAYEES}/{id}/delete")), at.who.csrf_token())
    });
    let page = PayeeInputPage {
        shell: shell(visit, at),
        steps: steps(&STEPS, 1),
        place: vec![
            row("金融機関", format!("{}（{}）", branch.bank_name, branch.bank_code)),
            row("支店", format!("{}（{}）", branch.branch_name, branch.branch_code)),
        ],
        choose_url: chooser::begin_url(&at.base),
        delete,
        back_url: match at.payee {
            Some(_) => visit.url(PAYEES),
            None => format!("{}?bank={}", at.base, branch.bank_code),
        },
        form,
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// The fields of an account: kind, number, holder.
pub(in crate::web) fn account_fields(
    account_type: Option<&str>,
    number: &str,
    holder: &str,
) -> Vec<FieldView> {
    let choices = PayeeAccountType::ALL.iter().map(|kind| form::Choice {
        value: kind.as_str().to_owned(),
        label: kind.label().to_owned(),
        hint: None,
        image: None,
        is_chosen: account_type == Some(kind.as_str()),
    });
    vec![
        FieldView::radio("account_type", "預金種目", choices.collect()),
        FieldView::text("number", "口座番号")
            .hint("7桁の数字です。7桁に満たないときは、前に0をつけてお取り扱いします。")
            .inputmode("numeric")
            .maxlength(NUMBER_LENGTH_MAX)
            .value(number),
        FieldView::text("holder", "受取人名（カナ）")
            .hint(
                "空欄のまま「次へ」を押すと、名義を照会します。照会できないときは、口座の名義を入力してください。ひらがな、全角、半角のどれでも入力できます。",
            )
            .maxlength(HOLDER_LENGTH_MAX)
            .value(holder),
    ]
}

fn form(at: &At, branch: &ChosenBranch, typed: &PayeeForm) -> FormView {
    let kind = typed.account_type.as_deref();
    let mut fields = account_fields(kind, &typed.number, &typed.holder);
    fields.push(
        FieldView::text("nickname", "登録名（任意）")
            .hint("一覧に表示する名前です。30文字まで、漢字でも入力できます。先方には通知されません。")
            .maxlength(NICKNAME_MAX)
            .value(&typed.nickname),
    );
    let action = format!("{}?bank={}&branch={}", at.base, branch.bank_code, branch.branch_code);
    FormView::new(action, at.who.csrf_token()).fields(fields)
}

async fn submit_at(visit: &Visit, at: At, query: &ChooserQuery, body: FormBody) -> PageResult {
    let typed: PayeeForm = body.of(&at.who)?;
    let Choice::Chosen(branch) = choice(visit, &at, query).await? else {
        return Err(PageError::BadRequest("no branch is chosen"));
    };
    let mut view = form(&at, &branch, &typed);
    let Some((draft, answer)) = check(visit, &at, &branch, &typed, &mut view).await? else {
        return show_input(visit, &at, &branch, view);
    };
    let services = &visit.app.services;
    let Some(flow) = &at.flow else {
        let begun = (&draft, answer);
        let flow_id = draft::begin(services, &at.who.ctx, &at.who.login, begun).await?;
        return Ok(see_other(&visit.url(&format!("{PAYEES}/flow/{flow_id}/confirm"))));
    };
    if draft::keep(services, flow, &draft).await? {
        Ok(see_other(&flow::url(visit, flow, "confirm")))
    } else {
        Err(PageError::Conflict { back: visit.url(PAYEES) })
    }
}

/// What was typed, with the name that was looked up; nothing: the form says what is wrong.
async fn check(
    visit: &Visit,
    at: &At,
    branch: &ChosenBranch,
    typed: &PayeeForm,
    form: &mut FormView,
) -> Result<Option<(PayeeDraft, &'static str)>, PageError> {
    let account_type = typed.account_type.as_deref().and_then(PayeeAccountType::from_text);
    if account_type.is_none() {
        form.set_error("account_type", "預金種目を選んでください。");
    }
    let number = checked_number(form, &typed.number);
    let holder = checked_holder(form, &typed.holder);
    let nickname = checked_nickname(form, &typed.nickname);
    if at.payee.is_none() && at.count >= PAYEES_MAX {
        form.errors.push(format!(
            "振込先は{PAYEES_MAX}件まで登録できます。お使いにならない振込先を先に削除してください。"
        ));
    }
    let (Some(account_type), Some(number), false) = (account_type, number, form.is_invalid())
    else {
        return Ok(None);
    };
    let mut destination = Destination {
        bank_code: branch.bank_code.clone(),
        bank_name: branch.bank_name.clone(),
        branch_code: branch.branch_code.clone(),
        branch_name: branch.branch_name.clone(),
        account_type,
        number,
        holder_kana: holder.unwrap_or_default(),
    };
    refuse_known(visit, at, &destination, form).await?;
    if form.is_invalid() {
        return Ok(None);
    }
    let account = destination.account();
    let answer = look_up(&visit.app.services, &at.who.ctx, at.who.user.id, &account).await?;
    let is_found = name_from(&answer, &mut destination, form);
    if form.is_invalid() {
        return Ok(None);
    }
    let draft = PayeeDraft {
        act: if at.payee.is_some() { PayeeAct::Change } else { PayeeAct::Register },
        payee: at.payee,
        destination,
        nickname,
        typed_holder: typed.holder.trim().to_owned(),
        is_found,
    };
    Ok(Some((draft, answer.as_str())))
}

/// Puts the name that was found into the destination; says what to do where none was. Whether one
/// was found.
pub(in crate::web) fn name_from(
    answer: &LookupAnswer,
    destination: &mut Destination,
    form: &mut FormView,
) -> bool {
    let is_typed = !destination.holder_kana.is_empty();
    match answer {
        LookupAnswer::Found(name) => {
            destination.holder_kana.clone_from(name);
            return true;
        }
        LookupAnswer::NotFound => form.set_error(
            "number",
            "この口座は見つかりませんでした。支店、預金種目、口座番号をお確かめください。",
        ),
        LookupAnswer::AccountClosed => form.set_error(
            "number",
            "この口座は解約されています。受取人に、今お使いの口座をお確かめください。",
        ),
        LookupAnswer::ServiceClosed if !is_typed => form.set_error(
            "holder",
            "ただいま名義を照会できません。口座の名義をカナで入力してください。",
        ),
        LookupAnswer::NotOffered if !is_typed => form.set_error(
            "holder",
            "この金融機関の名義は照会できません。口座の名義をカナで入力してください。",
        ),
        LookupAnswer::TooMany => form.set_error(
            "number",
            "本日の名義の照会は、回数の上限に達しました。明日あらためてお手続きください。お急ぎのときは、画面下のお問い合わせ先へお電話ください。",
        ),
        LookupAnswer::ServiceClosed | LookupAnswer::NotOffered => {}
    }
    false
}

/// The same account stands once among a contract's payees.
async fn refuse_known(
    visit: &Visit,
    at: &At,
    destination: &Destination,
    form: &mut FormView,
) -> Result<(), PageError> {
    let (contract_id, account) = (at.who.user.contract_id, destination.account());
    let known = visit
        .app
        .services
        .db
        .read(move |conn| payees::find_by_account(conn, contract_id, &account))
        .await?;
    let is_own = |payee: &Payee| at.payee.is_some_and(|(id, _)| id == payee.id);
    if let Some(other) = known.filter(|payee| !is_own(payee)) {
        form.set_error(
            "number",
            format!(
                "この口座は「{}」として登録されています。変更するときは、振込先一覧からお選びください。",
                other.shown_name()
            ),
        );
    }
    Ok(())
}

/// The number as it is sent; nothing where the form says what is wrong.
pub(in crate::web) fn checked_number(form: &mut FormView, typed: &str) -> Option<String> {
    let number = padded_number(&normalise_digits(typed));
    if number.is_none() {
        form.set_error("number", "口座番号は7桁までの数字で入力してください。");
    }
    number
}

/// The name as it is sent; nothing where none was typed, or where the form says what is wrong.
pub(in crate::web) fn checked_holder(form: &mut FormView, typed: &str) -> Option<String> {
    if typed.trim().is_empty() {
        return None;
    }
    match convert(typed, PAYEE_NAME_MAX) {
        Ok(converted) => Some(converted.name),
        Err(problem) => {
            let (text, offer) = words::name_problem(&problem);
            form.set_error("holder", text);
            for field in form.fields.iter_mut().filter(|field| field.name == "holder") {
                if let Some(offer) = &offer {
                    *field = field.clone().value(offer);
                }
            }
            None
        }
    }
}

fn checked_nickname(form: &mut FormView, typed: &str) -> String {
    let nickname = typed.trim().to_owned();
    if nickname.chars().count() > NICKNAME_MAX {
        form.set_error("nickname", format!("登録名は{NICKNAME_MAX}文字以内で入力してください。"));
    } else if nickname.chars().any(char::is_control) {
        form.set_error("nickname", "登録名に使えない文字があります。改行などを除いてください。");
    }
    nickname
}
