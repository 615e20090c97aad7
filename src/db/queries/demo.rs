//! Filling a database with demo data and emptying it again: whole tables at once, past the
//! triggers that keep audit log and ledger append-only. Only operations on demo databases call it.

mod bulk;
mod external;
mod ledger;

use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

pub use self::bulk::{ApprovalRow, BulkEventRow, BulkFileRow, ChunkRow, ReceiptRow};
pub use self::external::DemoExternal;
pub use self::ledger::{AccountRow, EntryRow, PostingRow};
use crate::db::queries::certificates::{self, NewAuthorityRow, NewCertificate};
use crate::db::queries::token_orders::NewTokenOrder;
use crate::db::{DbConn, DbError};
use crate::domain::bulk_file::{BulkFailure, BulkResult, BulkService};
use crate::domain::contract::TokenMode;
use crate::domain::external_file::ExternalAccount;
use crate::domain::limit::LimitService;
use crate::domain::picture_card::PictureCard;
use crate::domain::right::UserRight;
use crate::domain::staff::StaffRole;
use crate::domain::token::{OtpAlgorithm, StoredTokenStatus, TokenKind, TokenState};
use crate::domain::token_issue::IssueEnd;
use crate::domain::user::{Channel, Role, SetupState};
use crate::primitives::clock::UtcTime;
use crate::primitives::ids::{AccountId, ContractId, StaffId, TokenId, TokenOrderId, UserId};
use crate::primitives::yen::Yen;
use crate::schema::{
    accounts, bulk_approvals, bulk_chunks, bulk_events, bulk_failures, bulk_files, bulk_results,
    bulk_services, contracts, external_accounts, ledger_entries, limits, picture_cards, postings,
    receipts, staff_members, token_issues, token_order_tokens, token_orders, tokens, user_accounts,
    user_limits, user_rights, users,
};

/// Rows in one statement: well below what either database takes as parameters.
const ROWS_PER_STATEMENT: usize = 1_000;

/// A contract with its id.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = contracts, treat_none_as_default_value = false)]
pub struct ContractRow {
    /// Row id.
    pub id: ContractId,
    /// The portal's slug.
    pub portal: String,
    /// Its number.
    pub number: String,
    /// Its holder.
    pub name: String,
    /// Opened.
    pub created_at: UtcTime,
    /// Applied for one-time passwords.
    pub otp_applied_on: Option<NaiveDate>,
    /// 利用形態.
    pub token_mode: Option<TokenMode>,
}

/// A token with its id, in any state.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = tokens, treat_none_as_default_value = false)]
pub struct TokenRow {
    /// Row id.
    pub id: TokenId,
    /// The portal's slug.
    pub portal: String,
    /// Upper case.
    pub serial: String,
    /// Kind.
    pub kind: TokenKind,
    /// Where it stands.
    pub state: TokenState,
    /// The contract, where it belongs to one.
    pub contract_id: Option<ContractId>,
    /// Hash.
    pub algorithm: OtpAlgorithm,
    /// 6 or 8.
    pub digits: i32,
    /// 30 or 60.
    pub period_seconds: i32,
    /// Sealed secret.
    pub secret_sealed: Vec<u8>,
    /// Its key.
    pub sealing_key_id: String,
    /// Wrong codes in a row.
    pub failures: i32,
    /// The last of them.
    pub last_failure_at: Option<UtcTime>,
    /// Suspended since.
    pub suspended_at: Option<UtcTime>,
    /// 有効期限.
    pub expires_at: Option<UtcTime>,
    /// Into stock.
    pub imported_at: UtcTime,
    /// To its contract.
    pub shipped_at: Option<UtcTime>,
    /// Given up.
    pub retired_at: Option<UtcTime>,
}

