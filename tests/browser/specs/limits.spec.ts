// Limits: BLM001 to BLM003, with a code in `minori`, with the picture card in `shirakaba`.

import type { Customer } from '../support/customer';
import { hanako, minoriTaro, natsuko, natsukoToken } from '../support/people';
import type { Portal } from '../support/portal';
import { expect, test } from '../support/test';

/** Transfers for one and a day, Pay-easy for one and a day. */
async function types(customer: Customer, amounts: string[]): Promise<void> {
  const [transferOne = '', transferDay = '', payEasyOne = '', payEasyDay = ''] = amounts;
  await customer.types({ transfer_per_transaction: transferOne, transfer_daily: transferDay });
  await customer.types({ pay_easy_per_transaction: payEasyOne, pay_easy_daily: payEasyDay });
}

async function opensLimits(customer: Customer): Promise<void> {
  await customer.presses('限度額変更');
  await customer.sees('BLM001');
}

test.describe('in minori', () => {
  test.use({ slug: 'minori' });

  async function logsIn(customer: Customer, portal: Portal): Promise<void> {
    await customer.logsIn(natsuko.loginId, natsuko.password);
    await customer.sees('BLG010');
    await customer.types({ otp: portal.longCode(natsukoToken) });
    await customer.sends('otp');
    await customer.sees('BTP001');
    await portal.moveClock(60);
  }

  test('a waiting rise is cancelled, and another one asked for', async ({
    customer,
    portal,
    page,
  }) => {
    await logsIn(customer, portal);
    await expect(customer.main).toContainText('引き上げます');
    await opensLimits(customer);
    await expect(customer.main).toContainText('変更待ちの引き上げ');
    await expect(customer.main).toContainText('2026年10月7日 00:00');
    await customer.presses('引き上げを取り消す');
    await customer.sees('BLM002');
    await customer.types({ otp: portal.longCode(natsukoToken) });
    await customer.presses('取り消す');
    await customer.sees('BLM003');
    await customer.receipt();
    await customer.presses('限度額の変更へ');
    await customer.sees('BLM001');

    await types(customer, ['500000', '1000000', '100000', '200000']);
    await customer.presses('次へ');
    await customer.sees('BLM002');
    await expect(customer.main).toContainText('2026年10月8日 00:00 から');
    await expect(customer.main).toContainText('このコードで限度額の変更');
    await customer.types({ otp: '12345678' });
    await customer.presses('変更する');
    await customer.sees('BLM002');
    await customer.isRefused();
    await portal.moveClock(60);
    await customer.types({ otp: portal.longCode(natsukoToken) });
    await customer.presses('変更する');
    await customer.sees('BLM003');
    await expect(customer.main).toContainText('2026年10月8日 00:00 から');
    const receipt = await customer.receipt();
    expect(receipt.time).toBe(portal.timeInWords());
    await page.reload();
    await customer.sees('BLM003');
    expect(await customer.receipt()).toEqual(receipt);
    const [mail] = await portal.mailsTo(natsuko.loginId);
    expect(mail?.subject).toContain('限度額の引き上げの受付');
    expect(mail?.text).toContain('停止コード');
  });

  test('a rise holds from its midnight on', async ({ customer, portal }) => {
    await portal.moveClockTo('2026-10-06T23:58:00+09:00');
    await logsIn(customer, portal);
    await opensLimits(customer);
    await expect(customer.field('transfer_daily')).toHaveValue('200,000');
    await portal.moveClockTo('2026-10-07T00:00:00+09:00');
    await customer.page.reload();
    await customer.sees('BLM001');
    await expect(customer.field('transfer_daily')).toHaveValue('1,000,000');
  });

  test('without a token what is typed wrong is named, and comes back', async ({ customer }) => {
    await customer.logsIn(minoriTaro.loginId, minoriTaro.password);
    await customer.sees('BTP001');
    await expect(customer.main).toContainText('200,000円');
    await customer.presses('限度額を変更する');
    await customer.sees('BLM001');
    await types(customer, ['二十万', '210000', '15000', '5000']);
    await customer.presses('次へ');
    await customer.sees('BLM001');
    await customer.isRefused();
    await expect(customer.field('transfer_daily')).toHaveValue('210000');
    await types(customer, ['５０，０００', '100,000', '50000', '100000']);
    await customer.presses('次へ');
    await customer.sees('BLM002');
    await customer.presses('戻る');
    await customer.sees('BLM001');
    await expect(customer.field('transfer_daily')).toHaveValue('100,000');
    await customer.presses('次へ');
    await customer.sees('BLM002');
    await customer.presses('申込を中止する');
    await customer.sees('BLM001');
    await expect(customer.field('transfer_daily')).toHaveValue('200,000');
  });
});

test.describe('in shirakaba', () => {
  test('a lowering holds at once, confirmed by the picture card', async ({ customer }) => {
    await customer.logsIn(hanako.loginId, hanako.password);
    await customer.sees('BTP001');
    await opensLimits(customer);
    await types(customer, ['100000', '300000', '100000', '100000']);
    await customer.presses('次へ');
    await customer.sees('BLM002');
    await customer.confirms(hanako);
    await customer.presses('変更する');
    await customer.sees('BLM003');
    await expect(customer.main).toContainText('ただいまから適用されます');
    await customer.receipt();
    await customer.presses('トップページへ');
    await customer.sees('BTP001');
  });
});
