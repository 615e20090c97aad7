//! Files that are broken, forged or hostile: each ends with one clear error, quickly.

use std::time::Instant;

use super::*;

const NONE: &KeyFileKey = &KeyFileKey::None;

#[test]
fn a_wrong_password_is_one_clear_error() {
    for wrong in ["", "qwertz", "Qwerty", "qwerty "] {
        assert_eq!(refusal(FIGURE_7, &password(wrong)), KeyFileError::WrongKey, "{wrong:?}");
    }
    // Also where chance makes the padding of the MAC key look right (1 key in 16).
    let text = encrypted_container(KEY_NAME, &[9; 16]);
    for first in 0..=255 {
        let mut key = vec![1; 16];
        key[0] = first;
        let key = KeyFileKey::PreSharedKey(Secret::new(key));
        assert_eq!(refusal(&text, &key), KeyFileError::WrongKey, "{first}");
    }
}

#[test]
fn a_wrong_mac_refuses_the_whole_file() {
    let altered = FIGURE_6.replace("Su+NvtQ", "Su+NvtR");
    assert_eq!(refusal(&altered, &rfc_key()), KeyFileError::WrongMac { index: 1 });
    let altered = FIGURE_6.replace("AAECAwQFBgcICQoLDA0OD+cI", "AAECAwQFBgcICQoLDA0OD+cJ");
    assert_eq!(refusal(&altered, &rfc_key()), KeyFileError::WrongMac { index: 1 });

    let text = encrypted_container(KEY_NAME, &[9; 16]);
    let place = text.rfind("<ValueMAC>").unwrap() + "<ValueMAC>".len();
    let mut altered = text.clone().into_bytes();
    altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
    let key = KeyFileKey::PreSharedKey(Secret::new(vec![9; 16]));
    assert_eq!(parse_pskc(&altered, &key), Err(KeyFileError::WrongMac { index: 2 }));
    assert!(parse_pskc(text.as_bytes(), &key).is_ok());
}

fn without(text: &str, element: &str) -> String {
    let start = text.find(&format!("<{element}")).unwrap();
    let end_tag = format!("</{element}>");
    let end = text.find(&end_tag).unwrap() + end_tag.len();
    [&text[..start], &text[end..]].concat()
}

#[test]
fn encryption_without_a_mac_is_refused() {
    let malformed = |element| KeyFileError::Malformed { element };
    let no_mac = without(FIGURE_6, "ValueMAC");
    assert_eq!(refusal(&no_mac, &rfc_key()), KeyFileError::MacMissing { index: 1 });
    let no_method = without(FIGURE_6, "MACMethod");
    assert_eq!(refusal(&no_method, &rfc_key()), malformed("MACMethod"));
    let no_key = without(FIGURE_6, "MACKey");
    assert_eq!(refusal(&no_key, &rfc_key()), malformed("MACKey"));
    let empty = FIGURE_6.replace("Su+NvtQfmvfJzF6bmQiJqoLRExc=", "");
    assert_eq!(refusal(&empty, &rfc_key()), KeyFileError::WrongMac { index: 1 });
    // A MAC cut short must not be compared over what is left of it.
    let cut = FIGURE_6.replace("Su+NvtQfmvfJzF6bmQiJqoLRExc=", "Su+N");
    assert_eq!(refusal(&cut, &rfc_key()), KeyFileError::WrongMac { index: 1 });
}

#[test]
fn the_key_must_be_of_the_kind_that_the_file_asks_for() {
    let needed = KeyFileError::KeyNeeded {
        kind: KeyKind::PreSharedKey,
        name: Some("Pre-shared-key".into()),
    };
    assert_eq!(refusal(FIGURE_6, NONE), needed);
    assert_eq!(
        refusal(FIGURE_6, &password("x")),
        KeyFileError::OtherKeyKind { kind: KeyKind::PreSharedKey }
    );
    assert_eq!(
        refusal(FIGURE_7, &rfc_key()),
        KeyFileError::OtherKeyKind { kind: KeyKind::Password }
    );
    let long = hex_key("123456789012345678901234567890121234567890123456");
    assert_eq!(refusal(FIGURE_6, &long), KeyFileError::KeyLength { expected_bytes: 16 });
    // Without an EncryptionKey element it is a pre-shared key.
    let nameless = without(FIGURE_6, "EncryptionKey");
    assert_eq!(secrets(&read(&nameless, &rfc_key())), [SECRET]);
    assert!(matches!(refusal(&nameless, NONE), KeyFileError::KeyNeeded { .. }));
}

