//! STF013, ファイル伝送の取扱い: what is agreed with a contract for each kind of file, and the form
//! with which staff record it.

use std::borrow::Cow;

use actix_web::web::Path;
use serde::Deserialize;
use validator::Validate;

use crate::db::queries::{bulk_files, contracts};
use crate::domain::bulk_file::{BulkKind, BulkService};
use crate::domain::contract::Contract;
use crate::domain::portal::Profile;
use crate::operations::staff::bulk_service::agree;
use crate::primitives::ids::ContractId;
use crate::primitives::yen::Yen;
use crate::web::failure::{PageError, PageResult};
use crate::web::fields::INPUT_LENGTH_MAX;
use crate::web::form::{Choice, FieldView, FormView};
use crate::web::form_body::FormBody;
use crate::web::page::{Link, Notice, Row, Tone};
use crate::web::screens;
use crate::web::staff::act::{self, ActPage};
use crate::web::staff::bulk_service_fields::{EXTERNAL, Typed, checked};
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::visit::StaffVisit;

/// One kind of file on the contract's page.
#[derive(Debug, Clone)]
pub struct ServiceRow {
    /// The kind.
    pub kind: Cow<'static, str>,
    /// What is agreed.
    pub text: String,
    /// The way to the form, for those who may use it.
    pub change: Option<String>,
}

/// Every kind of file with what is agreed.
pub(super) fn list(
    visit: &StaffVisit,
    contract_id: ContractId,
    agreed: &[BulkService],
    may_change: bool,
) -> Vec<ServiceRow> {
    let row = |kind: &BulkKind| ServiceRow {
        kind: kind.label().into(),
        text: match agreed.iter().find(|service| service.kind == *kind) {
            Some(service) => text(service),
            None => "取り扱っていません".to_owned(),
        },
        change: may_change.then(|| visit.url(&address(contract_id, *kind))),
    };
    BulkKind::ALL.iter().map(row).collect()
}

fn text(service: &BulkService) -> String {
    let approval = match service.second_approval_from_yen {
        None => "承認1名".to_owned(),
        Some(Yen(0)) => "承認2名".to_owned(),
        Some(from) => format!("承認1名（{from}から2名）"),
    };
    let maker = if service.maker_may_approve { "、作成者の承認可" } else { "" };
    let external = if service.external_send { "　外部ファイル送信可" } else { "" };
    format!(
        "委託者コード {}　{}　種別 {}　{approval}{maker}{external}　1ファイル {}　1件 {}まで",
        service.originator_code,
        service.originator_kana,
        service.business_type,
        service.file_limit_yen,
        service.record_limit_yen,
    )
}

fn address(contract_id: ContractId, kind: BulkKind) -> String {
    format!("contracts/{contract_id}/files/{kind}")
}

/// The contract and kind that are agreed on.
struct At {
    who: StaffWho,
    contract: Contract,
    kind: BulkKind,
    service: Option<BulkService>,
}

/// 404 also in portals without bulk files, and for what is no kind of file.
async fn enter(visit: &StaffVisit, (id, kind): (i64, String)) -> Result<At, PageError> {
    let kind = BulkKind::from_text(&kind).filter(|_| visit.profile.services.bulk_files);
    let (slug, id) = (visit.profile.slug().to_owned(), ContractId(id));
    let (who, found) = principal::enter(visit, move |conn, _| {
        let (Some(contract), Some(kind)) = (contracts::find_of_portal(conn, &slug, id)?, kind)
        else {
            return Ok(None);
        };
        let service = bulk_files::find_service(conn, contract.id, kind)?;
        Ok(Some((contract, kind, service)))
    })
    .await?;
    let (contract, kind, service) = found.ok_or(PageError::NotFound)?;
    Ok(At { who, contract, kind, service })
}

const LEAD: &str = "お申込みの書面にもとづいて、この種類のデータの取扱いを登録します。\
    取扱いをやめると、送信済みで指定日前のデータは受付エラーになります。";

