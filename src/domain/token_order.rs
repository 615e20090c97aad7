//! トークン発行依頼: orders of further tokens and of new customer cards, their fees, and how they go
//! from the order to the receipt of what was ordered.

use chrono::{NaiveDate, NaiveDateTime};

use serde::{Deserialize, Serialize};

use crate::domain::portal::{Fee, Fees, TokenFees, TokenKind, Words};
use crate::primitives::ids::{AccountId, ContractId, EntryId, TokenOrderId, UserId};
use crate::primitives::yen::Yen;
use crate::text_enum;

/// Most tokens in one order.
pub const QUANTITY_MAX: u32 = 20;

text_enum! {
    /// How an order stands.
    OrderState {
        /// 依頼.
        Requested = "requested",
        /// 受付 by staff.
        Accepted = "accepted",
        /// 引落済, or nothing to debit.
        Debited = "debited",
        /// 発送済.
        Shipped = "shipped",
        /// 受領.
        Received = "received",
        /// 取下げ before the acceptance.
        Withdrawn = "withdrawn",
    }
}

impl OrderState {
    /// The word shown.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Requested => "依頼",
            Self::Accepted => "受付",
            Self::Debited => "引落済",
            Self::Shipped => "発送済",
            Self::Received => "受領",
            Self::Withdrawn => "取下げ",
        }
    }
}

text_enum! {
    /// What is ordered: a kind of token, or a customer card.
    OrderItem {
        /// A hardware token.
        Hardware = "hardware",
        /// The portal's own token app.
        App = "app",
        /// A token on a PC.
        Desktop = "desktop",
        /// A maker's app.
        VendorApp = "vendor_app",
        /// お客様カード: a new one in place of the old, always one.
        Card = "card",
    }
}

impl From<TokenKind> for OrderItem {
    fn from(kind: TokenKind) -> OrderItem {
        match kind {
            TokenKind::Hardware => OrderItem::Hardware,
            TokenKind::App => OrderItem::App,
            TokenKind::Desktop => OrderItem::Desktop,
            TokenKind::VendorApp => OrderItem::VendorApp,
        }
    }
}

impl OrderItem {
    /// The kind of token; none for a card.
    #[must_use]
    pub fn kind(self) -> Option<TokenKind> {
        match self {
            OrderItem::Hardware => Some(TokenKind::Hardware),
            OrderItem::App => Some(TokenKind::App),
            OrderItem::Desktop => Some(TokenKind::Desktop),
            OrderItem::VendorApp => Some(TokenKind::VendorApp),
            OrderItem::Card => None,
        }
    }

    /// Whether it is a customer card.
    #[must_use]
    pub fn is_card(self) -> bool {
        self == OrderItem::Card
    }

    /// Why it can be ordered: a customer has one card, so it is only ever made anew.
    #[must_use]
    pub fn reasons(self) -> &'static [OrderReason] {
        if self.is_card() {
            return &[OrderReason::Lost, OrderReason::Faulty];
        }
        OrderReason::ALL
    }

    /// Most in one order.
    #[must_use]
    pub fn quantity_max(self) -> u32 {
        if self.is_card() { 1 } else { QUANTITY_MAX }
    }

    /// What the portal calls it.
    #[must_use]
    pub fn name(self, words: &Words) -> &str {
        if self.is_card() { &words.card } else { &words.token }
    }

    /// A number of them, in words.
    #[must_use]
    pub fn count_text(self, quantity: impl std::fmt::Display) -> String {
        let counter = if self.is_card() { "枚" } else { "個" };
        format!("{quantity}{counter}")
    }

    /// What its fee is called.
    #[must_use]
    pub fn fee_label(self) -> &'static str {
        if self.is_card() { "再発行手数料" } else { "発行手数料" }
    }
}

/// An order that can be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// What.
    pub item: OrderItem,
    /// Why.
    pub reason: OrderReason,
    /// How many.
    pub quantity: u32,
}

impl Wanted {
    /// An order; none where there is no such one.
    #[must_use]
    pub fn new(item: OrderItem, reason: OrderReason, quantity: u32) -> Option<Wanted> {
        let is_possible =
            item.reasons().contains(&reason) && (1..=item.quantity_max()).contains(&quantity);
        is_possible.then_some(Wanted { item, reason, quantity })
    }
}

text_enum! {
    /// Why something is ordered.
    OrderReason {
        /// 追加.
        Further = "further",
        /// 故障・破損.
        Faulty = "faulty",
        /// 紛失.
        Lost = "lost",
        /// 有効期限による交換.
        Expired = "expired",
    }
}

impl OrderReason {
    /// The words shown.
    #[must_use]
    pub fn label(self, item: OrderItem) -> &'static str {
        match self {
            Self::Further => "追加",
            Self::Faulty if item.is_card() => "破損・汚れによる再発行",
            Self::Faulty => "故障・破損による交換",
            Self::Lost => "紛失による再発行",
            Self::Expired => "有効期限による交換",
        }
    }

    /// The net fee for one token.
    #[must_use]
    pub fn net_yen(self, fees: &TokenFees) -> i64 {
        match self {
            Self::Further => fees.further_yen,
            Self::Faulty => fees.faulty_yen,
            Self::Lost => fees.lost_yen,
            Self::Expired => fees.expired_yen,
        }
    }
}

text_enum! {
    /// How an order came in.
    OrderChannel {
        /// By the administrator's screen.
        Portal = "portal",
        /// On paper at the counter, written down by staff.
        Paper = "paper",
    }
}

/// What is done to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderAct {
    /// 取下げ.
    Withdraw,
    /// 受付.
    Accept,
    /// 引落.
    Debit,
    /// 発送.
    Ship,
    /// 受領 confirmed.
    Receive,
    /// 取消 by staff, while nothing is paid.
    Cancel,
}

