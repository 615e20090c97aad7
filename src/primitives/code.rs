//! What people type as codes and ids: full width, spaces and hyphens are taken as meant.

/// Characters people put between groups of a code.
const SEPARATORS: [char; 9] = [' ', '\u{3000}', '\t', '-', '‐', '‑', '−', 'ー', '－'];

/// Folds full-width ASCII (U+FF01 to U+FF5E) to half width.
pub fn to_half_width(text: &str) -> String {
    text.chars()
        .map(|c| match u32::from(c) {
            code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
            0x3000 => ' ',
            _ => c,
        })
        .collect()
}

/// A typed one-time password: half width, without spaces and hyphens.
pub fn normalise_digits(text: &str) -> String {
    to_half_width(text).chars().filter(|c| !SEPARATORS.contains(c)).collect()
}

/// A typed serial number: half width, upper case, without spaces and hyphens.
pub fn normalise_serial(text: &str) -> String {
    normalise_digits(text).to_ascii_uppercase()
}

/// The last four characters, which is all that mails and pages show of a serial.
pub fn last_four(serial: &str) -> String {
    let skip = serial.chars().count().saturating_sub(4);
    serial.chars().skip(skip).collect()
}

/// The middle part hidden, first one and last four shown: what logs may carry of an id.
pub fn masked(id: &str) -> String {
    format!("***{}", last_four(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        for typed in
            ["１２３４５６", "123 456", "123-456", "　123　456 ", "１２３－４５６", "123456"]
        {
            assert_eq!(normalise_digits(typed), "123456", "{typed}");
        }
    }

    #[test]
    fn serials_are_upper_case_and_shown_by_their_end() {
        assert_eq!(normalise_serial("２ｖ07-16016fk1"), "2V0716016FK1");
        assert_eq!(last_four("2V0716016FK1"), "6FK1");
        assert_eq!(last_four("AB"), "AB");
    }
}
