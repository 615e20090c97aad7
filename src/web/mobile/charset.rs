//! Which of the two character sets a telephone wants, by its `Accept-Charset`.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{ACCEPT_CHARSET, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};

use crate::primitives::shift_jis::as_vendors_map_it;

/// A character set of the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, for whoever asks for nothing else.
    Utf8,
    /// Shift_JIS, for older telephones.
    ShiftJis,
}

impl Charset {
    /// The set that the request weighs higher; UTF-8 where both weigh the same.
    pub fn of(headers: &HeaderMap) -> Charset {
        let header = headers.get(ACCEPT_CHARSET).and_then(|value| value.to_str().ok());
        let Some(header) = header else { return Charset::Utf8 };
        if weight(header, SHIFT_JIS) > weight(header, UTF_8) {
            Charset::ShiftJis
        } else {
            Charset::Utf8
        }
    }

    /// Its name, as headers and pages give it.
    pub fn name(self) -> &'static str {
        self.encoding().name()
    }

    /// The page's bytes. Telephones know some punctuation under another number than ours; what the
    /// set lacks altogether becomes a numeric reference.
    pub fn encode(self, html: &str) -> Vec<u8> {
        match self {
            Charset::Utf8 => html.as_bytes().to_vec(),
            Charset::ShiftJis => {
                let known: String = html.chars().map(as_vendors_map_it).collect();
                SHIFT_JIS.encode(&known).0.into_owned()
            }
        }
    }

    /// A field's text, if its bytes are of this set.
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        let text = self.encoding().decode_without_bom_handling_and_without_replacement(bytes);
        text.map(|text| text.into_owned())
    }

    fn encoding(self) -> &'static Encoding {
        match self {
            Charset::Utf8 => UTF_8,
            Charset::ShiftJis => SHIFT_JIS,
        }
    }
}

/// How much the header weighs a set, in thousandths; names come in many spellings.
fn weight(header: &str, encoding: &'static Encoding) -> u32 {
    let (mut named, mut any) = (None, 0);
    for part in header.split(',') {
        let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
        let quality = parameters.trim().strip_prefix("q=").map_or(1_000, thousandths);
        if name.trim() == "*" {
            any = quality;
        } else if Encoding::for_label(name.trim().as_bytes()) == Some(encoding) {
            named = Some(named.map_or(quality, |known: u32| known.max(quality)));
        }
    }
    named.unwrap_or(any)
}

fn thousandths(quality: &str) -> u32 {
    let (whole, part) = quality.trim().split_once('.').unwrap_or((quality.trim(), ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let whole: u32 = whole.parse().unwrap_or(0);
    whole.min(1) * 1_000 + part.parse::<u32>().unwrap_or(0)
}

impl FromRequest for Charset {
    type Error = Infallible;
    type Future = Ready<Result<Charset, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Charset::of(req.headers())))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn the_heavier_set_is_taken() {
        for (header, expected) in [
            ("", Charset::Utf8),
            ("*", Charset::Utf8),
            ("utf-8", Charset::Utf8),
            ("Shift_JIS", Charset::ShiftJis),
            ("sjis, us-ascii", Charset::ShiftJis),
            ("Windows-31J", Charset::ShiftJis),
            ("x-sjis;q=0.9, UTF-8;q=0.8", Charset::ShiftJis),
            ("Shift_JIS,utf-8;q=0.7,*;q=0.7", Charset::ShiftJis),
            ("shift_jis;q=0.5, utf-8", Charset::Utf8),
            ("Shift_JIS, UTF-8", Charset::Utf8),
            ("Shift_JIS;q=0, *", Charset::Utf8),
            ("UTF-8;q=0, *", Charset::ShiftJis),
            ("iso-8859-1", Charset::Utf8),
            ("Shift_JIS;q=x", Charset::Utf8),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_CHARSET, HeaderValue::from_str(header).unwrap());
            assert_eq!(Charset::of(&headers), expected, "{header}");
        }
        assert_eq!(Charset::of(&HeaderMap::new()), Charset::Utf8);
    }

    #[test]
    fn what_shift_jis_lacks_becomes_a_reference() {
        assert_eq!(Charset::ShiftJis.encode("残高"), [0x8e, 0x63, 0x8d, 0x82]);
        assert_eq!(Charset::ShiftJis.encode("〜—‖−"), b"\x81\x60\x81\x5c\x81\x61\x81\x7c");
        assert_eq!(Charset::ShiftJis.encode("😀"), b"&#128512;");
        assert_eq!(Charset::ShiftJis.decode(&[0x82, 0x51]).as_deref(), Some("２"));
        assert_eq!(Charset::Utf8.decode(&[0x82, 0x51]), None);
    }
}