#[test]
fn nobody_can_slip_plain_secrets_in() {
    assert_eq!(refusal(FIGURE_2, &rfc_key()), KeyFileError::KeyNotNeeded);
    let key = KeyFileKey::PreSharedKey(Secret::new(vec![9; 16]));
    let added = package("33333333", SIX_DIGITS, "", "") + "</KeyContainer>";
    let text = encrypted_container(KEY_NAME, &[9; 16]).replace("</KeyContainer>", &added);
    let rows = parse_pskc(text.as_bytes(), &key).unwrap();
    assert!(rows[1].outcome.is_ok());
    assert_eq!(rows[2].outcome, Err(RowProblem::SecretNotEncrypted));
}

#[test]
fn derivation_is_bounded() {
    let given = password("x");
    for (rounds, key_bytes) in
        [("0", 16), ("-1", 16), ("2000001", 16), ("99999999999", 16), ("1", 0), ("1", 1 << 30)]
    {
        let text = encrypted_container(&derived_key("", rounds, key_bytes), &[9; 16]);
        assert_eq!(refusal(&text, &given), KeyFileError::DerivationBounds, "{rounds} {key_bytes}");
    }
    for salt in [b"short".to_vec(), vec![0; 1_025]] {
        let text = encrypted_container(&derived_key("", "1", 16), &[9; 16])
            .replace(&base64(b"saltsalt"), &base64(&salt));
        assert_eq!(refusal(&text, &given), KeyFileError::DerivationBounds);
    }
    let text = FIGURE_7.replace("<IterationCount>1000</IterationCount>", "");
    assert_eq!(refusal(&text, &given), KeyFileError::Malformed { element: "IterationCount" });
}

#[test]
fn unknown_algorithms_are_named() {
    for (from, to, name) in [
        ("xmlenc#aes128-cbc", "xmlenc#tripledes-cbc", "tripledes-cbc"),
        ("xmlenc#aes128-cbc", "xmlenc#kw-aes128", "kw-aes128"),
        ("xmldsig#hmac-sha1", "xmldsig#hmac-md5", "hmac-md5"),
        ("ds:KeyName>", "ds:X509Data>", "X509Data"),
    ] {
        let error = refusal(&FIGURE_6.replace(from, to), &rfc_key());
        assert_eq!(error, KeyFileError::NotSupported { what: name.into() });
    }
    for (from, to, name) in [
        ("#pbkdf2", "#scrypt", "scrypt"),
        ("<PRF/>", "<PRF Algorithm=\"urn:x#hmac-md5\"/>", "hmac-md5"),
    ] {
        let error = refusal(&FIGURE_7.replace(from, to), &password("qwerty"));
        assert_eq!(error, KeyFileError::NotSupported { what: name.into() });
    }
}

#[test]
fn document_types_and_entities_are_refused_at_once() {
    let bomb = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\">{}]>{}",
        (0..30).map(|n| format!("<!ENTITY a{n} \"&a{};&a{};\">", n - 1, n - 1)).collect::<String>(),
        container("&a29;").trim_start_matches("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
    );
    let external = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><KeyContainer/>";
    let start = Instant::now();
    for text in [bomb.as_str(), external] {
        assert_eq!(refusal(text, NONE), KeyFileError::DocumentType);
    }
    let entity = package("12345678", SIX_DIGITS, "", "").replace(SECRET_BASE64, "&secret;");
    assert_eq!(refusal(&container(&entity), NONE), KeyFileError::DocumentType);
    let attribute = FIGURE_2.replace("Id=\"12345678\"", "Id=\"&id;\"");
    assert_eq!(refusal(&attribute, NONE), KeyFileError::DocumentType);
    assert!(start.elapsed().as_secs() < 2);
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let end = FIGURE_10.trim_end().len();
    for cut in (0..end).step_by(7) {
        let error = refusal(&FIGURE_10[..cut], NONE);
        let is_expected = matches!(
            error,
            KeyFileError::Truncated | KeyFileError::Empty | KeyFileError::WrongRoot
        );
        assert!(is_expected, "{cut}: {error}");
    }
    assert_eq!(refusal(&FIGURE_10[..end - 1], NONE), KeyFileError::Truncated);
    assert_eq!(refusal(&FIGURE_10[..end - 40], NONE), KeyFileError::Truncated);
}

