//! The token wall: every demo token with the code that its display shows now, and picture cards.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Page, blocking, json, shell_of};
use crate::domain::picture_card::{COLUMNS, PICTURES, ROWS};
use crate::domain::portal::TokenKind;
use crate::operations::OperationError;
use crate::operations::demo::wall::{WallState, signed_by_app};
use crate::operations::demo::{WallCard, WallToken, picture_cards, token_wall};
use crate::primitives::clock::jst_minute_text;
use crate::web::WebApp;
use crate::web::failure::{PageError, PageResult};
use crate::web::page::{NavItem, QrView, Shell};
use crate::web::shell::render;

/// Tokens in the hand of one person that show at once; the rest waits behind a fold.
const SHIPPED_SHOWN: usize = 3;

#[derive(Serialize)]
struct TokenJson {
    serial: String,
    portal: String,
    kind: &'static str,
    owner: String,
    state: &'static str,
    code: String,
    digits: u8,
    period: i64,
    seconds_left: i64,
    otpauth: String,
}

#[derive(Serialize)]
struct CardJson {
    portal: String,
    login_id: String,
    name: String,
    is_locked: bool,
    cells: Vec<String>,
}

#[derive(Serialize)]
struct WallJson {
    tokens: Vec<TokenJson>,
    picture_cards: Vec<CardJson>,
}

/// A token on the wall.
pub struct TokenView {
    /// Its key for the script.
    pub key: String,
    /// シリアル番号.
    pub serial: String,
    /// What its users call the kind.
    pub kind: String,
    /// Who has it.
    pub owner: String,
    /// How it stands.
    pub state: &'static str,
    /// Class of the state's mark.
    pub state_class: &'static str,
    /// The code in two groups.
    pub code: String,
    /// Until the next code.
    pub seconds_left: i64,
    /// Seconds for which a code shows.
    pub period: i64,
    /// 有効期限.
    pub expires_text: Option<String>,
    /// The drawing of its QR code.
    pub qr_url: String,
}

/// What the app would show for a challenge.
pub struct SignedView {
    /// What was typed.
    pub typed: String,
    /// The code; none for what is no challenge of a token app here.
    pub code: Option<String>,
}

/// A cell of a picture card.
pub struct CellView {
    /// Name of its drawing below `static/`.
    pub image: String,
    /// What it shows.
    pub label: String,
}

/// A picture card.
pub struct CardView {
    /// Its holder.
    pub name: String,
    /// The holder's login id.
    pub login_id: String,
    /// Locked.
    pub is_locked: bool,
    /// Row by row.
    pub rows: Vec<Vec<CellView>>,
}

/// QAC020.
#[derive(Template)]
#[template(path = "qa/tokens.html")]
pub struct TokensPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The way to the other portals' tokens.
    pub tabs: Vec<NavItem>,
    /// The portal whose tokens show.
    pub portal: String,
    /// What a tester asks the app to sign, and the code that it would show.
    pub signed: Option<SignedView>,
    /// Tokens.
    pub tokens: Vec<TokenView>,
    /// Tokens in reserve.
    pub spares: Vec<TokenView>,
    /// Picture cards.
    pub cards: Vec<CardView>,
}

#[derive(Deserialize)]
pub(super) struct TokensQuery {
    portal: Option<String>,
    sign: Option<String>,
}

/// Tokens and cards as JSON.
///
/// # Errors
/// Database or key trouble.
pub async fn list(app: Data<WebApp>) -> PageResult {
    let services = app.services.clone();
    let wall = blocking(move || {
        let tokens = token_wall(&services)?.into_iter().map(token_json).collect();
        let cards = picture_cards(&services)?.into_iter().map(card_json).collect();
        Ok(WallJson { tokens, picture_cards: cards })
    })
    .await?;
    Ok(json(StatusCode::OK, &wall))
}

fn token_json(token: WallToken) -> TokenJson {
    TokenJson {
        owner: login_ids(&token),
        serial: token.serial,
        portal: token.portal,
        kind: token.kind.map_or("staff", TokenKind::as_str),
        state: token.state.as_str(),
        code: token.code,
        digits: token.digits,
        period: token.period_seconds,
        seconds_left: token.seconds_left,
        otpauth: token.otpauth_url,
    }
}

fn login_ids(token: &WallToken) -> String {
    let ids: Vec<&str> = token.owners.iter().map(|owner| owner.login_id.as_str()).collect();
    ids.join(",")
}

fn card_json(card: WallCard) -> CardJson {
    let WallCard { portal, login_id, name, cells, is_locked } = card;
    CardJson { portal, login_id, name, is_locked, cells }
}

