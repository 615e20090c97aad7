// BFT010 to BFT013 in `aoba`: a file is uploaded, made on the screen, repaired, copied, handed in.

import type { Customer } from '../support/customer';
import { tantoA } from '../support/people';
import { expect, test } from '../support/test';

test.use({ slug: 'aoba' });

/** Thursday of the tests' first week. */
const DAY = '2026-10-08';

async function logsOn(customer: Customer): Promise<void> {
  await customer.open('/login');
  await customer.sees('BLG001');
  await customer.types({ contract_id: tantoA.contract, user_id: tantoA.id });
  await customer.types({ user_password: tantoA.password });
  await customer.sends('contract_id');
  await customer.sees('BTP001');
}

/** A 総合振込 of so many records in the format of the banks' association, with CR and LF. */
function zengin(count: number, change = (line: string) => line): Buffer {
  const pad = (number: number, length: number) => String(number).padStart(length, '0');
  const header =
    '1210' + '9000000001' + 'AOBA'.padEnd(40) + '1008' + '0981' + ' '.repeat(15) + '401';
  const items = Array.from({ length: count }, (_, at) => {
    const payee = '2' + '0001' + ' '.repeat(15) + '001' + ' '.repeat(15) + '0000' + '1';
    const name = `YAMADA TARO ${at + 1}`.padEnd(30);
    return payee + pad(1_000_001 + at, 7) + name + pad(1_000 + at, 10) + '0' + '0'.repeat(20);
  });
  const total = items.reduce((sum, _, at) => sum + 1_000 + at, 0);
  const lines = [
    header + ' '.repeat(15) + '1' + '8010012',
    ...items.map((line) => change(line)),
    '8' + pad(count, 6) + pad(total, 12),
    '9',
  ];
  return Buffer.from(lines.map((line) => `${line.padEnd(120)}\r\n`).join(''), 'latin1');
}

async function uploads(customer: Customer, name: string, buffer: Buffer): Promise<void> {
  await customer.open('/files/upload');
  await customer.sees('BFT011');
  await customer.field('file').setInputFiles({ name, mimeType: 'text/plain', buffer });
  await customer.presses('アップロードする');
}

test('a file with errors is shown what to mend, a good one is handed in @desk', async ({
  customer,
}) => {
  await logsOn(customer);
  await customer.open('/files/upload');
  await customer.sees('BFT011');
  await customer.presses('アップロードする');
  await customer.sees('BFT011');
  await customer.isRefused();
  // A refused upload is sent once: its answer shows without sending it again.
  const sent: string[] = [];
  customer.page.on('request', (request) => {
    if (request.method() === 'POST') sent.push(request.url());
  });
  const empty = { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) };
  await customer.open('/files/upload');
  await customer.sees('BFT011');
  await customer.field('file').setInputFiles(empty);
  // With script no page is loaded, so nothing but the words can be waited for.
  await customer.main.getByRole('button', { name: 'アップロードする' }).click();
  await expect(customer.main).toContainText('空のファイルは取り込めません');
  await customer.sees('BFT011');
  await customer.isRefused();
  expect(sent).toHaveLength(1);
  await customer.field('file').setInputFiles({
    name: 'bad.txt',
    mimeType: 'text/plain',
    buffer: zengin(1, (line) => line.replace('0000001000', '00000010O0')),
  });
  await customer.presses('アップロードする');
  await customer.sees('BFT011');
  await expect(customer.main).toContainText('このファイルは登録していません');
  expect(sent).toHaveLength(2);
  await uploads(
    customer,
    'bad.txt',
    zengin(3, (line) => line.replace('0000001001', '00000010O1')),
  );
  await customer.sees('BFT011');
  await expect(customer.main).toContainText('このファイルは登録していません');
  await expect(customer.main).toContainText('振込金額');
  await customer.presses('もう一度アップロードする');
  await customer.sees('BFT011');
  await uploads(customer, 'furikomi.txt', zengin(120));
  await customer.sees('BFT012');
  await expect(customer.main).toContainText('120件のうち 1〜50件目');
  await customer.presses('次の50件');
  await customer.sees('BFT012');
  await expect(customer.main).toContainText('120件のうち 51〜100件目');
  await customer.types({ q: '1000077', page: '1' });
  await customer.presses('表示する');
  await customer.sees('BFT012');
  await expect(customer.main).toContainText('1件のうち 1〜1件目');
  await customer.main.getByRole('link', { name: /修正\s*（77番/ }).click();
  await customer.sees('BFT012');
  await customer.types({ name: '山田', amount: '0' });
  await customer.presses('明細を修正する');
  await customer.sees('BFT012');
  await customer.isRefused();
  await customer.types({ name: 'やまだ はなこ', amount: '25,000' });
  await customer.presses('明細を修正する');
  await customer.sees('BFT012');
  await expect(customer.main).toContainText('明細を修正しました');
  await customer.presses('承認を依頼する');
  await customer.sees('BFT012');
  await expect(customer.main).toContainText('承認待ち');
  await customer.presses('名前・口座・指定日の変更');
  await customer.sees('BFT012');
  await expect(customer.main).toContainText('それまでの承認は取り消されます');
});

