// External files in `aoba`: a file of the company's own software is sent straight (BEF001 to
// BEF003), and what the institution has put out is fetched (BEF011 to BEF013).

import { givesTokens } from '../support/bulk';
import type { Customer } from '../support/customer';
import { aobaTokens, tantoC } from '../support/people';
import { expect, test } from '../support/test';

test.use({ slug: 'aoba' });

async function logsOn(customer: Customer): Promise<void> {
  await customer.open('/login');
  await customer.types({ contract_id: tantoC.contract, user_id: tantoC.id });
  await customer.types({ user_password: tantoC.password });
  await customer.sends('contract_id');
  await customer.sees('BTP001');
}

/** A 総合振込 of so many records for Thursday of the tests' first week, with CR and LF. */
function zengin(count: number): Buffer {
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
    ...items,
    '8' + pad(count, 6) + pad(total, 12),
    '9',
  ];
  return Buffer.from(lines.map((line) => `${line.padEnd(120)}\r\n`).join(''), 'latin1');
}

async function chooses(customer: Customer, buffer: Buffer): Promise<void> {
  await customer.page.getByLabel('種類').selectOption('general_transfer');
  const file = { name: 'keiri.txt', mimeType: 'text/plain', buffer };
  await customer.field('file').setInputFiles(file);
  await customer.presses('内容を確認する');
}

test('a file is sent straight with a code @desk', async ({ customer, portal, server }) => {
  givesTokens(server.database);
  await logsOn(customer);
  await customer.presses('ファイル伝送');
  await customer.sees('BFT000');
  await customer.presses('外部ファイル送信');
  await customer.sees('BEF001');
  await chooses(customer, zengin(0));
  await customer.sees('BEF001');
  await expect(customer.main).toContainText('このファイルは登録していません');
  await customer.presses('もう一度アップロードする');
  await customer.sees('BEF001');
  await chooses(customer, zengin(3));
  await customer.sees('BEF002');
  await expect(customer.main).toContainText('3,003円');
  await customer.types({ otp: '12' });
  await customer.sends('otp');
  await customer.sees('BEF002');
  await customer.isRefused();
  await portal.moveClock(30);
  await customer.types({ otp: portal.code(aobaTokens[1]) });
  await customer.sends('otp');
  await customer.sees('BEF003');
  await expect(customer.main).toContainText('データを送信しました');
  await customer.presses('このデータの状況・履歴');
  await customer.sees('BFT040');
  await expect(customer.main).toContainText('keiri.txt');
});

test('what was put out is fetched with a code and saved @desk', async ({
  customer,
  portal,
  server,
}) => {
  givesTokens(server.database);
  await logsOn(customer);
  await customer.presses('外部ファイル受信');
  await customer.sees('BEF011');
  await expect(customer.main).toContainText('未受信');
  const first = customer.page.getByRole('checkbox').first();
  await first.check();
  await customer.presses('選んだファイルの受信へ進む');
  await customer.sees('BEF012');
  await portal.moveClock(30);
  await customer.types({ otp: portal.code(aobaTokens[1]) });
  await customer.sends('otp');
  await customer.sees('BEF013');
  await expect(customer.main).toContainText('1件のファイルを受信しました');
  await expect(customer.main).toContainText('SHA-256');
  const link = customer.main.getByRole('link', { name: /^保存する/ }).first();
  const [download] = await Promise.all([customer.page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toMatch(/^[a-z-]+-[0-9-]+\.(txt|csv)$/);
  await customer.presses('外部ファイル受信に戻る');
  await customer.sees('BEF011');
  await customer.presses('受信済み');
  await customer.sees('BEF011');
  await expect(customer.main).toContainText('担当者C');
});
