//! The letters of STF021 and STF022: a new initial password, or 登録番号; as PDF, or as a page where
//! there is no font.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{self, Path};

use crate::domain::portal::{Profile, RegistrationPlace, SecretKind};
use crate::domain::registration_number::grouped;
use crate::domain::staff_request::StaffAct;
use crate::letter::{Letter, LetterError, LetterFont, render};
use crate::operations::staff::letter::{self, PrintOutcome, PrintedLetter, first_number};
use crate::primitives::clock::{jst_minute_text, jst_receipt_text, to_jst};
use crate::primitives::ids::StaffRequestId;
use crate::web::failure::{PageError, PageResult};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::screens;
use crate::web::staff::principal::{self, StaffWho};
use crate::web::staff::requests::DecisionForm;
use crate::web::staff::visit::StaffVisit;

/// A letter, as it is printed from the screen.
#[derive(askama::Template)]
#[template(path = "staff/letter.html")]
pub struct LetterPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Why it is no PDF.
    pub notice: Option<Notice>,
    /// To whom.
    pub name: String,
    /// What it is about.
    pub lead: String,
    /// Login id.
    pub login_id: String,
    /// The label of the login id.
    pub id_label: String,
    /// The initial password or the number.
    pub secret: String,
    /// Its label.
    pub secret_label: String,
    /// What holds of it.
    pub secret_note: String,
    /// When.
    pub printed_at: String,
    /// Back to the request.
    pub back_url: String,
}

/// Prints the letter: besides the PDF the one page that answers a POST itself, because what it
/// tells is forgotten with this answer and no address may bring it back.
///
/// # Errors
/// 403 for anybody but who asked for it, 409 where it was printed before.
pub async fn print(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let id = path.into_inner();
    let (who, printed) = printed(&visit, id, body).await?;
    show(&visit, &who, &printed, (id, None))
}

/// The same as PDF. Where no PDF can be made after all, the page comes in its place: what the
/// letter tells cannot be shown a second time.
///
/// # Errors
/// As [`print`].
pub async fn pdf(visit: StaffVisit, path: Path<i64>, body: FormBody) -> PageResult {
    let id = path.into_inner();
    let font_path = visit.app.options.letter_font.clone();
    // Whoever may not come in reads no font: the form and its member are looked at first.
    let (who, printed) = printed(&visit, id, body).await?;
    let words = words(&visit, &printed);
    let made = web::block(move || -> Result<Vec<u8>, LetterError> {
        render(&LetterFont::read(&font_path)?, &words)
    })
    .await
    .map_err(|error| PageError::Internal(error.to_string()))?;
    match made {
        Ok(bytes) => Ok(HttpResponse::Ok()
            .content_type("application/pdf")
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{id:07}.pdf\"")))
            .body(bytes)),
        Err(error) => {
            tracing::warn!(%error, "a letter was shown as a page");
            let text = "PDFを作れなかったため、画面に表示しています。システム担当に設定（letter_font）の確認を依頼してください。";
            show(&visit, &who, &printed, (id, Some(text)))
        }
    }
}

async fn printed(
    visit: &StaffVisit,
    id: i64,
    body: FormBody,
) -> Result<(StaffWho, PrintedLetter), PageError> {
    let id = StaffRequestId(id);
    let (who, ()) = principal::enter(visit, |_, _| Ok(())).await?;
    let DecisionForm {} = body.of_staff(&who)?;
    let back = visit.url(&format!("requests/{id}"));
    match letter::print(&visit.app.services, &who.ctx, &who.member, id).await? {
        PrintOutcome::Printed(printed) => Ok((who, *printed)),
        PrintOutcome::WrongPerson => Err(PageError::Forbidden("the letter of somebody else")),
        PrintOutcome::Gone => Err(PageError::Conflict { back }),
    }
}

fn show(
    visit: &StaffVisit,
    who: &StaffWho,
    printed: &PrintedLetter,
    (id, why): (i64, Option<&str>),
) -> PageResult {
    let is_number = printed.act == StaffAct::RegistrationNumber;
    let words = words(visit, printed);
    let screen = if is_number { &screens::STF022 } else { &screens::STF021 };
    let mut shell = visit.shell_of(screen, who);
    shell.title = words.title.clone().into();
    let page = LetterPage {
        shell,
        notice: why.map(|why| Notice {
            tone: Tone::Warn,
            title: "PDFではありません".to_owned(),
            text: vec![why.to_owned()],
        }),
        name: words.addressee,
        lead: words.lead,
        login_id: printed.user.login_id.clone(),
        id_label: visit.profile.credentials.id.label.clone(),
        secret: words.secret.1,
        secret_label: words.secret.0,
        secret_note: words.secret_note,
        printed_at: jst_receipt_text(visit.ctx.now),
        back_url: visit.url(&format!("requests/{id}")),
    };
    visit.page(StatusCode::OK, &page)
}