/// The form.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct ServiceForm {
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    offered: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    originator_code: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    originator_kana: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    business_type: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    route: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    second_from: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    maker: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    file_limit: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    record_limit: String,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    external: Option<String>,
    #[validate(length(max = "INPUT_LENGTH_MAX"))]
    note: String,
}

impl ServiceForm {
    fn typed(&self) -> Typed<'_> {
        Typed {
            offered: self.offered.as_deref(),
            originator_code: &self.originator_code,
            originator_kana: &self.originator_kana,
            business_type: self.business_type.as_deref(),
            route: self.route.as_deref(),
            second_from: &self.second_from,
            maker: self.maker.as_deref(),
            file_limit: &self.file_limit,
            record_limit: &self.record_limit,
            external: self.external.as_deref(),
        }
    }
}

/// 種別コード that a company may have for this kind.
pub(super) fn business_types(kind: BulkKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        BulkKind::GeneralTransfer => &[("21", "21")],
        BulkKind::Salary => &[("11", "11（民間）"), ("71", "71（地方公務員）")],
        BulkKind::Bonus => &[("12", "12（民間）"), ("72", "72（地方公務員）")],
        BulkKind::DirectDebit => &[("91", "91")],
    }
}

fn choices(of: &[(&'static str, &'static str)], chosen: Option<&str>) -> Vec<Choice> {
    let choice = |(value, label): &(&'static str, &'static str)| Choice {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
        hint: None,
        image: None,
        is_chosen: chosen == Some(*value),
    };
    of.iter().map(choice).collect()
}

fn yen(name: &'static str, label: &str, typed: &str) -> FieldView {
    FieldView::text(name, label)
        .hint("数字で入力します。例: 50000000")
        .inputmode("numeric")
        .maxlength(20)
        .value(typed)
}

fn fields(profile: &Profile, kind: BulkKind, typed: &Typed<'_>) -> Vec<FieldView> {
    let mut fields = vec![
        FieldView::radio(
            "offered",
            "取扱い",
            choices(&[("yes", "取り扱う"), ("no", "取り扱わない")], typed.offered),
        ),
        FieldView::text("originator_code", "委託者コード")
            .hint("10桁の数字です。")
            .inputmode("numeric")
            .maxlength(16)
            .value(typed.originator_code),
        FieldView::text("originator_kana", "委託者名（カナ）")
            .hint("ファイルの1行目と同じ名前です。40文字以内（濁点も1文字）")
            .maxlength(80)
            .value(typed.originator_kana),
    ];
    if business_types(kind).len() > 1 {
        let all = choices(business_types(kind), typed.business_type);
        fields.push(FieldView::radio("business_type", "種別コード", all));
    }
    let routes = [("one", "1名"), ("two", "2名"), ("two_from", "1名（次の合計金額からは2名）")];
    fields.extend([
        FieldView::radio("route", "承認する人数", choices(&routes, typed.route)),
        yen("second_from", "2名で承認する合計金額（円、任意）", typed.second_from),
        FieldView::radio(
            "maker",
            "作成した人の承認",
            choices(&[("no", "できない"), ("yes", "できる")], typed.maker),
        ),
        yen("file_limit", "1ファイルの限度額（円）", typed.file_limit),
        yen("record_limit", "1件の限度額（円）", typed.record_limit),
    ]);
    if profile.services.external_files {
        let all = choices(&[("no", "取り扱わない"), ("yes", "取り扱う")], typed.external);
        fields.push(FieldView::radio(EXTERNAL, "外部ファイル送信", all).hint(
            "取り扱うと、お客さまの会計ソフトなどで承認されたファイルを、画面での承認なしで送信できます。2人の承認が必要な金額は送信できません。",
        ));
    }
    fields.push(act::note("申込書番号", "申込書の右上の番号です。"));
    fields
}