/// Shows the tokens of one portal.
///
/// # Errors
/// Database or key trouble.
pub async fn show(app: Data<WebApp>, query: Query<TokensQuery>) -> PageResult {
    let services = app.services.clone();
    let typed = query.sign.clone().filter(|typed| !typed.is_empty());
    let (tokens, cards, signed) = blocking(move || {
        let signed = typed.map(|typed| {
            let code = signed_by_app(&services, &typed)?;
            Ok::<_, OperationError>(SignedView { typed, code })
        });
        Ok((token_wall(&services)?, picture_cards(&services)?, signed.transpose()?))
    })
    .await?;
    let slugs = slugs(&app);
    let asked = query.portal.as_ref().filter(|slug| slugs.contains(slug));
    let chosen = asked.or(slugs.first()).cloned().unwrap_or_default();
    let is_chosen = |slug: &str| slug == chosen;
    let (tokens, spares) = fold_spares(tokens.into_iter().filter(|t| is_chosen(&t.portal)));
    let views = |tokens: Vec<WallToken>| tokens.into_iter().map(|t| view(&app, t)).collect();
    let page = TokensPage {
        shell: shell_of(&app, Page::Tokens),
        tabs: slugs.iter().map(|slug| tab(&app, slug, is_chosen(slug))).collect(),
        portal: chosen.clone(),
        signed,
        tokens: views(tokens),
        spares: views(spares),
        cards: cards.into_iter().filter(|card| is_chosen(&card.portal)).map(card_view).collect(),
    };
    render(StatusCode::OK, &page)
}

/// The portals, those served first.
fn slugs(app: &WebApp) -> Vec<String> {
    let mut slugs: Vec<String> = app.services.profiles.keys().cloned().collect();
    slugs.sort_by_key(|slug| !app.options.served.contains(slug));
    slugs
}

fn tab(app: &WebApp, slug: &str, is_current: bool) -> NavItem {
    let profile = app.services.profiles.get(slug);
    NavItem {
        label: profile.map_or(slug, |profile| &profile.portal.institution).to_owned(),
        url: format!("/qa/tokens?portal={slug}"),
        is_current,
    }
}

/// Tokens of one person beyond the first few that are only shipped.
fn fold_spares(tokens: impl Iterator<Item = WallToken>) -> (Vec<WallToken>, Vec<WallToken>) {
    let mut shown = std::collections::BTreeMap::<String, usize>::new();
    tokens.partition(|token| {
        if token.state != WallState::Shipped {
            return true;
        }
        let count = shown.entry(login_ids(token)).or_default();
        *count += 1;
        *count <= SHIPPED_SHOWN
    })
}

fn view(app: &WebApp, token: WallToken) -> TokenView {
    let owners: Vec<String> =
        token.owners.iter().map(|owner| format!("{} {}", owner.name, owner.login_id)).collect();
    let code = token.code;
    let (left, right) = code.split_at_checked(code.len() / 2).unwrap_or((&code, ""));
    TokenView {
        key: format!("{}/{}", token.portal, token.serial),
        kind: kind_label(app, &token.portal, token.kind),
        owner: owners.join("、"),
        state: token.state.label(),
        state_class: state_class(token.state),
        code: format!("{left} {right}"),
        seconds_left: token.seconds_left,
        period: token.period_seconds,
        expires_text: token.expires_at.map(jst_minute_text),
        qr_url: format!("/qa/tokens/{}/{}/qr.svg", token.portal, token.serial),
        serial: token.serial,
    }
}

fn kind_label(app: &WebApp, portal: &str, kind: Option<TokenKind>) -> String {
    let Some(kind) = kind else { return "職員の認証アプリ".to_owned() };
    let rules = app.services.profiles.get(portal).and_then(|profile| profile.token_kind(kind));
    rules.map_or_else(|| kind.as_str().to_owned(), |rules| rules.label.clone())
}

fn state_class(state: WallState) -> &'static str {
    match state {
        WallState::InUse => "success",
        WallState::Suspended | WallState::Expired => "error",
        WallState::Stock | WallState::Shipped | WallState::Retired => "info",
    }
}

fn card_view(card: WallCard) -> CardView {
    let cell = |name: &String| CellView {
        image: format!("img/pictures/{name}.svg"),
        label: PICTURES
            .iter()
            .find(|(known, _)| known == name)
            .map_or_else(String::new, |(_, label)| (*label).to_owned()),
    };
    let rows = card.cells.chunks(COLUMNS).take(ROWS);
    CardView {
        rows: rows.map(|row| row.iter().map(cell).collect()).collect(),
        name: card.name,
        login_id: card.login_id,
        is_locked: card.is_locked,
    }
}

/// The credential of a token as a QR code, for an RFC 6238 app on a real phone.
///
/// # Errors
/// 404 for a token that is not there; database or key trouble.
pub async fn qr(app: Data<WebApp>, path: Path<(String, String)>) -> PageResult {
    let (portal, serial) = path.into_inner();
    let services = app.services.clone();
    let tokens = blocking(move || token_wall(&services)).await?;
    let token = tokens.iter().find(|token| token.portal == portal && token.serial == serial);
    let token = token.ok_or(PageError::NotFound)?;
    let QrView { size, path } = QrView::of_text(&token.otpauth_url)
        .map_err(|error| PageError::Internal(error.to_string()))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/svg+xml"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" \
             width=\"{size}\" height=\"{size}\" shape-rendering=\"crispEdges\">\
             <rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path d=\"{path}\"/></svg>"
        )))
}
