//! Where serial number and code are found on each kind of token that the portal takes.

use chrono::NaiveDate;

use crate::domain::portal::{KindRules, Profile};
use crate::domain::token::TokenKind;
use crate::web::page::{Drawing, TokenGuide};

/// The guides of the kinds that can be registered today.
pub fn open_kinds(profile: &Profile, today: NaiveDate) -> Vec<TokenGuide> {
    profile.tokens.open_kinds(today).map(|rules| guide(profile, rules)).collect()
}

/// The guide of one kind.
pub fn guide(profile: &Profile, rules: &KindRules) -> TokenGuide {
    TokenGuide {
        name: rules.label.clone(),
        drawings: drawings(rules.kind),
        serial_label: profile.words.serial.clone(),
        serial_place: rules.serial_place.clone(),
        code_place: rules.code_place.clone(),
    }
}

fn drawings(kind: TokenKind) -> Vec<Drawing> {
    let pictures: &[(&str, &str)] = match kind {
        TokenKind::Hardware => &[
            ("img/token-hardware-back.svg", "トークンの裏面。シリアル番号が記載されています。"),
            ("img/token-hardware-front.svg", "トークンの表面。液晶に数字が表示されます。"),
        ],
        TokenKind::App => {
            &[("img/token-app.svg", "アプリの画面。数字とシリアルNoが表示されます。")]
        }
        TokenKind::Desktop => {
            &[("img/token-desktop.svg", "パソコン用アプリの画面。数字とシリアルNoが表示されます。")]
        }
        TokenKind::VendorApp => &[(
            "img/token-vendor.svg",
            "認証アプリの画面。英字4文字と数字8桁の番号が表示されます。",
        )],
    };
    pictures
        .iter()
        .map(|(image, description)| Drawing {
            image: (*image).to_owned(),
            description: (*description).to_owned(),
        })
        .collect()
}