/// A user with the id, in any state.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub struct UserRow {
    /// Row id.
    pub id: UserId,
    /// The portal's slug.
    pub portal: String,
    /// The contract.
    pub contract_id: ContractId,
    /// Typed at login.
    pub login_id: String,
    /// Role.
    pub role: Role,
    /// Name.
    pub name: String,
    /// Verified address.
    pub mail_address: Option<String>,
    /// Argon2id.
    pub login_secret_hash: String,
    /// Argon2id.
    pub confirm_secret_hash: String,
    /// First setup.
    pub setup_state: SetupState,
    /// Wrong login secrets in a row.
    pub login_failures: i32,
    /// Login locked since.
    pub login_locked_at: Option<UtcTime>,
    /// Token.
    pub token_id: Option<TokenId>,
    /// Status.
    pub token_status: StoredTokenStatus,
    /// Since.
    pub token_since: Option<UtcTime>,
    /// Revoked.
    pub revoked_at: Option<UtcTime>,
    /// Asked at login.
    pub login_otp_chosen: bool,
    /// Last complete login.
    pub last_login_at: Option<UtcTime>,
    /// Its channel.
    pub last_login_channel: Option<Channel>,
    /// Failed logins since.
    pub failures_since_login: i32,
    /// Opened.
    pub created_at: UtcTime,
    /// Telephone number.
    pub telephone: Option<String>,
    /// Since when the login secret holds.
    pub login_secret_changed_at: Option<UtcTime>,
    /// The same of the confirming secret.
    pub confirm_secret_changed_at: Option<UtcTime>,
}

/// An issued token, wherever it stands.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = token_issues, treat_none_as_default_value = false)]
pub struct TokenIssueRow {
    /// The portal's slug.
    pub portal: String,
    /// To whom.
    pub user_id: UserId,
    /// The credential.
    pub token_id: TokenId,
    /// ユーザID.
    pub user_number: String,
    /// 携帯メールアドレス.
    pub mail_address: String,
    /// Argon2id.
    pub activation_hash: String,
    /// The status before.
    pub previous_status: StoredTokenStatus,
    /// Issued.
    pub issued_at: UtcTime,
    /// Until when it could be set up.
    pub expires_at: UtcTime,
    /// Set up.
    pub set_up_at: Option<UtcTime>,
    /// Over since.
    pub ended_at: Option<UtcTime>,
    /// Why.
    pub end_reason: Option<IssueEnd>,
}

/// The limits of a contract: its own, the most it applied for, and a rise that waits.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = limits, treat_none_as_default_value = false)]
pub struct LimitRow {
    /// Whose.
    pub contract_id: ContractId,
    /// The portal's slug.
    pub portal: String,
    /// Transfers, for one.
    pub transfer_per_transaction_yen: Option<Yen>,
    /// Transfers, a day.
    pub transfer_daily_yen: Option<Yen>,
    /// Pay-easy, for one.
    pub pay_easy_per_transaction_yen: Option<Yen>,
    /// Pay-easy, a day.
    pub pay_easy_daily_yen: Option<Yen>,
    /// Transfers: the most a day by the application.
    pub transfer_applied_yen: Option<Yen>,
    /// Pay-easy: the most a day by the application.
    pub pay_easy_applied_yen: Option<Yen>,
    /// The waiting rise: transfers, for one.
    pub rise_transfer_per_transaction_yen: Option<Yen>,
    /// The waiting rise: transfers, a day.
    pub rise_transfer_daily_yen: Option<Yen>,
    /// The waiting rise: Pay-easy, for one.
    pub rise_pay_easy_per_transaction_yen: Option<Yen>,
    /// The waiting rise: Pay-easy, a day.
    pub rise_pay_easy_daily_yen: Option<Yen>,
    /// When the rise was asked for.
    pub rise_requested_at: Option<UtcTime>,
    /// From when it holds.
    pub rise_at: Option<UtcTime>,
}

/// A picture card.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = picture_cards, treat_none_as_default_value = false)]
pub struct PictureCardRow {
    /// Whose.
    pub user_id: UserId,
    /// Sealed picture names.
    pub cells_sealed: Vec<u8>,
    /// Their key.
    pub sealing_key_id: String,
    /// The cells asked for.
    pub challenge: String,
    /// Wrong answers in a row.
    pub failures: i32,
    /// Locked since.
    pub locked_at: Option<UtcTime>,
    /// Issued.
    pub issued_at: UtcTime,
}

