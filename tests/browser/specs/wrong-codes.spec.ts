// Wrong codes: a wait of 60 s after the 3rd and the 4th, suspension at the 5th.

import type { Customer } from '../support/customer';
import { jiro, jiroToken, taro, taroToken } from '../support/people';
import { expect, test } from '../support/test';

async function entersCode(customer: Customer, code: string): Promise<void> {
  await customer.types({ otp: code });
  await customer.sends('otp');
}

test('five in a row suspend the token', async ({ customer, portal }) => {
  await customer.logsIn(taro.loginId, taro.password);
  await customer.sees('BLG010');
  const wrong = portal.wrongCodes(taroToken, 5);
  for (const code of wrong.slice(0, 3)) {
    await entersCode(customer, code);
    await customer.sees('BLG010');
    await customer.isRefused();
  }
  expect(await customer.text(), 'when to try again').toMatch(/10\s?[:時]\s?01/);

  // During the wait even the right code isn't looked at.
  await entersCode(customer, portal.code(taroToken));
  await customer.sees('BLG010');
  for (const code of wrong.slice(3, 4)) {
    await portal.moveClock(61);
    await entersCode(customer, code);
    await customer.sees('BLG010');
  }
  await portal.moveClock(61);
  await entersCode(customer, wrong[4] ?? '');
  await customer.sees('BLG011');

  const mails = await portal.mailsTo(taro.loginId);
  expect(mails.length).toBe(1);
  expect(mails[0]?.text).toContain(taroToken.slice(-4));
  await customer.logsIn(taro.loginId, taro.password);
  await customer.sees('BLG011');
});

test('a success clears the run @once', async ({ customer, portal }) => {
  const wrong = portal.wrongCodes(taroToken, 4);
  await customer.logsIn(taro.loginId, taro.password);
  for (const code of wrong.slice(0, 2)) await entersCode(customer, code);
  await entersCode(customer, portal.code(taroToken));
  await customer.sees('BTP001');
  await customer.logsOut();
  await portal.moveClock(61);
  await customer.logsIn(taro.loginId, taro.password);
  for (const code of wrong.slice(2)) await entersCode(customer, code);
  await entersCode(customer, portal.code(taroToken));
  await customer.sees('BTP001');
});

test('the same digits within a minute count once @once', async ({ customer, portal }) => {
  const [wrong] = portal.wrongCodes(taroToken, 1);
  await customer.logsIn(taro.loginId, taro.password);
  for (let times = 0; times < 6; times += 1) {
    await entersCode(customer, wrong ?? '');
    await expect(customer.page.locator('body')).toHaveAttribute('data-screen', 'BLG010');
  }
  await entersCode(customer, portal.code(taroToken));
  await customer.sees('BTP001');
});

test('suspension ends an open session @once', async ({ customer, portal, browser, baseURL }) => {
  await customer.logsIn(taro.loginId, taro.password);
  await entersCode(customer, portal.code(taroToken));
  await customer.sees('BTP001');

  const other = await browser.newPage({ baseURL });
  await other.goto('/shirakaba/login');
  await other.locator('[name="login_id"]').fill(taro.loginId);
  await other.locator('[name="password"]').fill(taro.password);
  await other.locator('[name="password"]').press('Enter');
  for (const code of portal.wrongCodes(taroToken, 5)) {
    await portal.moveClock(61);
    await other.locator('[name="otp"]').fill(code);
    const loaded = other.waitForEvent('load');
    await other.locator('[name="otp"]').press('Enter');
    await loaded;
  }
  await expect(other.locator('body')).toHaveAttribute('data-screen', 'BLG011');
  await other.close();

  await customer.open('/');
  expect(await customer.looksUp()).not.toBe('BTP001');
});

test('five wrong serials end the attempt @once', async ({ customer }) => {
  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const serial = `2V07160ZZZZ${attempt}`;
    await customer.types({ serial, otp: `12345${attempt}`, confirm: jiro.secret });
    await customer.chooses('login_choice', 'not_required');
    await customer.presses('登録');
    if (attempt < 5) await customer.sees('BOM102');
  }
  await customer.looksUp();
  await expect(customer.field('serial')).toHaveCount(0);
  // The own token is untouched by this.
  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  await customer.sees('BOM102');
  await expect(customer.field('serial')).not.toHaveValue(jiroToken);
});
