// STF090: what came in, what is put out for contracts, and the outgoing file of a day.

import { clerk, logsIn } from '../support/staff';
import { expect, test } from '../support/test';

test.use({ slug: 'aoba' });

test('staff put a file out for a company @script @desk', async ({ customer, portal }) => {
  await logsIn(customer, portal, clerk);
  await customer.presses('外部ファイル');
  await customer.sees('STF090');
  await customer.page.getByLabel('状態').selectOption('accepted');
  await customer.presses('表示する');
  await customer.sees('STF090');
  await customer.presses('お渡しするファイル');
  await customer.sees('STF090');
  await customer.presses('ファイルを渡す');
  await customer.sees('STF090');
  await customer.presses('このファイルを渡す');
  await customer.sees('STF090');
  await customer.isRefused();
  await customer.types({ contract: '9000000001', note: 'F-2026-010' });
  await customer.field('kind').selectOption('transfer_result');
  const buffer = Buffer.from('a,b\r\n1,2\r\n', 'latin1');
  const file = { name: 'kekka.csv', mimeType: 'text/csv', buffer };
  await customer.field('file').setInputFiles(file);
  await customer.presses('このファイルを渡す');
  await customer.sees('STF002');
  await customer.presses('外部ファイル');
  await customer.presses('お渡しするファイル');
  await customer.sees('STF090');
  await expect(customer.main).toContainText('未受信');
  await customer.presses('仕向ファイル');
  await customer.sees('STF090');
});