/// The form with what is agreed now, or with the portal's usual limits.
fn first_form(visit: &StaffVisit, at: &At) -> Result<FormView, PageError> {
    let usual = visit.profile.limits.files.map_or(Yen(0), |files| Yen(files.per_transaction_yen));
    let limit = |of: fn(&BulkService) -> Yen| at.service.as_ref().map_or(usual, of).0.to_string();
    let (file, record) =
        (limit(|service| service.file_limit_yen), limit(|service| service.record_limit_yen));
    let from = at.service.as_ref().and_then(|service| service.second_approval_from_yen);
    let from_text = from.filter(|from| from.0 > 0).map_or(String::new(), |from| from.0.to_string());
    let typed = Typed {
        offered: Some("yes"),
        originator_code: at.service.as_ref().map_or("", |service| &service.originator_code),
        originator_kana: at.service.as_ref().map_or("", |service| &service.originator_kana),
        business_type: at.service.as_ref().map(|service| service.business_type.as_str()),
        route: Some(match from {
            None => "one",
            Some(Yen(0)) => "two",
            Some(_) => "two_from",
        }),
        second_from: &from_text,
        maker: Some(match &at.service {
            Some(service) if service.maker_may_approve => "yes",
            _ => "no",
        }),
        file_limit: &file,
        record_limit: &record,
        external: Some(match &at.service {
            Some(service) if service.external_send => "yes",
            _ => "no",
        }),
    };
    let fields = fields(&visit.profile, at.kind, &typed);
    act::form(visit, &at.who, &address(at.contract.id, at.kind), fields)
}

fn page(visit: &StaffVisit, at: &At, form: FormView) -> PageResult {
    let contract = &at.contract;
    let mut shell = visit.shell_of(&screens::STF013, &at.who);
    shell.title = format!("{}の取扱い", at.kind.label()).into();
    let is_closed = contract.closed_at.is_some();
    let page = ActPage {
        shell,
        lead: LEAD,
        notice: (is_closed && !form.is_invalid()).then(|| Notice {
            tone: Tone::Warn,
            title: "今は登録できません".to_owned(),
            text: vec!["このご契約は解約済みです。".to_owned()],
        }),
        rows: vec![
            Row::new("契約番号", contract.number.clone()),
            Row::new("名義", contract.name.clone()),
            Row::new("今の取扱い", at.service.as_ref().map_or("なし".to_owned(), text)),
        ],
        form,
        button: "登録する",
        is_danger: false,
        back: Link {
            label: "ご契約に戻る".to_owned(),
            url: visit.url(&format!("contracts/{}", contract.id)),
        },
    };
    visit.form_page(page.form.is_invalid(), &page)
}

/// Shows the form.
///
/// # Errors
/// 303 to the login, 403 for a role that does not act, 404 for no contract of this portal or no
/// kind of file.
pub async fn show(visit: StaffVisit, path: Path<(i64, String)>) -> PageResult {
    let at = enter(&visit, path.into_inner()).await?;
    let form = first_form(&visit, &at)?;
    page(&visit, &at, form)
}

/// Records the agreement.
///
/// # Errors
/// 4xx for what is no form of ours.
pub async fn submit(visit: StaffVisit, path: Path<(i64, String)>, body: FormBody) -> PageResult {
    let at = enter(&visit, path.into_inner()).await?;
    let address = address(at.contract.id, at.kind);
    let (input, key): (ServiceForm, _) = body.staff_keyed(&visit, &at.who, &address)?;
    let typed = input.typed();
    let fields = fields(&visit.profile, at.kind, &typed);
    let mut form = act::form(&visit, &at.who, &address, fields)?;
    let wanted = checked(&mut form, (at.contract.id, at.kind), &typed);
    let note = act::checked_note(&mut form, &input.note);
    act::keep(&mut form, "note", &note);
    if let Some(wanted) = wanted.filter(|_| !form.is_invalid()) {
        let services = &visit.app.services;
        let given = ((at.contract.id, at.kind), wanted, note);
        let outcome = agree(services, &at.who.ctx, &at.who.member, &key, given).await?;
        if let Some(done) = act::after(&visit, outcome, &mut form, &address)? {
            return Ok(done);
        }
    }
    page(&visit, &at, form)
}