#[test]
fn what_is_no_container_is_refused() {
    for text in [
        "hello",
        "serial,secret,type,digits,period\n",
        "<html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
        "<KeyContainer Version=\"1.0\"/>",
        "<Key xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"/>",
    ] {
        assert_eq!(refusal(text, NONE), KeyFileError::WrongRoot, "{text}");
    }
    for version in ["Version=\"1.2\"", "Version=\"\"", ""] {
        let text = FIGURE_2.replace("Version=\"1.0\"", version);
        assert_eq!(refusal(&text, NONE), KeyFileError::WrongVersion, "{version}");
    }
    let malformed = |element| KeyFileError::Malformed { element };
    assert_eq!(refusal(&container(""), NONE), malformed("KeyPackage"));
    assert_eq!(refusal(&container("<Device/>"), NONE), malformed("KeyContainer"));
    let late = container(&(package("12345678", SIX_DIGITS, "", "") + KEY_NAME));
    assert_eq!(refusal(&late, &rfc_key()), malformed("KeyContainer"));
}

#[test]
fn broken_xml_is_refused_with_its_line() {
    for text in [
        FIGURE_2.replace("</KeyPackage>", "</Package>"),
        FIGURE_2.replace("<KeyPackage>", "<pskc:KeyPackage>"),
        FIGURE_2.replace("<Data>", "<Data a=\"1\" a=\"2\">"),
        FIGURE_2.replace("<Data>", "<Data a>"),
        FIGURE_2.replace("MTIz", "&#xD800;"),
        FIGURE_2.replace("<Data>", "&<Data>"),
        FIGURE_2.to_owned() + "<more/>",
        FIGURE_2.to_owned() + "more",
    ] {
        let error = refusal(&text, NONE);
        assert!(
            matches!(error, KeyFileError::NotWellFormed { line } if line > 1),
            "{error:?} {text}"
        );
    }
    let other = FIGURE_2.replace("UTF-8", "Shift_JIS");
    assert_eq!(refusal(&other, NONE), KeyFileError::NotUtf8);
}

#[test]
fn hostile_shapes_end_quickly() {
    let start = Instant::now();
    let deep = container(&format!("<KeyPackage>{}", "<a>".repeat(1_000_000)));
    assert_eq!(refusal(&deep, NONE), KeyFileError::TooComplex);
    let deep_root = "<a>".repeat(1_000_000);
    assert_eq!(refusal(&deep_root, NONE), KeyFileError::WrongRoot);
    let wide = container(&format!("<KeyPackage>{}</KeyPackage>", "<a/>".repeat(1_000_000)));
    assert_eq!(refusal(&wide, NONE), KeyFileError::TooComplex);
    let attributes: String = (0..500_000).map(|n| format!(" a{n}=\"\"")).collect();
    let fat = container(&format!("<KeyPackage{attributes}/>"));
    assert_eq!(refusal(&fat, NONE), KeyFileError::TooComplex);
    let namespaces: String = (0..500_000).map(|n| format!(" xmlns:a{n}=\"u\"")).collect();
    let bound = container(&format!("<KeyPackage{namespaces}/>"));
    assert!(read_pskc(bound.as_bytes(), NONE).is_err());
    let many = container(&"<KeyPackage/>".repeat(ROWS_MAX + 1));
    assert_eq!(refusal(&many, NONE), KeyFileError::TooManyRows);
    // A long device description is not copied into each of its keys.
    let serial = format!("<DeviceInfo><SerialNo>{}</SerialNo></DeviceInfo>", "1".repeat(5_000_000));
    let keys = container(&format!("<KeyPackage>{serial}{}</KeyPackage>", "<Key/>".repeat(1_900)));
    assert_eq!(read(&keys, NONE).len(), 1_900);
    let comments = format!("{}<a/>", "<!---->".repeat(1_000_000));
    assert_eq!(refusal(&comments, NONE), KeyFileError::WrongRoot);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn ten_megabytes_of_garbage_end_quickly() {
    let start = Instant::now();
    for piece in ["x", "<", ">", "&", "<a", "]]>", "\"", "<!", "<?", "<!--", "&amp;", "\u{3042}"] {
        let text = piece.repeat(10_000_000 / piece.len());
        assert!(read_pskc(text.as_bytes(), NONE).is_err(), "{piece}");
        let inside = container(&format!("<KeyPackage><Key>{text}"));
        assert!(read_pskc(inside.as_bytes(), NONE).is_err(), "{piece}");
    }
    // Bytes without any order, from a linear congruential generator.
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..10_000_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    assert_eq!(read_pskc(&noise, NONE), Err(KeyFileError::NotUtf8));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