/// A member of staff with the id.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = staff_members, treat_none_as_default_value = false)]
pub struct StaffRow {
    /// Row id.
    pub id: StaffId,
    /// The portal's slug.
    pub portal: String,
    /// Typed at login.
    pub staff_id: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: StaffRole,
    /// Argon2id.
    pub password_hash: String,
    /// The authenticator's number.
    pub token_serial: Option<String>,
    /// Its sealed secret.
    pub secret_sealed: Option<Vec<u8>>,
    /// The key.
    pub sealing_key_id: Option<String>,
    /// Set up since.
    pub enrolled_at: Option<UtcTime>,
    /// Added.
    pub created_at: UtcTime,
}

/// A service that a user may use.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = user_rights)]
pub struct UserRightRow {
    /// Who.
    pub user_id: UserId,
    /// Which.
    pub user_right: UserRight,
}

/// An account that a user may use.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = user_accounts)]
pub struct UserAccountRow {
    /// Who.
    pub user_id: UserId,
    /// Which.
    pub account_id: AccountId,
}

/// A user's own limits.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = user_limits)]
pub struct UserLimitRow {
    /// Who.
    pub user_id: UserId,
    /// For what.
    pub service: LimitService,
    /// For one.
    pub per_transaction_yen: Yen,
    /// A day.
    pub daily_yen: Yen,
}

/// An order of tokens with its id.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = token_orders, treat_none_as_default_value = false)]
pub struct OrderRow {
    /// Row id.
    pub id: TokenOrderId,
    /// The rest.
    #[diesel(embed)]
    pub order: NewTokenOrder,
}

/// A token that went out for an order.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = token_order_tokens)]
pub struct OrderTokenRow {
    /// The order.
    pub order_id: TokenOrderId,
    /// The token.
    pub token_id: TokenId,
}

/// All demo data, ready to be written.
#[derive(Debug, Clone, Default)]
pub struct DemoRows {
    /// Contracts.
    pub contracts: Vec<ContractRow>,
    /// Tokens.
    pub tokens: Vec<TokenRow>,
    /// Users.
    pub users: Vec<UserRow>,
    /// Issued tokens.
    pub token_issues: Vec<TokenIssueRow>,
    /// Limits.
    pub limits: Vec<LimitRow>,
    /// Picture cards.
    pub picture_cards: Vec<PictureCardRow>,
    /// Accounts.
    pub accounts: Vec<AccountRow>,
    /// Rights of companies' users.
    pub user_rights: Vec<UserRightRow>,
    /// Their accounts.
    pub user_accounts: Vec<UserAccountRow>,
    /// Their own limits.
    pub user_limits: Vec<UserLimitRow>,
    /// Entries.
    pub entries: Vec<EntryRow>,
    /// Their postings.
    pub postings: Vec<PostingRow>,
    /// Staff.
    pub staff: Vec<StaffRow>,
    /// Authorities for client certificates.
    pub authorities: Vec<NewAuthorityRow>,
    /// Client certificates, each of the portal's one authority.
    pub certificates: Vec<NewCertificate>,
    /// Orders of tokens.
    pub token_orders: Vec<OrderRow>,
    /// What went out for them.
    pub order_tokens: Vec<OrderTokenRow>,
    /// Receipts.
    pub receipts: Vec<ReceiptRow>,
    /// What is agreed for bulk files.
    pub bulk_services: Vec<BulkService>,
    /// Bulk files.
    pub bulk_files: Vec<BulkFileRow>,
    /// Their records.
    pub bulk_chunks: Vec<ChunkRow>,
    /// Their histories.
    pub bulk_events: Vec<BulkEventRow>,
    /// Who approved them.
    pub bulk_approvals: Vec<ApprovalRow>,
    /// What their day brought, each with the key of its entry.
    pub bulk_results: Vec<(BulkResult, String)>,
    /// Records that could not be done.
    pub bulk_failures: Vec<BulkFailure>,
    /// Of which accounts companies get daily files.
    pub external_accounts: Vec<ExternalAccount>,
    /// Portal, and the last day for which daily files were begun, when.
    pub external_days: Vec<(String, NaiveDate, UtcTime)>,
    /// Files that were put out.
    pub external_files: Vec<DemoExternal>,
}

