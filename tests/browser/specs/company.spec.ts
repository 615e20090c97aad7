// A company whose users must register a token at login, and what its administrators do about
// tokens: BLG020, BAD001, BAU001, BAU010 to BAU021, in `inaho`.

import type { Customer } from '../support/customer';
import {
  companyGoro,
  companyHanako,
  companyIchiro,
  companyJiro,
  companyMomoe,
  companyMomoeToken,
  companyShiro,
  companyTaro,
  companyToken,
  companyTowa,
  companyTowaToken,
} from '../support/people';
import { expect, test } from '../support/test';

test.use({ slug: 'inaho' });

async function opensUsers(customer: Customer): Promise<void> {
  await customer.logsIn(companyHanako.loginId, companyHanako.password);
  await customer.sees('BTP001');
  await customer.presses('管理');
  await customer.sees('BAD001');
  await expect(customer.main).toContainText('データ商会株式会社');
  await customer.presses('利用者管理');
  await customer.sees('BAU001');
}

async function ticks(customer: Customer, loginId: string): Promise<void> {
  const line = customer.page.locator('tr').filter({ hasText: loginId });
  await line.getByRole('checkbox').check();
}

test('the first login with a token due leads to its registration and nowhere else', async ({
  customer,
  portal,
}) => {
  await customer.logsIn(companyShiro.loginId, companyShiro.password);
  await customer.sees('BLG020');
  await customer.open('/info');
  await customer.sees('BLG020');
  await customer.types({ serial: companyToken, otp: '123456' });
  await customer.presses('認証確認');
  await customer.sees('BLG020');
  await customer.isRefused();
  await portal.moveClock(60);
  await customer.types({ serial: companyToken, otp: portal.slowCode(companyToken) });
  await customer.presses('認証確認');
  await customer.sees('BTP001');
  await expect(customer.main).toContainText('利用開始登録が終わりました');
  const [mail] = await portal.mailsTo(companyShiro.loginId);
  expect(mail?.subject).toContain('利用開始登録');
  expect(mail?.text).toContain('停止コード');
  const [told] = await portal.mailsTo(companyHanako.loginId);
  expect(told?.text).toContain('対象の利用者: データ四郎');
});

test('an administrator releases a suspended user @desk', async ({ customer, page, portal }) => {
  await customer.logsIn(companyIchiro.loginId, companyIchiro.password);
  await customer.sees('BLG011');
  await expect(customer.main).toContainText('管理者ユーザに、利用停止解除をご依頼ください');
  await opensUsers(customer);
  await customer.presses('ワンタイムパスワードの利用停止解除');
  await customer.sees('BAU010');
  await customer.page.getByLabel('認証状態').selectOption('suspended');
  await customer.presses('表示する');
  await customer.sees('BAU010');
  await expect(customer.main).toContainText('2件のうち');
  await ticks(customer, companyIchiro.loginId);
  await customer.presses('停止解除');
  await customer.sees('BAU010');
  await customer.isRefused();
  await customer.types({ confirm: companyHanako.secret });
  await customer.presses('停止解除');
  await customer.sees('BAU011');
  await expect(customer.main).toContainText('データ一郎');
  const receipt = await customer.receipt();
  await page.reload();
  await customer.sees('BAU011');
  expect(await customer.receipt()).toEqual(receipt);
  await customer.presses('利用者管理メニューへ');
  await customer.sees('BAU001');
  await customer.logsOut();
  await customer.sees('BLG090');
  await customer.logsIn(companyIchiro.loginId, companyIchiro.password);
  await customer.sees('BTP001');
  const [mail] = await portal.mailsTo(companyIchiro.loginId);
  expect(mail?.text).toContain('認証停止を解除しました');
});

test('an administrator revokes the token of one who shares it @desk', async ({
  customer,
  portal,
}) => {
  await opensUsers(customer);
  await customer.presses('トークンの管理');
  await customer.sees('BAU060');
  await expect(customer.main).toContainText('データ花子、データ二郎');
  await customer.presses('戻る');
  await customer.presses('トークンの失効');
  await customer.sees('BAU020');
  await expect(customer.main).toContainText('データ二郎と共用');
  await ticks(customer, companyHanako.loginId);
  await customer.types({ confirm: companyHanako.secret });
  await customer.presses('失効');
  await customer.sees('BAU020');
  await expect(customer.main).toContainText('ご自身のトークンが含まれています');
  await customer.page.locator('tr').filter({ hasText: 'hanakodt' }).getByRole('checkbox').uncheck();
  await ticks(customer, companyJiro.loginId);
  await customer.types({ confirm: companyHanako.secret });
  await customer.presses('失効');
  await customer.sees('BAU021');
  await expect(customer.main).toContainText('データ花子が引き続き使います');
  await customer.receipt();
  await customer.logsOut();
  await customer.logsIn(companyJiro.loginId, companyJiro.password);
  await customer.sees('BLG013');
  await portal.moveClock(30 * 60);
  await customer.logsIn(companyJiro.loginId, companyJiro.password);
  await customer.sees('BLG020');
});

test('revoked users wait, expired tokens make way for the next @desk', async ({
  customer,
  portal,
}) => {
  await customer.logsIn(companyGoro.loginId, companyGoro.password);
  await customer.sees('BLG013');
  await customer.logsIn(companyTaro.loginId, companyTaro.password);
  await customer.sees('BLG014');
  await customer.presses('新しいトークンを登録する');
  await customer.sees('BLG020');
  await customer.types({ serial: companyToken, otp: portal.slowCode(companyToken) });
  await customer.presses('認証確認');
  await customer.sees('BTP001');
  await customer.open('/admin');
  await customer.sees('BER403');
});

test('two users release an administrator whom nobody else can @desk', { tag: '@rule' }, async ({
  customer,
  portal,
}) => {
  for (const [who, serial] of [
    [companyTowa, companyTowaToken],
    [companyMomoe, companyMomoeToken],
  ] as const) {
    await customer.logsIn(who.loginId, who.password);
    await customer.sees('BTP001');
    await customer.presses('利用停止解除の承認');
    await customer.sees('BAU080');
    await customer.page.getByRole('radio', { name: 'データ九美' }).check();
    await customer.types({ otp: portal.slowCode(serial), confirm: who.secret });
    await customer.presses('承認');
    await customer.sees('BAU081');
    await customer.receipt();
    await customer.logsOut();
  }
  const [mail] = await portal.mailsTo('kumidt');
  expect(mail?.text).toContain('解除しました');
});
