//! 画像認証カード: a printed grid of 5 x 4 cells (columns A to E, rows 1 to 4), each with one of 24
//! pictures. The challenge names three cells and stays until it is answered rightly.

use chrono::NaiveDateTime;

use crate::primitives::ids::UserId;

/// Columns A to E.
pub const COLUMNS: usize = 5;
/// Rows 1 to 4.
pub const ROWS: usize = 4;
/// Cells of a card.
pub const CELLS: usize = COLUMNS * ROWS;
/// Cells asked for at once.
pub const ASKED: usize = 3;
/// Wrong answers in a row that lock the card.
pub const FAILURES_MAX: i32 = 5;

/// The 24 pictures: name in addresses and forms, label for people.
pub const PICTURES: [(&str, &str); 24] = [
    ("apple", "りんご"),
    ("mikan", "みかん"),
    ("carrot", "にんじん"),
    ("onigiri", "おにぎり"),
    ("teacup", "ゆのみ"),
    ("cake", "ケーキ"),
    ("fish", "さかな"),
    ("bird", "とり"),
    ("cat", "ねこ"),
    ("rabbit", "うさぎ"),
    ("flower", "はな"),
    ("tree", "き"),
    ("mountain", "やま"),
    ("sun", "たいよう"),
    ("moon", "つき"),
    ("star", "ほし"),
    ("umbrella", "かさ"),
    ("house", "いえ"),
    ("car", "くるま"),
    ("boat", "ふね"),
    ("key", "かぎ"),
    ("clock", "とけい"),
    ("bell", "ベル"),
    ("book", "ほん"),
];

/// A row of `picture_cards`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::picture_cards)]
pub struct PictureCard {
    /// Row id.
    pub id: i64,
    /// Whose card.
    pub user_id: UserId,
    /// Sealed picture names, comma-separated, row by row.
    pub cells_sealed: Vec<u8>,
    /// Which key opens them.
    pub sealing_key_id: String,
    /// The cells asked for, as `A1,C2,E4`.
    pub challenge: String,
    /// Wrong answers in a row.
    pub failures: i32,
    /// Locked since.
    pub locked_at: Option<NaiveDateTime>,
}

impl PictureCard {
    /// What the sealed cells are bound to.
    pub fn sealing_context(user_id: UserId) -> String {
        format!("picture card {user_id}")
    }

    /// The cells asked for.
    pub fn asked_cells(&self) -> Vec<String> {
        self.challenge.split(',').map(str::to_owned).collect()
    }
}

/// `A1` to `E4`, row by row.
pub fn cell_name(index: usize) -> String {
    let column = char::from(b'A' + u8::try_from(index % COLUMNS).unwrap_or(0));
    format!("{column}{}", index / COLUMNS + 1)
}

/// The place of a cell's name in the grid.
pub fn cell_index(name: &str) -> Option<usize> {
    (0..CELLS).find(|&index| cell_name(index) == name)
}

/// Draws the cells of a challenge, all different; `below(n)` gives a number below `n`.
///
/// # Errors
/// Whatever `below` fails with.
pub fn draw_challenge<E>(mut below: impl FnMut(u32) -> Result<u32, E>) -> Result<String, E> {
    let mut indexes: Vec<usize> = (0..CELLS).collect();
    let mut asked = Vec::with_capacity(ASKED);
    for left in (CELLS + 1 - ASKED..=CELLS).rev() {
        let drawn = below(u32::try_from(left).unwrap_or(u32::MAX))?;
        asked.push(cell_name(indexes.swap_remove(usize::try_from(drawn).unwrap_or(0))));
    }
    Ok(asked.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_names_from_a1_to_e4() {
        let names: Vec<String> = (0..CELLS).map(cell_name).collect();
        assert_eq!((names[0].as_str(), names[4].as_str(), names[19].as_str()), ("A1", "E1", "E4"));
        assert!(names.iter().enumerate().all(|(i, name)| cell_index(name) == Some(i)));
        assert_eq!(cell_index("F1"), None);
    }

    #[test]
    fn a_challenge_asks_for_three_different_cells() {
        for seed in 0..50 {
            let challenge = draw_challenge(|n| Ok::<_, ()>(seed * 7 % n)).unwrap();
            let cells: std::collections::BTreeSet<&str> = challenge.split(',').collect();
            assert_eq!(cells.len(), ASKED, "{challenge}");
        }
    }
}
