//! Names as people type them: what comes out of the conversion is a name that a file may have, and
//! the conversion of that is itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use madoguchi_fuzz::party_name::{NameProblem, convert, is_party_name};
use madoguchi_fuzz::zengin::byte_class::{class_of, lonely_mark, mask_of};
use madoguchi_fuzz::zengin::text::{TextClass, cut, decode, encode, fold};

const CLASSES: [TextClass; 4] =
    [TextClass::Office, TextClass::Party, TextClass::Edi, TextClass::Union];
const LENGTH: usize = 30;

/// Folded texts have their class's characters, and stay as they are.
fn check_folded(typed: &str, class: TextClass) {
    let folded = fold(typed, class);
    let bytes: Vec<u8> = folded.text.chars().map(|c| encode(c).unwrap()).collect();
    let mask = mask_of(class);
    assert!(bytes.iter().all(|byte| class_of(*byte) & mask != 0));
    assert_eq!(lonely_mark(&bytes, mask), None);
    let decoded: String = bytes.iter().map(|byte| decode(*byte).unwrap()).collect();
    assert_eq!(decoded, folded.text);
    let again = fold(&folded.text, class);
    assert_eq!((again.text.as_str(), again.replaced), (folded.text.as_str(), 0));
    for length in 0..LENGTH {
        let short = cut(&folded.text, length);
        assert!(short.chars().count() <= length && folded.text.starts_with(short));
        let next = folded.text[short.len()..].chars().next();
        assert!(!matches!(next, Some('ﾞ' | 'ﾟ')), "a mark is parted from its kana");
    }
}

fn check_name(name: &str) {
    assert!(is_party_name(name), "{name}");
    let bytes: Vec<u8> = name.chars().map(|c| encode(c).unwrap()).collect();
    let mask = mask_of(TextClass::Party);
    assert!(bytes.iter().all(|byte| class_of(*byte) & mask != 0));
    assert_eq!(lonely_mark(&bytes, mask), None);
    let again = convert(name, usize::MAX).unwrap();
    assert_eq!((again.name.as_str(), again.changes.len()), (name, 0));
}

fuzz_target!(|typed: &str| {
    for class in CLASSES {
        check_folded(typed, class);
    }
    match convert(typed, LENGTH) {
        Ok(converted) => {
            assert!(converted.name.chars().count() <= LENGTH);
            check_name(&converted.name);
        }
        Err(NameProblem::TooLong { length, offer }) => {
            assert!(length > LENGTH && offer.chars().count() <= LENGTH);
            assert!(offer.is_empty() || is_party_name(&offer));
        }
        Err(_) => {}
    }
});
