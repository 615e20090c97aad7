// Transfers: BTR001 to BTR005, BTR030 to BTR032, BTR040, in `shirakaba` by the confirming secret,
// in `inaho` by a code.

import type { Customer } from '../support/customer';
import { companyJiro, jiro } from '../support/people';
import { expect, test } from '../support/test';

/** Chooses among the accounts of a group by a part of their words. */
async function picks(customer: Customer, group: string, account: RegExp): Promise<void> {
  const fieldset = customer.page.locator('fieldset').filter({ hasText: group }).last();
  await fieldset.getByLabel(account).check();
}

test.describe('in shirakaba', () => {
  test('to a bank that is found by name, then reserved and taken back @script', async ({
    customer,
    portal,
  }) => {
    await customer.logsIn(jiro.loginId, jiro.password);
    await customer.sees('BTP001');
    await customer.presses('振込・振替');
    await customer.sees('BTR001');
    await customer.presses('はじめての振込先へ');
    await customer.sees('BTR002');
    await customer.types({ q: 'こだま' });
    await customer.presses('検索する');
    await customer.sees('BTR002');
    await customer.presses('こだま信用金庫');
    await customer.sees('BTR002');
    await customer.presses('山の手支店');
    await customer.sees('BTR002');
    await picks(customer, '出金口座', /1310072/);
    await customer.types({ number: '503', holder: '' });
    await customer.presses('次へ');
    await customer.sees('BTR002');
    await customer.isRefused();
    await picks(customer, '出金口座', /1310072/);
    await customer.types({ number: '2020024' });
    await customer.presses('次へ');
    await customer.sees('BTR003');
    await customer.types({ amount: '' });
    await customer.presses('次へ');
    await customer.sees('BTR003');
    await customer.isRefused();
    await customer.types({ amount: '12,000' });
    await customer.presses('次へ');
    await customer.sees('BTR004');
    for (const part of ['12,000円', '220円（うち消費税 20円）', '12,220円', 'はじめての振込先']) {
      await expect(customer.main).toContainText(part);
    }
    const timer = customer.page.getByRole('timer');
    await expect(timer).toHaveText(/^残り時間は \d+時間\d+分\d+秒です。$/);
    await customer.types({ confirm: 'kakunin99' });
    await customer.presses('振込を確定する');
    await customer.sees('BTR004');
    await customer.isRefused();
    await customer.types({ confirm: jiro.secret });
    await customer.presses('振込を確定する');
    await customer.sees('BTR005');
    await customer.receipt();
    await expect(customer.main).toContainText('完了');
    const [mail] = await portal.mailsTo(jiro.loginId);
    expect(mail?.subject).toContain('振込の受付');
    expect(mail?.text).not.toContain('2020024');

    // The same again, which is asked about; then another day, which is a reservation.
    await customer.presses('続けて手続きする');
    await customer.sees('BTR001');
    await picks(customer, '出金口座', /1310072/);
    await picks(customer, '振込先', /2020024/);
    await customer.presses('次へ');
    await customer.sees('BTR003');
    await customer.types({ amount: '12000' });
    await customer.presses('次へ');
    await customer.sees('BTR004');
    await expect(customer.main).toContainText('同じ振込先・同じ金額');
    await customer.presses('戻る');
    await customer.sees('BTR003');
    await expect(customer.field('amount')).toHaveValue('12,000');
    await customer.field('on').selectOption({ index: 2 });
    await customer.types({ amount: '3000' });
    await customer.presses('次へ');
    await customer.sees('BTR004');
    await expect(customer.main).toContainText('午前9時ごろ');
    await customer.types({ confirm: jiro.secret });
    await customer.presses('予約を確定する');
    await customer.sees('BTR005');
    await customer.presses('予約一覧');
    await customer.sees('BTR030');
    await customer.main.getByRole('link', { name: /^詳細/ }).click();
    await customer.sees('BTR032');
    await customer.presses('この予約を取り消す');
    await customer.sees('BTR031');
    await customer.types({ confirm: jiro.secret });
    await customer.presses('予約を取り消す');
    await customer.sees('BTR032');
    await expect(customer.main).toContainText('予約を取り消しました');
    await customer.presses('取引履歴');
    await customer.sees('BTR040');
    await expect(customer.main).toContainText('取消');
    await expect(customer.main).toContainText('完了');
  });

  test('between own accounts @noscript @rule', async ({ customer }) => {
    await customer.logsIn(jiro.loginId, jiro.password);
    await customer.sees('BTP001');
    await customer.open('/transfers');
    await customer.sees('BTR001');
    await picks(customer, '出金口座', /1310072/);
    await picks(customer, '振込先', /1310099/);
    await customer.presses('次へ');
    await customer.sees('BTR003');
    await customer.types({ amount: '5000' });
    await customer.presses('次へ');
    await customer.sees('BTR004');
    await customer.types({ confirm: jiro.secret });
    await customer.presses('振替を確定する');
    await customer.sees('BTR005');
    await customer.receipt();
  });
});

test.describe('in inaho', () => {
  test.use({ slug: 'inaho' });

  test('a user with a token confirms by a code @script @desk', async ({ customer, portal }) => {
    await customer.logsIn(companyJiro.loginId, companyJiro.password);
    await customer.sees('BTP001');
    await customer.presses('振込・振替');
    await customer.sees('BTR001');
    await customer.open('/transfers/payee?bank=0985&branch=302');
    await customer.sees('BTR002');
    await customer.page.locator('[name="from"]').first().check();
    await customer.types({ number: '7020101' });
    await customer.presses('次へ');
    await customer.sees('BTR003');
    await customer.types({ amount: '1000' });
    await customer.presses('次へ');
    await customer.sees('BTR004');
    await expect(customer.main).toContainText('このコードで 1,000円 の振込を確定します。');
    await customer.types({ otp: portal.slowCode('12345678') });
    await customer.presses('振込を確定する');
    await customer.sees('BTR005');
    await customer.receipt();
  });
});
