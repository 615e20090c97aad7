//! あおば商事 with tokens for B and C, agreements for every kind, and files written as the portal
//! would have written them.

use std::ops::Deref;

use madoguchi::db::DbError;
use madoguchi::db::queries::{bulk_chunks, bulk_files};
use madoguchi::domain::bulk_file::content::{RECORDS_A_CHUNK, chunk_digest, content_digest};
use madoguchi::domain::bulk_file::{BulkAct, BulkKind, BulkOrigin, BulkService, BulkState};
use madoguchi::operations::bulk_file::codec_kind;
use madoguchi::operations::receipt::write_in_tx;
use madoguchi::primitives::ids::{BulkFileId, ContractId, UserId};
use madoguchi::primitives::yen::Yen;
use madoguchi::zengin::bulk::{BulkHeader, BulkItem};

use crate::aoba::site::{Aoba, Member, TANTO_A};
use crate::browser::{Browser, Page};
use crate::codes;

pub const TANTO_B: Member =
    Member { id: "tantob", password: "TantoB#2026", confirm: "kakunin43", ..TANTO_A };
pub const TANTO_C: Member =
    Member { id: "tantoc", password: "TantoC#2026", confirm: "kakunin44", ..TANTO_A };
/// B's token.
pub const OF_B: &str = "AOB0000001";
/// C's.
pub const OF_C: &str = "AOB0000002";
/// Records of the accounts 1000001 and so on.
pub const ITEMS: [(&str, &str, u64); 3] = [
    ("1000001", "ﾔﾏﾀﾞ ﾀﾛｳ", 100_000),
    ("1000002", "ｽｽﾞｷ ﾊﾅｺ", 200_000),
    ("1000003", "ｻﾄｳ ｼﾞﾛｳ", 300_000),
];

/// A file to be written.
#[derive(Debug, Clone)]
pub struct Spec {
    pub kind: BulkKind,
    pub name: &'static str,
    pub items: Vec<(String, String, u64)>,
    pub state: BulkState,
    pub needed: i32,
}

impl Spec {
    /// Salaries for three people that wait for one approver.
    pub fn waiting() -> Spec {
        let items = ITEMS.iter().map(|(no, name, yen)| ((*no).into(), (*name).into(), *yen));
        Spec {
            kind: BulkKind::Salary,
            name: "11月分給与",
            items: items.collect(),
            state: BulkState::Waiting,
            needed: 1,
        }
    }

    /// The same, approved.
    pub fn approved() -> Spec {
        Spec { state: BulkState::Approved, ..Spec::waiting() }
    }
}

/// The company.
pub struct Desk(Aoba);

impl Deref for Desk {
    type Target = Aoba;

    fn deref(&self) -> &Aoba {
        &self.0
    }
}

impl Desk {
    /// With tokens for B and C.
    pub fn new() -> Desk {
        let desk = Desk::without_tokens();
        for (who, serial) in [(TANTO_B, OF_B), (TANTO_C, OF_C)] {
            desk.execute(&format!("UPDATE tokens SET state = 'in_use' WHERE serial = '{serial}'"));
            desk.execute(&format!(
                "UPDATE users SET token_status = 'in_use', \
                 token_id = (SELECT id FROM tokens WHERE serial = '{serial}') \
                 WHERE login_id = '{}'",
                who.login_id()
            ));
        }
        desk
    }

    /// As the demo has them, without files of its own.
    pub fn without_tokens() -> Desk {
        let desk = Desk(Aoba::new());
        for table in [
            "external_fetches",
            "external_chunks",
            "external_files",
            "bulk_failures",
            "bulk_results",
            "bulk_events",
            "bulk_approvals",
            "bulk_chunks",
            "bulk_files",
            "payment_totals",
        ] {
            desk.execute(&format!("DELETE FROM {table}"));
        }
        for kind in BulkKind::ALL {
            desk.agree(*kind, |_| {});
        }
        desk
    }

