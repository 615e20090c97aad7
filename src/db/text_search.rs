//! What queries that look for a part of a text share.

diesel::define_sql_function! {
    /// Lower case, of ASCII at least.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// A text in which the wildcards of LIKE stand for themselves, with `\` as the escape.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_themselves() {
        assert_eq!(escaped(r"a%b_c\d"), r"a\%b\_c\\d");
    }
}
