//! BAU100 利用者情報選択: the users and their tokens.

use actix_web::http::StatusCode;
use actix_web::web::Query;

use crate::db::queries::contracts;
use crate::domain::portal::SecretKind;
use crate::domain::user::Role;
use crate::operations::certificate::is_offered;
use crate::web::administration::list::{self, ListQuery, ListView, MemberRow};
use crate::web::administration::{enter, release};
use crate::web::administrator::{CERTIFICATES, MENU, MODE, STOP, mode_label, row};
use crate::web::failure::PageResult;
use crate::web::page::{Link, Shell};
use crate::web::principal::ADMINISTRATOR_USERS;
use crate::web::screens;
use crate::web::visit::Visit;

/// BAU100.
#[derive(askama::Template)]
#[template(path = "administrator/users.html")]
pub struct UsersPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What the administrator needs beside them.
    pub needs: Vec<String>,
    /// The mode that holds.
    pub mode: &'static str,
    /// The users.
    pub list: ListView,
    /// The portal's word for the serial number.
    pub serial_label: String,
    /// 利用形態設定.
    pub register: Link,
    /// The other acts on tokens.
    pub acts: Vec<Link>,
    /// BAD100.
    pub back_url: String,
}

/// What can be done beside the registration of tokens.
fn acts(visit: &Visit) -> Vec<Link> {
    let words = &visit.profile.words;
    let link = |label: String, path: &str| Link { label, url: visit.url(path) };
    let mut acts = vec![
        link(words.release.clone(), release::PATH),
        link(words.stop.clone().unwrap_or_default(), STOP),
    ];
    if is_offered(&visit.profile) {
        acts.push(link("電子証明書の失効".to_owned(), CERTIFICATES));
    }
    acts
}

/// Shows BAU100.
///
/// # Errors
/// 403 for whoever is no administrator.
pub async fn show(visit: Visit, query: Query<ListQuery>) -> PageResult {
    let (asked, max) = (query.clone(), visit.profile.tokens.throttle.failures_max);
    let (who, (listed, mode)) = enter(&visit, move |conn, _, user| {
        let listed = list::read_of(conn, user.contract_id, &asked, max, Some(Role::General))?;
        Ok((listed, contracts::get(conn, user.contract_id)?.token_mode))
    })
    .await?;
    let rows: Vec<MemberRow> =
        listed.members.iter().map(|member| row(&visit, &listed, member, None, &[])).collect();
    let (profile, words) = (&visit.profile, &visit.profile.words);
    let label = |kind| profile.secret_label(kind, who.user.role).to_owned();
    let link = |label: String, path: &str| Link { label, url: visit.url(path) };
    let page = UsersPage {
        shell: visit.shell_of(&screens::BAU100, &who),
        needs: vec![
            "お客様カード".to_owned(),
            label(SecretKind::Login),
            label(SecretKind::Confirm),
            words.token.clone(),
        ],
        mode: mode.map_or("まだ設定されていません", mode_label),
        list: list::view(&visit, ADMINISTRATOR_USERS, &query, listed.total, rows, true),
        serial_label: words.serial.clone(),
        register: link("利用形態設定".to_owned(), MODE),
        acts: acts(&visit),
        back_url: visit.url(MENU),
    };
    visit.page(StatusCode::OK, &page)
}