/// What differs between the letters.
struct Words {
    title: &'static str,
    lead: String,
    secret_label: String,
    secret_note: String,
    steps: Vec<String>,
}

fn words(visit: &StaffVisit, printed: &PrintedLetter) -> Letter {
    let profile = &visit.profile;
    let url = format!("{}/{}/login", visit.app.options.public_url, profile.slug());
    let own = match printed.act {
        StaffAct::RegistrationNumber => of_number(profile, &url, printed),
        _ => of_password(profile, &url, printed),
    };
    let is_number = printed.act == StaffAct::RegistrationNumber;
    let secret = match is_number {
        true => grouped(&printed.secret),
        false => printed.secret.as_str().to_owned(),
    };
    let contact = &profile.contact;
    let losses = contact.telephone_for_losses();
    let lost_hours = contact.lost_hours.as_ref().unwrap_or(&contact.hours);
    Letter {
        title: own.title.to_owned(),
        institution: profile.portal.institution.clone(),
        service: profile.portal.service.clone(),
        date: to_jst(visit.ctx.now).format("%Y年%-m月%-d日").to_string(),
        addressee: printed.user.name.clone(),
        lead: own.lead,
        ids: vec![(profile.credentials.id.label.clone(), printed.user.login_id.clone())],
        secret: (own.secret_label.clone(), secret),
        secret_note: own.secret_note,
        steps: own.steps,
        care: format!(
            "職員が、電話やメールで{}やワンタイムパスワードをお聞きすることは決してありません。お心当たりのないときや、封が開いていたときは、手続きをせずに下記へお電話ください。",
            own.secret_label
        ),
        contact: vec![
            format!("お問い合わせ　{}", contact.department),
            format!("電話 {}　{}", contact.telephone, contact.hours),
            format!("紛失・盗難のとき　電話 {losses}　{lost_hours}"),
        ],
    }
}

fn of_password(profile: &Profile, url: &str, printed: &PrintedLetter) -> Words {
    let id = &profile.credentials.id.label;
    let role = printed.user.role;
    let login = profile.secret_label(SecretKind::Login, role);
    let confirm = profile.secret_label(SecretKind::Confirm, role);
    let number = first_number(profile, printed.act, Some(role));
    let label = number.map_or("初期パスワード", |rule| rule.label.as_str()).to_owned();
    let first = match number {
        Some(_) => format!("ログイン画面（ {url} ）を開き、「開通確認（管理者）」を押します。"),
        None => format!("パソコンかスマートフォンで、ログイン画面（ {url} ）を開きます。"),
    };
    Words {
        title: match number {
            Some(_) => "開通のお知らせ",
            None => "初期パスワードのお知らせ",
        },
        lead: format!(
            "インターネットバンキングをご利用いただくための{label}をお知らせします。はじめてお使いになるときに、ご自身の{login}に変更してください。"
        ),
        secret_note: match number {
            Some(_) => "開通確認で一度だけ使います。".to_owned(),
            None => "大文字と小文字を区別します。はじめてのログインで一度だけ使います。".to_owned(),
        },
        steps: vec![
            first,
            format!("{id}と、上の{label}を入力します。"),
            format!(
                "画面の案内に沿って、新しい{login}と{confirm}を決め、メールアドレスを登録します。"
            ),
            "終わったら、この書面を細かく切って捨ててください。".to_owned(),
        ],
        secret_label: label,
    }
}

fn of_number(profile: &Profile, url: &str, printed: &PrintedLetter) -> Words {
    let words = &profile.words;
    let until = printed.until.map_or_else(String::new, jst_minute_text);
    let way = match profile.tokens.registration {
        RegistrationPlace::MenuAfterLogin => {
            format!("ログインし（ {url} ）、「{}申請」の「トークン発行」を押します。", words.otp)
        }
        _ => format!(
            "ログイン画面（ {url} ）の「{}」を押し、画面の案内に沿って進みます。",
            words.start
        ),
    };
    Words {
        title: "登録番号のお知らせ",
        lead: format!(
            "これまでの{}を使えないようにしました（失効）。新しい{}を登録するときは、次の登録番号が必要です。",
            words.token, words.token
        ),
        secret_label: "登録番号".to_owned(),
        secret_note: format!("{until}まで、一度だけ使えます。"),
        steps: vec![
            format!("新しい{}をお手元にご用意ください。", words.token),
            way,
            "「登録番号」の欄に、上の8桁の数字を入力します。".to_owned(),
            "登録が終わったら、この書面を細かく切って捨ててください。".to_owned(),
        ],
    }
}
