// STF013, ファイル伝送の取扱い: what staff agree with a company for a kind of file.

import { clerk, finds, logsIn } from '../support/staff';
import { expect, test } from '../support/test';

test.use({ slug: 'aoba' });

test('a kind of file is agreed on with a company @script @desk', async ({ customer, portal }) => {
  await logsIn(customer, portal, clerk);
  await finds(customer, '9000000001/tantoa');
  await customer.presses('ご契約（口座・利用者・解約）を開く');
  await customer.sees('STF013');
  await expect(customer.main).toContainText('承認1名（5,000,000円から2名）');
  await customer.presses('給与振込の取扱いを変更');
  await customer.sees('STF013');
  await customer.types({ originator_code: '123', note: 'F-2026-001' });
  await customer.presses('登録する');
  await customer.sees('STF013');
  await customer.isRefused();
  await customer.types({ originator_code: '1234567890' });
  await customer.chooses('route', 'two');
  await customer.presses('登録する');
  await customer.sees('STF002');
  await expect(customer.main).toContainText('給与振込: 取り扱う');
});
