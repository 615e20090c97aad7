// Exchange of a token from the login page: BOM111 to BOM114.

import type { Customer } from '../support/customer';
import { jiro, taro, taroNewToken, taroToken } from '../support/people';
import type { Portal } from '../support/portal';
import { expect, test } from '../support/test';

async function reachesNewToken(customer: Customer, portal: Portal): Promise<void> {
  await customer.begins('交換', 'BOM111', taro.loginId, taro.password);
  await customer.sees('BOM112');
  await customer.types({ old_otp: portal.code(taroToken) });
  await customer.presses('次へ');
  await customer.sees('BOM113');
}

test('from the old token to the new one', async ({ customer, portal, page }) => {
  await reachesNewToken(customer, portal);
  await customer.types({ serial: taroNewToken, otp: portal.code(taroNewToken) });
  await customer.presses('登録');
  await customer.sees('BOM114');
  const receipt = await customer.receipt();
  expect(receipt.time).toBe(portal.timeInWords());
  const table = customer.main.locator('table').filter({ hasText: '変更後' });
  await expect(table).toContainText('変更前');
  await expect(table).toContainText(taroNewToken);
  await expect(table).toContainText(taroToken);
  await page.reload();
  expect(await customer.receipt()).toEqual(receipt);
  const mails = await portal.mailsTo(taro.loginId);
  expect(mails.length).toBe(1);
  expect(mails[0]?.text).toContain(receipt.number);

  await customer.logsIn(taro.loginId, taro.password);
  await customer.sees('BLG010');
  await customer.types({ otp: await portal.nextCode(taroToken) });
  await customer.sends('otp');
  await customer.sees('BLG010');
  await customer.isRefused();
  await customer.types({ otp: portal.code(taroNewToken) });
  await customer.sends('otp');
  await customer.sees('BTP001');
});

test('a wrong old code goes no further @rule', async ({ customer, portal }) => {
  await customer.begins('交換', 'BOM111', taro.loginId, taro.password);
  const [wrong] = portal.wrongCodes(taroToken, 1);
  await customer.types({ old_otp: wrong ?? '' });
  await customer.presses('次へ');
  await customer.sees('BOM112');
  await customer.isRefused();
  await customer.page.goto(`${customer.page.url()}/new`);
  expect(await customer.looksUp()).not.toBe('BOM113');
});

test('the old token works until the end @rule', async ({ customer, portal }) => {
  await reachesNewToken(customer, portal);
  const [wrong] = portal.wrongCodes(taroNewToken, 1);
  await customer.types({ serial: taroNewToken, otp: wrong ?? '' });
  await customer.presses('登録');
  await customer.sees('BOM113');
  await customer.isRefused();
  await customer.logsIn(taro.loginId, taro.password);
  await customer.types({ otp: await portal.nextCode(taroToken) });
  await customer.sends('otp');
  await customer.sees('BTP001');
});

test('the proof of the old token lives ten minutes @rule', async ({ customer, portal }) => {
  await reachesNewToken(customer, portal);
  await portal.moveClock(11 * 60);
  await customer.types({ serial: taroNewToken, otp: portal.code(taroNewToken) });
  await customer.presses('登録');
  expect(await customer.looksUp()).not.toBe('BOM114');
  expect(await portal.mailsTo(taro.loginId)).toEqual([]);
});

test('without a token there is nothing to exchange', async ({ customer }) => {
  await customer.begins('交換', 'BOM111', jiro.loginId, jiro.password);
  expect(await customer.looksUp()).not.toBe('BOM112');
});
