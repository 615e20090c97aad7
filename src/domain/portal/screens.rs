//! Which screens a portal has, from its services and its token policy.

use super::{ClientCertificates, DoneBy, Keeper, Profile, RegistrationPlace, UserAdministration};

const COMMON: &[&str] = &[
    "BLG001", "BLG011", "BLG012", "BLG013", "BLG014", "BLG090", "BLG091", "BLG095", "BTP001",
    "BHL001", "BHL002", "BHL003", "BHL004", "BCI001", "BCI002", "BCI003", "BER400", "BER403",
    "BER404", "BER409", "BER500", "BER503", "BER110",
];
const LOGIN_CODE: &[&str] = &["BLG010"];
const EMERGENCY_STOP: &[&str] = &["BSP001", "BSP002"];
const INQUIRIES: &[&str] = &["BAC001", "BAC010"];
const TRANSFERS: &[&str] = &[
    "BTR001", "BTR002", "BTR003", "BTR004", "BTR005", "BTR020", "BTR021", "BTR022", "BTR030",
    "BTR031", "BTR032", "BTR040", "BLM001", "BLM002", "BLM003",
];
const PAY_EASY: &[&str] = &["BPE001", "BPE002", "BPE003", "BPE004", "BPE005"];
const BULK_FILES: &[&str] = &[
    "BFT000", "BFT010", "BFT011", "BFT012", "BFT013", "BFT020", "BFT021", "BFT022", "BFT030",
    "BFT031", "BFT040", "BFT050", "BHL005", "BHL006",
];
const EXTERNAL_FILES: &[&str] = &["BEF001", "BEF002", "BEF003", "BEF011", "BEF012", "BEF013"];
const MOBILE: &[&str] = &["BMB001", "BMB002", "BMB003", "BMB004"];
const PANEL_START: &[&str] = &["BOM101", "BOM102", "BOM103"];
const PANEL_EXCHANGE: &[&str] = &["BOM111", "BOM112", "BOM113", "BOM114"];
const PANEL_STOP: &[&str] = &["BOM121", "BOM122", "BOM123"];
const LINKS_START: &[&str] = &["BOR001", "BOR002", "BOR003"];
const LINKS_STOP: &[&str] = &["BOR011", "BOR012", "BOR013"];
const MENU_START: &[&str] = &["BOT000", "BOT001", "BOT002", "BOT003", "BOT011", "BOT012"];
const MENU_STOP: &[&str] = &["BOS001", "BOS002"];
const FORCED_START: &[&str] = &["BLG020"];
const ADMINISTRATOR_TOKENS: &[&str] = &["BAU101", "BAU102", "BAU103", "BAU104", "BAU109"];
const ADMINISTRATOR_USERS: &[&str] =
    &["BAD100", "BAU100", "BAU105", "BAU106", "BAU107", "BAU108", "BAL030", "BAL031", "BAL032"];
const MASTER_USERS: &[&str] = &[
    "BLG015", "BAD001", "BAU001", "BAU030", "BAU031", "BAU032", "BAU033", "BAU034", "BAU040",
    "BAU041", "BAU050", "BAU051", "BAU060", "BAU070", "BAU071", "BAU080", "BAU081",
];
const USERS_RELEASE: &[&str] = &["BAU010", "BAU011"];
const MASTER_REVOKE: &[&str] = &["BAU020", "BAU021"];
const TOKEN_ORDERS: &[&str] = &["BAU110", "BAU111", "BAU112"];
const ACTIVATION: &[&str] = &["BAL010", "BAL011", "BAL012", "BAL020", "BAL021", "BAL022"];
const CERTIFICATES: &[&str] =
    &["BLG016", "BCE001", "BCE002", "BCE003", "BAU115", "BAU116", "STF023"];
const STAFF: &[&str] = &[
    "STF001", "STF002", "STF010", "STF011", "STF012", "STF013", "STF020", "STF021", "STF022",
    "STF030", "STF050", "STF060", "STF070", "STF080",
];
const STAFF_ORDERS: &[&str] = &["STF040"];
const STAFF_FILES: &[&str] = &["STF090"];

/// The ids of all screens of the portal, each once.
pub(super) fn of(profile: &Profile) -> Vec<&'static str> {
    let mut ids = Vec::new();
    for part in [common(profile), services(profile), tokens(profile), administration(profile)] {
        for (is_there, screens) in part {
            if is_there {
                ids.extend_from_slice(screens);
            }
        }
    }
    ids
}

type Groups = Vec<(bool, &'static [&'static str])>;

fn common(profile: &Profile) -> Groups {
    vec![
        (true, COMMON),
        (profile.asks_code_at_login(), LOGIN_CODE),
        (profile.services.emergency_stop, EMERGENCY_STOP),
        (true, STAFF),
        // Ordered on a screen, or on paper at the counter.
        (profile.services.token_orders || profile.sends_tokens(), STAFF_ORDERS),
        (profile.services.external_files, STAFF_FILES),
    ]
}

fn services(profile: &Profile) -> Groups {
    let services = &profile.services;
    vec![
        (services.inquiries, INQUIRIES),
        (services.transfers, TRANSFERS),
        (services.pay_easy, PAY_EASY),
        (services.bulk_files, BULK_FILES),
        (services.external_files, EXTERNAL_FILES),
        (services.mobile_channel, MOBILE),
    ]
}

fn tokens(profile: &Profile) -> Groups {
    let is_exchanged = profile.tokens.exchange == DoneBy::Customer;
    let is_stopped = profile.tokens.stop == DoneBy::Customer;
    match profile.tokens.registration {
        RegistrationPlace::LoginPagePanel => {
            vec![(true, PANEL_START), (is_exchanged, PANEL_EXCHANGE), (is_stopped, PANEL_STOP)]
        }
        RegistrationPlace::LoginPageLinks => vec![(true, LINKS_START), (is_stopped, LINKS_STOP)],
        RegistrationPlace::MenuAfterLogin => vec![(true, MENU_START), (is_stopped, MENU_STOP)],
        RegistrationPlace::ForcedAtLogin => vec![(true, FORCED_START)],
        RegistrationPlace::AdministratorMenu => vec![(true, ADMINISTRATOR_TOKENS)],
    }
}

fn administration(profile: &Profile) -> Groups {
    let services = &profile.services;
    let by = services.user_administration;
    let by_masters = |keeper| keeper == Keeper::MasterAndAdministrators;
    vec![
        (by == UserAdministration::Administrator, ADMINISTRATOR_USERS),
        (by == UserAdministration::MasterAndAdministrators, MASTER_USERS),
        (profile.tokens.released_by != Keeper::Staff, USERS_RELEASE),
        (by_masters(profile.tokens.revoked_by), MASTER_REVOKE),
        (services.token_orders, TOKEN_ORDERS),
        (services.activation, ACTIVATION),
        (services.client_certificates != ClientCertificates::None, CERTIFICATES),
    ]
}