test('a file is made on the screen and by a table @desk', async ({ customer }) => {
  await logsOn(customer);
  await customer.open('/files/new');
  await customer.sees('BFT010');
  await customer.presses('次へ');
  await customer.sees('BFT010');
  await customer.isRefused();
  await customer.field('kind').selectOption('salary');
  await customer.field('on').selectOption('2026-10-09');
  await customer.presses('次へ');
  await customer.sees('BFT012');
  await expect(customer.main).toContainText('まだ明細がありません');
  await customer.presses('明細を1件追加する');
  await customer.sees('BFT010');
  await customer.types({ bank: '0001', branch: '001', number: '123', name: 'さとう' });
  await customer.types({ amount: '200,000', ref1: '7' });
  await customer.presses('明細を追加する');
  await customer.sees('BFT012');
  await expect(customer.main).toContainText('サトウ');
  await customer.presses('表・CSVからまとめて追加する');
  await customer.sees('BFT010');
  const good = '0001\t001\t普通\t1234567\tすずき\t180,000';
  await customer.types({ rows: `${good}\n0001\t001\t普通\tx\t鈴木\t0` });
  await customer.presses('内容を確認する');
  await customer.sees('BFT010');
  await customer.isRefused();
  await expect(customer.main).toContainText('漢字');
  await customer.types({ rows: good });
  await customer.presses('内容を確認する');
  await customer.sees('BFT010');
  await expect(customer.main).toContainText('誤りはありません');
  await customer.presses('この内容で追加する');
  await customer.sees('BFT012');
  await expect(customer.main).toContainText('380,000円');
  await customer.main.getByRole('link', { name: /修正\s*（1番/ }).click();
  await customer.sees('BFT012');
  await customer.presses('この明細を削除する');
  await customer.sees('BFT012');
  await customer.presses('この明細を削除する');
  await customer.sees('BFT012');
  await expect(customer.main).toContainText('明細を削除しました');
});

test('an earlier file is used again with a new day @desk', async ({ customer }) => {
  await logsOn(customer);
  await uploads(customer, 'moto.txt', zengin(2));
  await customer.sees('BFT012');
  await customer.open('/files/copy');
  await customer.sees('BFT013');
  await customer.presses('moto.txt');
  await customer.sees('BFT013');
  await customer.presses('作成する');
  await customer.sees('BFT013');
  await customer.isRefused();
  await customer.types({ name: '再利用' });
  await customer.field('on').selectOption(DAY);
  await customer.presses('作成する');
  await customer.sees('BFT012');
  await expect(customer.main).toContainText('再利用');
});