impl OrderAct {
    /// All of them.
    pub const ALL: [OrderAct; 6] =
        [Self::Withdraw, Self::Accept, Self::Debit, Self::Ship, Self::Receive, Self::Cancel];
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderActor {
    /// An administrator of the contract.
    Administrator,
    /// Clerks and checkers.
    Staff,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderRefusal {
    /// Somebody else does that.
    NotTheirs,
    /// The order stands elsewhere.
    State,
}

/// A row of `token_orders`.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::token_orders)]
pub struct TokenOrder {
    /// Row id.
    pub id: TokenOrderId,
    /// The portal's slug.
    pub portal: String,
    /// For which contract.
    pub contract_id: ContractId,
    /// Who ordered, or for whom the form came in.
    pub user_id: UserId,
    /// How it came in.
    pub channel: OrderChannel,
    /// What is ordered.
    pub item: OrderItem,
    /// Why.
    pub reason: OrderReason,
    /// How many.
    pub quantity: i32,
    /// The fee without tax, for all of them.
    pub net_yen: Yen,
    /// The tax.
    pub tax_yen: Yen,
    /// 代表口座, which is debited.
    pub account_id: Option<AccountId>,
    /// 申込書番号.
    pub form_number: String,
    /// 受付番号.
    pub receipt_number: i32,
    /// How it stands.
    pub state: OrderState,
    /// The entry that debited the fee.
    pub entry_id: Option<EntryId>,
    /// 依頼.
    pub requested_at: NaiveDateTime,
    /// 受付.
    pub accepted_at: Option<NaiveDateTime>,
    /// 引落済.
    pub debited_at: Option<NaiveDateTime>,
    /// 発送済.
    pub shipped_at: Option<NaiveDateTime>,
    /// 受領.
    pub received_at: Option<NaiveDateTime>,
    /// 取下げ.
    pub withdrawn_at: Option<NaiveDateTime>,
}

impl TokenOrder {
    /// Fee and tax.
    #[must_use]
    pub fn fee(&self) -> Fee {
        Fee { net_yen: self.net_yen.0, tax_yen: self.tax_yen.0 }
    }

    /// Whether nothing is debited.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.fee().total_yen() == 0
    }

    /// How many tokens go out for it; a card is none.
    #[must_use]
    pub fn token_count(&self) -> i32 {
        if self.item.is_card() { 0 } else { self.quantity }
    }

    /// What was ordered, why and how many, in one line.
    #[must_use]
    pub fn summary(&self, words: &Words) -> String {
        let (reason, count) = (self.reason.label(self.item), self.item.count_text(self.quantity));
        format!("{}　{reason}　{count}", self.item.name(words))
    }

    /// Where `act` by `actor` takes the order.
    ///
    /// # Errors
    /// [`OrderRefusal`].
    pub fn decide(&self, act: OrderAct, actor: OrderActor) -> Result<OrderState, OrderRefusal> {
        decide(self.state, self.channel, self.is_free(), act, actor)
    }
}

/// Where `act` by `actor` takes an order: the whole of its life, the same for tokens and cards. An
/// order without a fee is at 引落済 as soon as it is accepted. Who receives tokens or a card at the
/// counter or by post as a private customer has no screen for it, so staff write that down.
///
/// # Errors
/// [`OrderRefusal`].
pub fn decide(
    state: OrderState,
    channel: OrderChannel,
    is_free: bool,
    act: OrderAct,
    actor: OrderActor,
) -> Result<OrderState, OrderRefusal> {
    use OrderState as S;
    let owner = match (act, channel) {
        (OrderAct::Withdraw, _) | (OrderAct::Receive, OrderChannel::Portal) => {
            OrderActor::Administrator
        }
        (OrderAct::Accept | OrderAct::Debit | OrderAct::Ship | OrderAct::Cancel, _)
        | (OrderAct::Receive, OrderChannel::Paper) => OrderActor::Staff,
    };
    if actor != owner {
        return Err(OrderRefusal::NotTheirs);
    }
    match (act, state) {
        (OrderAct::Withdraw, S::Requested) => Ok(S::Withdrawn),
        (OrderAct::Cancel, S::Requested | S::Accepted) => Ok(S::Withdrawn),
        (OrderAct::Cancel, S::Debited) if is_free => Ok(S::Withdrawn),
        (OrderAct::Accept, S::Requested) if is_free => Ok(S::Debited),
        (OrderAct::Accept, S::Requested) => Ok(S::Accepted),
        (OrderAct::Debit, S::Accepted) => Ok(S::Debited),
        (OrderAct::Ship, S::Debited) => Ok(S::Shipped),
        (OrderAct::Receive, S::Shipped) => Ok(S::Received),
        _ => Err(OrderRefusal::State),
    }
}

/// The fee for an order on this day. The tax is that of the day of the order, reckoned on the sum
/// and cut to whole yen. A contract that has never had a token, nor ordered one, gets its first one
/// at the price of a first one, whatever the reason says. A card costs the same for every reason.
#[must_use]
pub fn fee(fees: &Fees, wanted: Wanted, has_tokens: bool, on: NaiveDate) -> Fee {
    let Wanted { item, reason, quantity } = wanted;
    if item.is_card() {
        return fees.with_tax(i64::from(quantity).saturating_mul(fees.token.card_yen), on);
    }
    let firsts = if has_tokens { 0 } else { quantity.min(1) };
    let others = i64::from(quantity - firsts).saturating_mul(reason.net_yen(&fees.token));
    let first = i64::from(firsts).saturating_mul(fees.token.first_yen);
    fees.with_tax(first.saturating_add(others), on)
}

#[cfg(test)]
mod tests;
