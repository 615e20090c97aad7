// Login and its ends: BLG001 to BLG012, BLG090, BLG091, BTP001.

import { withoutSecrets } from '../support/checks';
import { hanako, jiro, mutsumi, nanami, taro, taroToken } from '../support/people';
import { expect, test } from '../support/test';

test('a customer without a token sees the top page', async ({ customer }) => {
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BTP001');
  await expect(customer.main).toContainText('円');
  await expect(customer.main).toContainText('ワンタイムパスワード');
});

test('the top page is closed without login', async ({ customer }) => {
  await customer.open('/');
  await customer.sees('BLG001');
});

test('a wrong password and an unknown id give the same page @rule', async ({ customer }) => {
  await customer.logsIn(jiro.loginId, 'Wrong#2026');
  await customer.sees('BLG001');
  await customer.isRefused();
  const wrongPassword = withoutSecrets(await customer.watcher.html());
  await customer.logsIn('1999999999', 'Wrong#2026');
  await customer.sees('BLG001');
  await customer.isRefused();
  await expect(customer.field('login_id')).toHaveValue('1999999999');
  expect(withoutSecrets(await customer.watcher.html())).toBe(wrongPassword);
});

test('empty fields are named', async ({ customer }) => {
  await customer.open('/login');
  await customer.presses('ログイン');
  await customer.sees('BLG001');
  await customer.isRefused();
});

for (const { loginId, kind } of [
  { loginId: jiro.loginId, kind: 'a known' },
  { loginId: '1999999999', kind: 'an unknown' },
]) {
  test(`five wrong passwords lock ${kind} id @rule`, async ({ customer }) => {
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await customer.logsIn(loginId, `Wrong#200${attempt}`);
      await expect(customer.page.locator('body')).toHaveAttribute('data-screen', 'BLG001');
    }
    await customer.logsIn(loginId, 'Wrong#2005');
    await customer.logsIn(loginId, jiro.password);
    await customer.sees('BLG012');
  });
}

test('a customer who chose so is asked for a code', async ({ customer, portal }) => {
  await customer.logsIn(taro.loginId, taro.password);
  await customer.sees('BLG010');
  await expect(customer.main).toContainText(taroToken.slice(-4));
  const code = portal.code(taroToken);
  await customer.types({ otp: code });
  await customer.sends('otp');
  await customer.sees('BTP001');
  await customer.logsOut();
  await customer.logsIn(taro.loginId, taro.password);
  await customer.types({ otp: code });
  await customer.sends('otp');
  await customer.sees('BLG010');
  await customer.isRefused();
  await customer.types({ otp: await portal.nextCode(taroToken) });
  await customer.sends('otp');
  await customer.sees('BTP001');
});

test('half a login opens nothing @rule', async ({ customer }) => {
  await customer.logsIn(taro.loginId, taro.password);
  await customer.sees('BLG010');
  await customer.open('/');
  expect(['BLG001', 'BLG010']).toContain(await customer.looksUp());
});

test('full-width digits and spaces are taken @rule', async ({ customer, portal }) => {
  await customer.logsIn(taro.loginId, taro.password);
  const fullWidth = '０１２３４５６７８９';
  const code = portal.code(taroToken).replace(/\d/g, (digit) => fullWidth[+digit] ?? '');
  await customer.field('otp').evaluate((input) => input.removeAttribute('maxlength'));
  await customer.types({ otp: `${code.slice(0, 3)} ${code.slice(3)}` });
  await customer.sends('otp');
  await customer.sees('BTP001');
});

test('a suspended customer is told whom to call', async ({ customer }) => {
  await customer.logsIn(mutsumi.loginId, mutsumi.password);
  await customer.sees('BLG011');
  await expect(customer.page.locator('body')).toContainText(/0\d{1,3}-\d{2,4}-\d{3,4}/);
});

test('a locked customer is told so', async ({ customer }) => {
  await customer.logsIn(nanami.loginId, nanami.password);
  await customer.sees('BLG012');
});

test('logout ends the session, also for the back button', async ({ customer, page }) => {
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BTP001');
  await customer.logsOut();
  await customer.sees('BLG090');
  await page.goBack();
  await expect(page.locator('body')).not.toHaveAttribute('data-screen', 'BTP001');
  await customer.open('/');
  expect(await customer.looksUp()).not.toBe('BTP001');
});

test('an idle session ends and says so', async ({ customer, portal }) => {
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BTP001');
  await portal.moveClock(9 * 60);
  await customer.open('/');
  await customer.sees('BTP001');
  await portal.moveClock(12 * 60);
  await customer.open('/');
  await customer.sees('BLG091');
  await customer.presses('ログイン.*');
  await customer.sees('BLG001');
});

test('a form with a foreign CSRF token changes nothing @rule', async ({ customer }) => {
  await customer.open('/login');
  await customer.entersLogin(hanako.loginId, hanako.password);
  const token = customer.field('csrf_token').first();
  await token.evaluate((input) => ((input as HTMLInputElement).value = 'forged'));
  await customer.presses('ログイン');
  expect(await customer.looksUp()).not.toBe('BTP001');
  expect(customer.watcher.status).toBeGreaterThanOrEqual(400);
  expect(customer.watcher.status).toBeLessThan(500);
});

test('the software keyboard types the password @script', async ({ customer, page }) => {
  await customer.open('/login');
  const opener = customer.control('ソフトウェアキーボード.*');
  await opener.click();
  const key = (name: string) => page.getByRole('button', { name, exact: true });
  for (const name of ['2', '0', '2', '6']) await key(name).click();
  await expect(customer.field('password')).toHaveValue('2026');
  await key('7').focus();
  await page.keyboard.press('Enter');
  await expect(customer.field('password')).toHaveValue('20267');
  await expect(page.getByRole('button', { name: 'ランダム配列' })).toBeVisible();
  await expect(page.getByText('使用方法').first()).toBeVisible();
  await customer.sees('BLG001');
});
