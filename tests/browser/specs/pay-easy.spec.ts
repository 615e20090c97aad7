// Pay-easy: BPE001 to BPE005, in `shirakaba` by the confirming secret, in `inaho` by a code.

import { companyJiro, jiro } from '../support/people';
import { expect, test } from '../support/test';

test.describe('in shirakaba', () => {
  test('a bill is paid from the numbers of its slip @script', async ({ customer, portal }) => {
    await customer.logsIn(jiro.loginId, jiro.password);
    await customer.sees('BTP001');
    await customer.presses('税金・各種料金払込み');
    await customer.sees('BPE001');
    await customer.types({ agency: '', payer: '1001-0000-0000-02', confirmation: '234567' });
    await customer.presses('次へ');
    await customer.sees('BPE001');
    await customer.isRefused();
    await expect(customer.field('payer')).toHaveValue('1001-0000-0000-02');
    await customer.types({ agency: '９０１０１', category: '003' });
    await customer.presses('次へ');
    await customer.sees('BPE002');
    for (const part of ['しらかば市（90101）', '延滞金', '1,200円', '49,700円']) {
      await expect(customer.main).toContainText(part);
    }
    await customer.page.getByLabel(/1310072/).check();
    await customer.presses('次へ');
    await customer.sees('BPE003');
    await customer.types({ confirm: 'kakunin99' });
    await customer.presses('払込みを確定する');
    await customer.sees('BPE003');
    await customer.isRefused();
    await customer.types({ confirm: jiro.secret });
    await customer.presses('払込みを確定する');
    await customer.sees('BPE004');
    await customer.receipt();
    const [mail] = await portal.mailsTo(jiro.loginId);
    expect(mail?.subject).toContain('税金・各種料金払込み');
    await customer.presses('払込履歴');
    await customer.sees('BPE005');
    await customer.main.getByRole('link', { name: /^詳細/ }).click();
    await customer.sees('BTR032');
    await expect(customer.main).toContainText('固定資産税・都市計画税');
  });
});

test.describe('in inaho', () => {
  test.use({ slug: 'inaho' });

  test('a user of a company pays a bill by a code @script @desk', async ({ customer, portal }) => {
    await customer.logsIn(companyJiro.loginId, companyJiro.password);
    await customer.sees('BTP001');
    await customer.presses('税金・料金');
    await customer.sees('BPE001');
    await customer.types({ agency: '90201', payer: '04412870024', confirmation: '5432' });
    await customer.presses('次へ');
    await customer.sees('BPE002');
    await customer.page.locator('[name="from"]').first().check();
    await customer.presses('次へ');
    await customer.sees('BPE003');
    await expect(customer.main).toContainText('このコードで 186,300円 の払込みを確定します。');
    await customer.types({ otp: portal.slowCode('12345678') });
    await customer.presses('払込みを確定する');
    await customer.sees('BPE004');
    await customer.receipt();
  });
});
