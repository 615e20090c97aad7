//! Text fields: characters that may not stand there, and marks without their kana.

use std::borrow::Cow;

use crate::zengin::byte_class::{
    LONG_VOWEL, LOWER, SMALL_KANA, WO, class_of, lonely_mark, mask_of,
};
use crate::zengin::check::Core;
use crate::zengin::check::code::{Code, Severity};
use crate::zengin::check::finding::Finding;
use crate::zengin::check::plan::Allowed;
use crate::zengin::check::show::{Shown, first, show};
use crate::zengin::text::TextClass;

/// Most different characters that a finding names.
const NAMED_MAX: usize = 10;

/// A text in a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextPlace<'a> {
    pub no: u64,
    pub label: &'static str,
    /// Its first byte, from 1.
    pub from: usize,
    pub bytes: &'a [u8],
    pub class: TextClass,
    pub allowed: Allowed,
    /// What characters are called that may not stand there.
    pub code: Code,
}

/// Characters that were found, the first of them at `at`.
#[derive(Debug)]
struct Found {
    at: usize,
    first: Shown,
    named: String,
}

impl Core<'_> {
    /// Checks a text; whether nothing is wrong with it. Each kind of fault is one finding, at the
    /// first character that has it.
    pub(super) fn check_text(&mut self, place: TextPlace<'_>) -> bool {
        let both = place.allowed.clean | place.allowed.warned;
        let refused = find(place.bytes, |class| class & both == 0);
        let is_warned = |class| class & both != 0 && class & place.allowed.clean == 0;
        let warned = find(place.bytes, is_warned);
        let lonely = lonely_mark(place.bytes, both);
        let is_good = refused.is_none() && lonely.is_none();
        for (found, severity) in [(refused, Severity::Error), (warned, Severity::Warning)] {
            let Some(found) = found else { continue };
            let finding = Finding::new(place.code, place.no).at(place.from + found.at);
            let finding = finding.of(place.label).found(format!("「{}」", found.named));
            let finding = finding.expected(class_in_words(place.class)).graded(severity);
            self.findings.add(finding.mended(mend(found.first, place.class)));
        }
        if let Some(at) = lonely {
            let finding = Finding::new(Code::LonelyMark, place.no).at(place.from + at);
            let finding = finding.of(place.label).found(format!("「{}」", show(place.bytes)));
            let finding = finding.expected("ﾞはｳ・ｶ行・ｻ行・ﾀ行・ﾊ行、ﾟはﾊ行のカナのあと");
            self.findings.add(finding);
        }
        is_good
    }
}

/// The characters whose class is a fault.
fn find(bytes: &[u8], is_fault: impl Fn(u16) -> bool) -> Option<Found> {
    let mut found: Option<Found> = None;
    let mut at = 0;
    while let Some(shown) = bytes.get(at..).and_then(first) {
        let class = bytes.get(at).map_or(0, |byte| class_of(*byte));
        if is_fault(class) {
            let found =
                found.get_or_insert_with(|| Found { at, first: shown, named: String::new() });
            let name = shown.to_string();
            if found.named.chars().count() < NAMED_MAX && !found.named.contains(&name) {
                found.named.push_str(&name);
            }
        }
        at += shown.length();
    }
    found
}

/// What a text may hold, in words.
pub(crate) fn class_in_words(class: TextClass) -> &'static str {
    match class {
        TextClass::Office => "半角のカナ・英大文字・数字・空白・「-」",
        TextClass::Party => "半角のカナ・英大文字・数字・空白・「( ) - .」",
        TextClass::Edi => "半角のカナ（ｦを含む）・英大文字・数字・空白・「¥ ｢ ｣ ( ) - / .」",
        TextClass::Union => "半角のカナ・英大文字・数字・空白・「' ( ) : + , ¥ - . / ? ｢ ｣」",
    }
}

/// How a character is mended.
fn mend(shown: Shown, class: TextClass) -> Cow<'static, str> {
    let c = match shown {
        Shown::One(c) => c,
        Shown::Two(_) => {
            return "漢字・ひらがな・全角文字は使えません。半角カナで入れてください。".into();
        }
        Shown::Control(b'\r' | b'\n') => return "項目の途中の改行を取り除いてください。".into(),
        Shown::Control(_) => return "半角カナで入れ直してください。".into(),
    };
    let byte_class = crate::zengin::text::encode(c).map_or(0, class_of);
    if byte_class & SMALL_KANA != 0 {
        return "小さいカナは大きいカナにしてください（ｬはﾔ、ｯはﾂ）。".into();
    }
    if byte_class & LOWER != 0 {
        return format!("英字は大文字の「{}」にしてください。", c.to_ascii_uppercase()).into();
    }
    if byte_class & LONG_VOWEL != 0 {
        return "長音「ｰ」は「-」（ハイフン）にしてください。".into();
    }
    if byte_class & WO != 0 {
        return "「ｦ」は「ｵ」にしてください。".into();
    }
    match c {
        ',' => "「,」を取り除いてください。".into(),
        '･' => "「.」にしてください。".into(),
        _ if byte_class & mask_of(class) != 0 => {
            "カナ・数字・空白だけの名前にすることをおすすめします。".into()
        }
        _ => "使える文字に直してください。".into(),
    }
}
