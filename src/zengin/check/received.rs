//! Data records of what banks give out: every field by its table, and what their trailers count.

use crate::zengin::check::Core;
use crate::zengin::layout::Format;
use crate::zengin::record::digits_of;

impl Core<'_> {
    pub(super) fn check_received(&mut self, no: u64, format: &'static Format, record: &[u8]) {
        let layout = format.data_of(&self.header_bytes, record);
        let mut wrong = Vec::new();
        for field in layout.fields {
            if !self.check_field(no, field, record) {
                wrong.push(field.key);
            }
        }
        let number = |key| {
            let field = layout.field(key)?;
            let bytes = field.of(record);
            if bytes.iter().all(|byte| *byte == b' ') { Some(0) } else { digits_of(bytes) }
        };
        if layout.field("amount").is_none() || format.trailer.field("total_amount").is_none() {
            // 04 and 98 count records only; 03 has its sums by direction.
            self.add_movement(number("in_out"), number("amount"));
            return;
        }
        // In format B one of the two amounts is zero.
        let amount = number("amount").zip(number("amount2").or(Some(0)));
        let is_readable = !wrong.contains(&"amount") && !wrong.contains(&"amount2");
        let Some((first, second)) = amount.filter(|_| is_readable) else {
            self.group.unread += 1;
            self.group.has_unknown_part = true;
            return;
        };
        let amount = if first == 0 { second } else { first };
        self.add_amount(amount);
        match number("cancel") {
            Some(0) => {}
            Some(1) => self.add_part(1, amount),
            _ => self.group.has_unknown_part = true,
        }
    }

    /// A movement of 03: 1 in, 2 out.
    fn add_movement(&mut self, in_out: Option<u64>, amount: Option<u64>) {
        match (in_out, amount) {
            (Some(1), Some(amount)) => self.add_part(0, amount),
            (Some(2), Some(amount)) => self.add_part(1, amount),
            _ => {
                self.group.has_unknown_part = true;
                return;
            }
        }
        self.add_amount(amount.unwrap_or_default());
    }

    fn add_part(&mut self, part: usize, amount: u64) {
        if let Some(part) = self.group.parts.get_mut(part) {
            part.count += 1;
            part.amount = part.amount.saturating_add(amount);
        }
    }
}
