// BHL005, BHL006 and BFT050 in `aoba`: formats of files, and the check of a file without login.

import { expect, test } from '../support/test';

test.use({ slug: 'aoba' });

test('the formats and one of them', async ({ customer }) => {
  await customer.open('/help/files');
  await customer.sees('BHL005');
  await customer.leads(() => customer.page.getByRole('link', { name: '総合振込' }).click());
  await customer.sees('BHL006');
  const text = await customer.text();
  for (const part of ['振込依頼人名', '必須', 'Z301', 'ｱ～ﾝ']) expect(text).toContain(part);
});

test('a file is checked without login', async ({ customer }) => {
  await customer.open('/files/check');
  await customer.sees('BFT050');
  await customer.presses('確認する');
  await customer.sees('BFT050');
  await customer.isRefused();
  const header = '1210' + '0000012345' + 'AOBA'.padEnd(40) + '1008' + '0001' + ' '.repeat(15);
  const item = '2' + '0001' + ' '.repeat(15) + '001' + ' '.repeat(15) + '0000' + '1' + '1000001';
  const lines = [
    header + '001' + ' '.repeat(15) + '1' + '0001234',
    item + 'YAMADA TARO'.padEnd(30) + '00000010O0' + '0' + '0'.repeat(20),
    '8' + '000001' + '000000001000',
    '9',
  ];
  const file = lines.map((line) => `${line.padEnd(120)}\r\n`).join('');
  const buffer = Buffer.from(file, 'latin1');
  await customer.field('file').setInputFiles({ name: 'x.txt', mimeType: 'text/plain', buffer });
  await customer.presses('確認する');
  await customer.sees('BFT050');
  const text = await customer.text();
  for (const part of ['誤りがあります', 'Z301', '振込金額']) expect(text).toContain(part);
});
