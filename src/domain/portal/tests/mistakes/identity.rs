//! Mistakes in names, credentials, sessions.

use super::{A, S, among, assert_mistake, mistakes, only};

#[test]
fn names_contact_and_mail() {
    only(
        S,
        "institution = \"しらかば信用金庫\"",
        "institution = \" \"",
        "portal.institution",
        "empty",
    );
    only(S, "ｼﾗｶﾊﾞｼﾝｷﾝ", "シラカバ", "portal.bank_name_kana", "no name for Zengin files");
    only(S, "0120-000-104", "0120(000)104", "contact.telephone", "is no telephone number");
    only(S, "0120-000-114", "119", "contact.lost_telephone", "is no telephone number");
    only(S, "direct@shirakaba.example.jp", "direct", "mail.sender_address", "is no mail address");
    only(
        S,
        "sender_name = \"しらかば信用金庫\"",
        "sender_name = \"\"",
        "mail.sender_name",
        "empty",
    );
}

#[test]
fn services_of_companies_in_a_retail_portal() {
    let to = "pay_easy = true\ntoken_orders = true";
    among(S, "pay_easy = true", to, "services.token_orders", "retail portals do not have");
}

#[test]
fn login_forms() {
    let contract = ("sign_in = \"one_id\"", "sign_in = \"contract_and_user\"");
    let found = mistakes(S, contract.0, contract.1);
    for key in ["user_id", "administrator_login", "administrator_confirm"] {
        let key = format!("credentials.{key}");
        assert_mistake(&found, S, &key, "needs this section");
    }
    assert_mistake(&found, S, "services.user_administration", "go together");
    let key = "credentials.user_id";
    among(A, "sign_in = \"contract_and_user\"", "sign_in = \"one_id\"", key, "has no use for");
    let from = "[credentials.registration_number]\nlabel = \"ご契約先登録用暗証番号\"\n\
                length_min = 4\nlength_max = 4\ncharacters = \"digits\"\n";
    only(A, from, "", "credentials.registration_number", "services.activation needs");
}

#[test]
fn lengths_and_characters_of_secrets() {
    let key = "credentials.login.length_min";
    only(S, "length_min = 13", "length_min = 65", key, "leave nothing to enter");
    only(S, "length_min = 13", "length_min = 3", key, "guessed at once");
    let key = "credentials.login.length_max";
    only(S, "length_max = 64", "length_max = 500", key, "500 characters is out of range");
    let to = "characters = \"letters_and_digits\"\nneeds = [\"symbol\"]";
    let from = "characters = \"visible_ascii\"\nneeds = [\"letter\", \"digit\"]";
    only(S, from, to, "credentials.login.needs", "`characters` allows none");
    let to = "picture_card = true\nforbidden_parts = [\"a\"]";
    only(S, "picture_card = true", to, "credentials.forbidden_parts", "fewer than 3");
    let to = "picture_card = true\nlogin_failures_max = 0";
    only(S, "picture_card = true", to, "credentials.login_failures_max", "out of range");
}

#[test]
fn sessions_and_codes_by_mail() {
    let add = |section: &str| format!("{section}\n\n[contact]");
    let expected = [
        ("[session]\nidle_minutes = 0", "session.idle_minutes", "out of range"),
        ("[session]\nwarn_minutes = 10", "session.warn_minutes", "before the end"),
        ("[session]\nhours_max = 48", "session.hours_max", "out of range"),
        ("[mail_code]\nvalid_minutes = 0", "mail_code.valid_minutes", "out of range"),
        ("[mail_code]\nfailures_max = 99", "mail_code.failures_max", "out of range"),
        ("[mail_code]\nsendings_max = 0", "mail_code.sendings_max", "out of range"),
        ("[mail_code]\nresends_max = 11", "mail_code.resends_max", "out of range"),
        ("[certificates]\nvalid_days = 0\nrenewal_days = 0", "certificates.valid_days", "out of"),
        ("[certificates]\nrenewal_days = 400", "certificates.renewal_days", "before it begins"),
    ];
    for (section, key, reason) in expected {
        among(S, "[contact]", &add(section), key, reason);
    }
}
