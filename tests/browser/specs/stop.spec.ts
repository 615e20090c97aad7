// Stop of a token from the login page: BOM121 to BOM123.

import { jiro, taro, taroToken } from '../support/people';
import { expect, test } from '../support/test';

test('after the stop neither login nor acts ask for a code', async ({ customer, portal, page }) => {
  await customer.begins('利用中止', 'BOM121', taro.loginId, taro.password);
  await customer.sees('BOM122');
  const code = portal.code(taroToken);
  await customer.types({ otp: code });
  await customer.confirms(taro);
  await customer.presses('停止');
  await customer.sees('BOM123');
  const receipt = await customer.receipt();
  await page.reload();
  expect(await customer.receipt()).toEqual(receipt);
  const mails = await portal.mailsTo(taro.loginId);
  expect(mails.length).toBe(1);
  expect(mails[0]?.text).toContain(receipt.number);
  expect(mails[0]?.text).not.toContain(code);

  await customer.logsIn(taro.loginId, taro.password);
  await customer.sees('BTP001');
  await customer.logsOut();
  await customer.begins('利用開始', 'BOM101', taro.loginId, taro.password);
  await customer.sees('BOM102');
  await expect(customer.field('confirm')).toBeVisible();
});

test('the code alone is not enough @rule', async ({ customer, portal }) => {
  await customer.begins('利用中止', 'BOM121', taro.loginId, taro.password);
  await customer.types({ otp: portal.code(taroToken), confirm: 'kakunin99' });
  await customer.presses('停止');
  await customer.sees('BOM122');
  await customer.isRefused();
  expect(await portal.mailsTo(taro.loginId)).toEqual([]);
});

test('without a token there is nothing to stop', async ({ customer }) => {
  await customer.begins('利用中止', 'BOM121', jiro.loginId, jiro.password);
  expect(await customer.looksUp()).not.toBe('BOM122');
});
