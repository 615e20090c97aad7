//! Words for kinds of companies, and the short forms that account books have for them.

/// Words as people write them, the longer ones first, with the kana of the short form.
const WORDS: &[(&str, &str)] = &[
    ("特定非営利活動法人", "ﾄｸﾋ"),
    ("一般社団法人", "ｼﾔ"),
    ("一般財団法人", "ｻﾞｲ"),
    ("公益社団法人", "ｼﾔ"),
    ("公益財団法人", "ｻﾞｲ"),
    ("独立行政法人", "ﾄﾞｸ"),
    ("社会福祉法人", "ﾌｸ"),
    ("カブシキガイシャ", "ｶ"),
    ("カブシキカイシャ", "ｶ"),
    ("ユウゲンガイシャ", "ﾕ"),
    ("ゴウドウガイシャ", "ﾄﾞ"),
    ("株式会社", "ｶ"),
    ("有限会社", "ﾕ"),
    ("合同会社", "ﾄﾞ"),
    ("合名会社", "ﾒ"),
    ("合資会社", "ｼ"),
    ("医療法人", "ｲ"),
    ("学校法人", "ｶﾞｸ"),
    ("宗教法人", "ｼﾕｳ"),
    ("社団法人", "ｼﾔ"),
    ("財団法人", "ｻﾞｲ"),
    ("営業所", "ｴｲ"),
    ("出張所", "ｼﾕﾂ"),
    ("(株)", "ｶ"),
    ("(有)", "ﾕ"),
    ("(同)", "ﾄﾞ"),
];
/// Written in one character.
const SQUARED: &[(char, &str)] = &[('㈱', "(株)"), ('㈲', "(有)"), ('㍿', "株式会社")];

/// A word that was found.
pub(super) struct Found {
    pub word: &'static str,
    /// With its brackets.
    pub short: String,
    /// The name with the short form.
    pub replaced: String,
}

/// The first word for a kind of company in what was typed: one a name.
pub(super) fn find(typed: &str) -> Option<Found> {
    let plain = plain(typed);
    let (word, kana) = WORDS.iter().find(|(word, _)| plain.contains(word))?;
    let (before, after) = plain.split_once(word)?;
    let (before, after) = (before.trim(), after.trim());
    let short = match (before.is_empty(), after.is_empty()) {
        (true, _) => format!("{kana})"),
        (false, true) => format!("({kana}"),
        (false, false) => format!("({kana})"),
    };
    let replaced = format!("{before}{short}{after}");
    Some(Found { word, short, replaced })
}

/// The same with large katakana where words are compared by sound, one width of brackets, and
/// without squared words.
fn plain(typed: &str) -> String {
    let mut text = String::new();
    for c in typed.chars() {
        match SQUARED.iter().find(|(squared, _)| *squared == c) {
            Some((_, word)) => text.push_str(word),
            None if c == '（' => text.push('('),
            None if c == '）' => text.push(')'),
            None => text.push(match u32::from(c) {
                code @ 0x3041..=0x3096 => char::from_u32(code + 0x60).unwrap_or(c),
                _ => c,
            }),
        }
    }
    text
}