    /// Agrees on a kind with the contract.
    pub fn agree(&self, kind: BulkKind, change: impl FnOnce(&mut BulkService)) {
        let business_type = codec_kind(kind).business_types()[0].to_owned();
        let mut service = BulkService {
            contract_id: self.contract_id(),
            kind,
            originator_code: "0000009001".to_owned(),
            originator_kana: "ｱｵﾊﾞｼﾖｳｼﾞ".to_owned(),
            business_type,
            second_approval_from_yen: None,
            maker_may_approve: false,
            file_limit_yen: Yen(100_000_000),
            record_limit_yen: Yen(10_000_000),
            external_send: false,
        };
        change(&mut service);
        let done = self.services.db.write_blocking(move |conn| {
            bulk_files::replace_service(conn, &service)?;
            Ok::<_, DbError>(())
        });
        done.unwrap();
    }

    pub fn contract_id(&self) -> ContractId {
        ContractId(self.user(TANTO_A, "contract_id").parse().unwrap())
    }

    pub fn id_of(&self, who: Member) -> UserId {
        UserId(self.user(who, "id").parse().unwrap())
    }

    /// Gives a user one more right.
    pub fn grant(&self, who: Member, right: &str) {
        let id = self.id_of(who);
        self.execute(&format!(
            "INSERT INTO user_rights (user_id, user_right) VALUES ({id}, '{right}')"
        ));
    }

    /// Writes a file by A, for Friday, to be sent by Thursday noon.
    pub fn write(&self, spec: &Spec) -> i64 {
        let (contract_id, maker) = (self.contract_id(), self.id_of(TANTO_A));
        let stands = (spec.state, spec.needed);
        let (spec, ctx) = (spec.clone(), self.ctx());
        let account = self.number(&format!(
            "SELECT MIN(id) FROM accounts WHERE contract_id = {contract_id} \
             AND number = '8010012'"
        ));
        let written = self.services.db.write_blocking(move |conn| {
            let new = bulk_files::NewBulkFile {
                portal: "aoba".to_owned(),
                contract_id,
                kind: spec.kind,
                business_type: codec_kind(spec.kind).business_types()[0].to_owned(),
                state: BulkState::Uploading,
                origin: BulkOrigin::Upload,
                name: spec.name.to_owned(),
                maker_id: maker,
                stride: 120,
                created_at: ctx.now,
                changed_at: ctx.now,
            };
            let id = bulk_files::insert(conn, new)?;
            let digests = write_chunks(conn, id, &spec)?;
            let content = content_digest(digests.iter().map(String::as_str));
            let total: u64 = spec.items.iter().map(|(_, _, yen)| yen).sum();
            diesel::RunQueryDsl::execute(
                diesel::sql_query(format!(
                    "UPDATE bulk_files SET state = 'draft', account_id = {account}, \
                     value_date = '2026-11-27', item_count = {}, total_yen = {total}, \
                     content_sha256 = '{content}' WHERE id = {id}",
                    spec.items.len()
                )),
                conn,
            )?;
            let event = bulk_files::NewBulkEvent {
                user_id: Some(maker),
                actor_name: "担当者A",
                act: BulkAct::Create,
                state: BulkState::Draft,
                proof: "none",
                comment: "",
                content_sha256: &content,
            };
            bulk_files::insert_event(conn, id, &event, ctx.now)?;
            Ok::<_, DbError>(id.0)
        });
        let id = written.unwrap();
        self.put(id, stands);
        id
    }

    /// Lets the file stand so, as if it had come there by its usual way.
    pub fn put(&self, id: i64, (state, needed): (BulkState, i32)) {
        use BulkState as S;
        let is_sent = matches!(state, S::Sent | S::Accepted | S::Done | S::PartlyFailed);
        let is_sent = is_sent || state == S::Rejected;
        let given = if is_sent || state == S::Approved { needed } else { 0 };
        let (ctx, maker) = (self.ctx(), self.id_of(TANTO_A));
        let receipt = self.services.db.write_blocking(move |conn| {
            write_in_tx(conn, &ctx, maker, "bulk.send", &BulkFileId(id))
        });
        let (receipt_id, number) = receipt.unwrap();
        let sent = match is_sent {
            true => format!(
                "sent_at = '2026-11-20 01:00:00', receipt_id = {receipt_id}, \
                 receipt_number = {number}, sender_id = {maker}"
            ),
            false => "sent_at = NULL, receipt_id = NULL, receipt_number = NULL".to_owned(),
        };
        let reason = if state == S::Rejected { "'funds'" } else { "NULL" };
        self.execute(&format!(
            "UPDATE bulk_files SET state = '{state}', approvals_needed = {needed}, \
             approvals_given = {given}, submission = submission + 1, \
             deadline_at = '2026-11-26 03:00:00', reason = {reason}, {sent} WHERE id = {id}"
        ));
    }

