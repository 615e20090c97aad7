// Registration and stop of a token behind links under the login form, in the portal `kodama`:
// BOR001 to BOR013, and the feature-phone channel, BMB001 to BMB004.

import { futaba, ichiro, ichiroToken } from '../support/people';
import { expect, test } from '../support/test';

test.use({ slug: 'kodama' });

test('the login page has links, or buttons on a telephone', async ({ customer, page }) => {
  await customer.open('/login');
  await customer.sees('BLG001');
  const isPhone = (page.viewportSize()?.width ?? 0) < 600;
  const link = page.getByRole('link', { name: 'ワンタイムパスワードの利用登録はこちら' });
  const panel = page.getByRole('heading', { name: 'ワンタイムパスワードの利用登録・停止' });
  await expect(link).toBeVisible({ visible: !isPhone });
  await expect(panel).toBeVisible({ visible: isPhone });
  await customer.presses('ワンタイムパスワードのご案内');
  await customer.sees('BHL001');
  await expect(customer.main).toContainText('前の端末のトークンで「利用停止」をしてから');
});

test('registered, login asks for the code; stopped, no more', async ({ customer, portal }) => {
  await customer.begins('.*利用登録(はこちら)?', 'BOR001', ichiro.loginId, ichiro.password);
  await customer.sees('BOR002');
  await expect(customer.main).toContainText('Credential ID');
  await expect(customer.main).toContainText('Security Code');
  const code = portal.code(ichiroToken);
  await customer.types({ serial: ichiroToken, otp: code });
  await customer.presses('登録');
  await customer.sees('BOR003');
  const receipt = await customer.receipt();
  await expect(customer.main).toContainText('00001');
  await expect(customer.main).toContainText(ichiroToken);
  const [mail] = await portal.mailsTo(ichiro.loginId);
  expect(mail?.text).toContain(receipt.number);
  expect(mail?.text).not.toContain(code);
  await customer.page.reload();
  expect(await customer.receipt()).toEqual(receipt);

  await customer.presses('ログイン画面.*');
  await customer.sees('BLG001');
  await customer.entersLogin(ichiro.loginId, ichiro.password);
  await customer.presses('ログイン');
  await customer.sees('BLG010');
  await customer.types({ otp: await portal.nextCode(ichiroToken) });
  await customer.sends('otp');
  await customer.sees('BTP001');
  await customer.logsOut();

  await customer.begins('.*利用停止(はこちら)?', 'BOR011', ichiro.loginId, ichiro.password);
  await customer.sees('BOR012');
  await customer.types({ otp: await portal.nextCode(ichiroToken) });
  await customer.presses('停止');
  await customer.sees('BOR013');
  await customer.logsIn(ichiro.loginId, ichiro.password);
  await customer.sees('BTP001');
});

test('mistakes are named, and giving up changes nothing', async ({ customer, portal }) => {
  await customer.begins('.*利用登録(はこちら)?', 'BOR001', ichiro.loginId, 'Wrong#2026');
  await customer.sees('BOR001');
  await customer.isRefused();
  await customer.entersLogin(ichiro.loginId, ichiro.password);
  await customer.presses('次へ');
  await customer.sees('BOR002');
  const [wrong] = portal.wrongCodes(ichiroToken, 1);
  await customer.types({ serial: ichiroToken, otp: wrong ?? '' });
  await customer.presses('登録');
  await customer.sees('BOR002');
  await customer.isRefused();
  await expect(customer.field('serial')).toHaveValue(ichiroToken);
  await customer.presses('中止');
  await customer.sees('BLG001');
  expect(await portal.mailsTo(ichiro.loginId)).toEqual([]);
});

test('with a token in use the way to another is told', async ({ customer }) => {
  await customer.begins('.*利用登録(はこちら)?', 'BOR001', futaba.loginId, futaba.password);
  await customer.sees('BOR001');
  await expect(customer.main).toContainText('「利用停止」をしてから');
});

test('the terms are one step away', async ({ customer }) => {
  await customer.open('/token/start');
  await customer.sees('BOR001');
  await customer.presses('ワンタイムパスワードサービス利用規定');
  await customer.sees('BHL003');
  await expect(customer.main).toContainText('「トークンID」とは');
});

test('before the service begins nothing leads to it @once', async ({ customer, portal, page }) => {
  await portal.reset(new Date('2016-02-28T23:00:00+09:00'));
  await customer.open('/login');
  await customer.sees('BLG001');
  await expect(page.locator('a[href*="/token/"]')).toHaveCount(0);
  await portal.moveClockTo('2016-02-29T00:00:00+09:00');
  await customer.open('/login');
  await expect(page.locator('a[href*="/token/"]')).not.toHaveCount(0);
});

test('a feature phone shows balances and movements', async ({ customer, page }) => {
  await customer.open('/mobile');
  await customer.sees('BMB001');
  await customer.entersLogin(futaba.loginId, 'Wrong#2026');
  await customer.presses('\\[1\\] ログイン');
  await customer.sees('BMB001');
  await customer.isRefused();
  await customer.entersLogin(futaba.loginId, futaba.password);
  await customer.presses('\\[1\\] ログイン');
  await customer.sees('BMB002');
  await customer.presses('\\[2\\] 入出金明細');
  await customer.sees('BMB003');
  await customer.presses('\\[0\\] 終了');
  await customer.sees('BMB004');
  await page.goBack();
  await page.reload();
  await expect(page.locator('body')).not.toHaveAttribute('data-screen', 'BMB003');
  await customer.open('/mobile/nowhere');
  await customer.sees('BER404');
});