/// Writes rows in as few statements as go; the two databases have insert statements of two types.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {
        for rows in $rows.chunks(ROWS_PER_STATEMENT) {
            match $conn {
                DbConn::Sqlite(conn) => {
                    diesel::insert_into($table).values(rows).execute(conn)?;
                }
                DbConn::Postgres(conn) => {
                    diesel::insert_into($table).values(rows).execute(conn)?;
                }
            }
        }
    };
}

/// Writes all rows into tables that hold none with their ids.
///
/// # Errors
/// Whatever the database says.
pub fn insert(conn: &mut DbConn, rows: &DemoRows) -> Result<(), DbError> {
    insert_all!(conn, contracts::table, rows.contracts);
    insert_all!(conn, tokens::table, rows.tokens);
    insert_all!(conn, users::table, rows.users);
    insert_all!(conn, token_issues::table, rows.token_issues);
    insert_all!(conn, limits::table, rows.limits);
    insert_all!(conn, picture_cards::table, rows.picture_cards);
    insert_all!(conn, accounts::table, rows.accounts);
    insert_all!(conn, user_rights::table, rows.user_rights);
    insert_all!(conn, user_accounts::table, rows.user_accounts);
    insert_all!(conn, user_limits::table, rows.user_limits);
    insert_all!(conn, ledger_entries::table, rows.entries);
    insert_all!(conn, postings::table, rows.postings);
    insert_all!(conn, staff_members::table, rows.staff);
    certificates::insert_all(conn, &rows.authorities, &rows.certificates)?;
    insert_all!(conn, token_orders::table, rows.token_orders);
    insert_all!(conn, token_order_tokens::table, rows.order_tokens);
    insert_bulk(conn, rows)?;
    insert_all!(conn, external_accounts::table, rows.external_accounts);
    external::insert(conn, &rows.external_days, &rows.external_files)?;
    move_sequences(conn)
}

fn insert_bulk(conn: &mut DbConn, rows: &DemoRows) -> Result<(), DbError> {
    insert_all!(conn, receipts::table, rows.receipts);
    insert_all!(conn, bulk_services::table, rows.bulk_services);
    insert_all!(conn, bulk_files::table, rows.bulk_files);
    insert_all!(conn, bulk_chunks::table, rows.bulk_chunks);
    insert_all!(conn, bulk_events::table, rows.bulk_events);
    insert_all!(conn, bulk_approvals::table, rows.bulk_approvals);
    let results: Vec<BulkResult> = rows.bulk_results.iter().map(|(row, _)| row.clone()).collect();
    insert_all!(conn, bulk_results::table, results);
    insert_all!(conn, bulk_failures::table, rows.bulk_failures);
    Ok(())
}

/// PostgreSQL does not see ids that were given; SQLite does.
fn move_sequences(conn: &mut DbConn) -> Result<(), DbError> {
    let DbConn::Postgres(conn) = conn else { return Ok(()) };
    let tables = [
        "contracts",
        "tokens",
        "users",
        "accounts",
        "ledger_entries",
        "staff_members",
        "token_orders",
        "receipts",
        "bulk_files",
    ];
    for table in tables {
        let sequence = format!("pg_get_serial_sequence('{table}', 'id')");
        conn.batch_execute(&format!(
            "SELECT setval({sequence}, \
             GREATEST(nextval({sequence}), (SELECT MAX(id) FROM {table})))"
        ))?;
    }
    Ok(())
}

/// How many contracts there are: none in an empty database.
///
/// # Errors
/// Whatever the database says.
pub fn count_contracts(conn: &mut DbConn) -> Result<i64, DbError> {
    Ok(contracts::table.count().get_result(conn)?)
}

/// Every picture card with the portal, login id and name of its holder.
///
/// # Errors
/// Whatever the database says.
pub fn list_picture_cards(
    conn: &mut DbConn,
) -> Result<Vec<(PictureCard, String, String, String)>, DbError> {
    Ok(picture_cards::table
        .inner_join(users::table.on(users::id.eq(picture_cards::user_id)))
        .select((PictureCard::as_select(), users::portal, users::login_id, users::name))
        .order((users::portal, users::login_id))
        .limit(1_000)
        .load(conn)?)
}