    /// A column of a file, as text.
    pub fn file(&self, id: i64, column: &str) -> String {
        let sql = format!(
            "SELECT COALESCE(CAST({column} AS TEXT), 'null') AS value \
             FROM bulk_files WHERE id = {id}"
        );
        self.texts(&sql).remove(0)
    }

    /// What the token shows after the code that was used last.
    pub fn next_code(&self, serial: &str) -> String {
        self.advance(30);
        codes::code(serial, self.step(), 6)
    }

    /// The box of a file.
    pub fn tick(&self, id: i64) -> String {
        format!("file_{id}.{}.{}", self.file(id, "submission"), self.file(id, "content_sha256"))
    }

    /// Ticks these files on BFT020 or BFT030 and sends the list with this proof.
    pub async fn act(
        &self,
        browser: &Browser,
        path: &str,
        ids: &[i64],
        proof: (&str, &str),
    ) -> Page {
        let page = browser.get(&format!("/aoba/files/{path}")).await.expect_status(200);
        let form = page.keyed_form();
        let mut fields = form.filled(&[proof]);
        fields.extend(ids.iter().map(|id| (self.tick(*id), "on".to_owned())));
        browser.post(&form.action, &fields).await
    }

    /// B approves them on BFT020.
    pub async fn approve(&self, browser: &Browser, ids: &[i64]) -> Page {
        let code = self.next_code(OF_B);
        self.act(browser, "approval", ids, ("otp", &code)).await
    }

    /// C sends them on BFT030.
    pub async fn send(&self, browser: &Browser, ids: &[i64]) -> Page {
        let code = self.next_code(OF_C);
        self.act(browser, "sending", ids, ("otp", &code)).await
    }

    /// The history of a file: act, state afterwards, proof.
    pub fn history(&self, id: i64) -> Vec<String> {
        self.texts(&format!(
            "SELECT act || ' ' || state || ' ' || proof AS value FROM bulk_events \
             WHERE file_id = {id} ORDER BY id"
        ))
    }
}

fn write_chunks(
    conn: &mut madoguchi::db::DbConn,
    id: BulkFileId,
    spec: &Spec,
) -> Result<Vec<String>, DbError> {
    let kind = codec_kind(spec.kind);
    let header = BulkHeader {
        business_type: kind.business_types()[0].to_owned(),
        originator_code: "0000009001".to_owned(),
        originator_name: "ｱｵﾊﾞｼﾖｳｼﾞ".to_owned(),
        value_date_mmdd: "1127".to_owned(),
        own_bank_code: "0984".to_owned(),
        own_branch_code: "401".to_owned(),
        own_account_type: Some(1),
        own_account_no: "8010012".to_owned(),
        ..BulkHeader::default()
    };
    let mut records = vec![header.write().unwrap()];
    for (number, name, amount) in &spec.items {
        let item = BulkItem {
            bank_code: "0001".to_owned(),
            branch_code: "001".to_owned(),
            account_type: 1,
            account_no: number.clone(),
            name: name.clone(),
            amount: *amount,
            ..BulkItem::default()
        };
        records.push(item.write(kind).unwrap());
    }
    let size = usize::try_from(RECORDS_A_CHUNK).unwrap();
    let mut digests = Vec::new();
    for (no, chunk) in records.chunks(size).enumerate() {
        let bytes = chunk.concat();
        let digest = chunk_digest(&bytes);
        bulk_chunks::insert(conn, id, i64::try_from(no).unwrap(), (&bytes, &digest))?;
        digests.push(digest);
    }
    Ok(digests)
}
