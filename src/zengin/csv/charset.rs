//! The characters of a CSV file that comes in pieces: UTF-8 with or without its mark, or Shift_JIS.
//! Whichever it is shows in the first bytes that are no ASCII, however the file was split.

use encoding_rs::{Decoder, DecoderResult, SHIFT_JIS, UTF_8};

/// So many bytes, from the first that is no ASCII, show what they are.
const WINDOW: usize = 4_096;
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Turns bytes into text.
pub(super) struct TextDecoder {
    /// What is looked at before the set is known; begins with a byte that is no ASCII.
    held: Vec<u8>,
    decoder: Option<Decoder>,
    is_begun: bool,
    is_broken: bool,
}

impl TextDecoder {
    pub(super) fn new() -> TextDecoder {
        TextDecoder { held: Vec::new(), decoder: None, is_begun: false, is_broken: false }
    }

    /// Whether something came that is no text of either set.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Adds the text of the next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8], is_last: bool, text: &mut String) {
        if self.is_broken {
            return;
        }
        if self.decoder.is_some() {
            self.decode(bytes, is_last, text);
            return;
        }
        let ascii = match self.held.is_empty() {
            true => bytes.iter().take_while(|byte| byte.is_ascii()).count(),
            false => 0,
        };
        let (plain, other) = bytes.split_at(ascii);
        self.is_begun |= !plain.is_empty();
        text.extend(plain.iter().copied().map(char::from));
        self.held.extend_from_slice(other);
        if self.held.len() >= WINDOW || is_last && !self.held.is_empty() {
            let held = std::mem::take(&mut self.held);
            let held = if self.is_begun { &held } else { held.strip_prefix(MARK).unwrap_or(&held) };
            self.decoder = Some(decoder_for(held.get(..WINDOW).unwrap_or(held), is_last));
            self.decode(held, is_last, text);
        }
        self.refuse_nul(text);
    }

    /// What stands before a NUL is text.
    fn refuse_nul(&mut self, text: &mut String) {
        if let Some(at) = text.find('\0') {
            text.truncate(at);
            self.is_broken = true;
        }
    }

    fn decode(&mut self, bytes: &[u8], is_last: bool, text: &mut String) {
        let Some(decoder) = &mut self.decoder else { return };
        let mut rest = bytes;
        loop {
            let room = decoder.max_utf8_buffer_length_without_replacement(rest.len());
            text.reserve(room.unwrap_or(rest.len()).max(16));
            let (result, read) = decoder.decode_to_string_without_replacement(rest, text, is_last);
            rest = rest.get(read..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.is_broken = true;
                    break;
                }
            }
        }
        self.refuse_nul(text);
    }
}

fn decoder_for(window: &[u8], is_last: bool) -> Decoder {
    let is_utf8 = match std::str::from_utf8(window) {
        Ok(_) => true,
        // Cut within a character.
        Err(error) => error.error_len().is_none() && !(is_last && window.len() < WINDOW),
    };
    let encoding = if is_utf8 { UTF_8 } else { SHIFT_JIS };
    encoding.new_decoder_without_bom_handling()
}
