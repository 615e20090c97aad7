// Bulk files of あおば商事 written behind the portal's back: made by 担当者A, standing where a test
// needs them, with tokens for 担当者B and 担当者C.

import { createHash } from 'node:crypto';
import { bytesInSql, execute } from './database';
import { aobaTokens, tantoB, tantoC } from './people';

export interface Item {
  account: string;
  name: string;
  amount: number;
}

export interface BulkFile {
  name: string;
  state: 'waiting' | 'approved' | 'done';
  items: Item[];
}

const number = (value: number | string, length: number) => String(value).padStart(length, '0');
const text = (value: string, length: number) => value.padEnd(length, ' ');
const sha256 = (value: string) => createHash('sha256').update(value).digest('hex');
const contract = "(SELECT id FROM contracts WHERE number = '9000000001' AND portal = 'aoba')";
const userOf = (id: string) => `(SELECT id FROM users WHERE login_id = '9000000001/${id}')`;

/** Header and records of a 総合振込, 120 bytes each. */
function content(items: Item[]): string {
  const header =
    '1210' + number(9001, 10) + text('AOBA', 40) + '1008' + '0984' + text('', 15) + '401' +
    text('', 15) + '1' + '8010012' + text('', 17);
  const item = ({ account, name, amount }: Item) =>
    '2' + '0001' + text('', 15) + '001' + text('', 15) + text('', 4) + '1' + account +
    text(name, 30) + number(amount, 10) + '0' + text('', 20) + '0' + ' ' + text('', 7);
  return header + items.map(item).join('');
}

/** Tokens in use for 担当者B and 担当者C. */
export function givesTokens(database: string): void {
  const [first, second] = aobaTokens;
  const tokens = [[tantoB.id, first] as const, [tantoC.id, second] as const].map(
    ([id, serial]) =>
      `UPDATE tokens SET state = 'in_use' WHERE serial = '${serial}';
       UPDATE users SET token_status = 'in_use',
       token_id = (SELECT id FROM tokens WHERE serial = '${serial}') WHERE id = ${userOf(id)};`,
  );
  execute(database, tokens.join(''));
}

/** Tokens in use, and an agreement about 総合振込. */
export function opensDesk(database: string): void {
  givesTokens(database);
  execute(
    database,
    `DELETE FROM bulk_services WHERE contract_id = ${contract} AND kind = 'general_transfer';
     INSERT INTO bulk_services (contract_id, kind, originator_code, originator_kana,
     business_type, file_limit_yen, record_limit_yen)
     VALUES (${contract}, 'general_transfer', '0000009001', 'AOBA', '21', 50000000, 10000000);`,
  );
}

/** Writes a file for the Thursday after the Monday on which the tests begin. */
export function writes(database: string, file: BulkFile): void {
  const bytes = content(file.items);
  const chunk = sha256(bytes);
  const inSql = bytesInSql(database, Buffer.from(bytes, 'latin1'));
  const total = file.items.reduce((sum, item) => sum + item.amount, 0);
  const given = file.state === 'waiting' ? 0 : 1;
  const id = '(SELECT MAX(id) FROM bulk_files)';
  const isSent = file.state === 'done';
  const sent = isSent
    ? `'2026-10-02 01:00:00', ${userOf(tantoC.id)}, 7654321, (SELECT MAX(id) FROM receipts)`
    : 'NULL, NULL, NULL, NULL';
  const receipt = `INSERT INTO receipts (portal, day, number, user_id, operation, accepted_at,
    details) VALUES ('aoba', '2026-10-02', 7654321, ${userOf(tantoC.id)}, 'bulk.send',
    '2026-10-02 01:00:00', '1');`;
  execute(
    database,
    `${isSent ? receipt : ''}
     INSERT INTO bulk_files (portal, contract_id, kind, business_type, state, origin, name,
     maker_id, account_id, value_date, item_count, total_yen, stride, content_sha256, submission,
     approvals_needed, approvals_given, deadline_at, created_at, changed_at, sent_at, sender_id,
     receipt_number, receipt_id)
     VALUES ('aoba', ${contract}, 'general_transfer', '21', '${file.state}', 'upload',
     '${file.name}', ${userOf('tantoa')},
     (SELECT id FROM accounts WHERE contract_id = ${contract} AND number = '8010012'),
     '2026-10-08', ${file.items.length}, ${total}, 120, '${sha256(chunk)}', 1, 1,
     ${given}, '2026-10-07 03:00:00', '2026-10-05 00:00:00', '2026-10-05 00:00:00', ${sent});
     INSERT INTO bulk_chunks (file_id, no, bytes, sha256)
     VALUES (${id}, 0, ${inSql}, '${chunk}');
     INSERT INTO bulk_events (file_id, happened_at, user_id, actor_name, act, state, proof,
     comment, content_sha256)
     VALUES (${id}, '2026-10-05 00:00:00', ${userOf('tantoa')}, '担当者A', 'submit', 'waiting',
     'none', '', '${sha256(chunk)}');`,
  );
}
