// Start of a token from the login page: BOM101, BOM102, BOM103.

import type { Customer } from '../support/customer';
import { hanako, hanakoToken, jiro, jiroToken, taroNewToken } from '../support/people';
import type { Portal } from '../support/portal';
import { expect, test } from '../support/test';

async function fillsIn(customer: Customer, portal: Portal): Promise<void> {
  await customer.types({ serial: jiroToken, otp: portal.code(jiroToken) });
  await customer.chooses('login_choice', 'not_required');
  await customer.confirms(jiro);
}

test('with a code at login, confirmed by the picture card', async ({ customer, portal }) => {
  await customer.begins('利用開始', 'BOM101', hanako.loginId, hanako.password);
  await customer.sees('BOM102');
  await expect(customer.main.getByLabel('シリアル番号')).toHaveAttribute('name', 'serial');
  await expect(customer.main.getByLabel('ワンタイムパスワード').first()).toBeVisible();
  await customer.types({ serial: hanakoToken, otp: portal.code(hanakoToken) });
  await customer.chooses('login_choice', 'required');
  await customer.confirms(hanako);
  await customer.presses('登録');
  await customer.sees('BOM103');

  const receipt = await customer.receipt();
  expect(receipt.time).toBe(portal.timeInWords());
  await expect(customer.main).toContainText(hanakoToken);
  await expect(customer.main).toContainText('認証する');
  const mails = await portal.mailsTo(hanako.loginId);
  expect(mails.length).toBe(1);
  expect(mails[0]?.text).toContain(hanakoToken.slice(-4));
  expect(mails[0]?.text).toContain(receipt.number);

  await customer.presses('ログイン画面.*');
  await customer.sees('BLG001');
  await customer.entersLogin(hanako.loginId, hanako.password);
  await customer.presses('ログイン');
  await customer.sees('BLG010');
  await customer.types({ otp: await portal.nextCode(hanakoToken) });
  await customer.sends('otp');
  await customer.sees('BTP001');
  await expect(customer.main).toContainText(/利用中/);
});

test('without a code at login, confirmed by password', async ({ customer, portal }) => {
  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  await customer.sees('BOM102');
  await fillsIn(customer, portal);
  await customer.presses('登録');
  await customer.sees('BOM103');
  await expect(customer.main).toContainText('認証しない');
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BTP001');
});

test('reload, back and forward show the same result', async ({ customer, portal, page }) => {
  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  const stepUrl = page.url();
  await fillsIn(customer, portal);
  await customer.presses('登録');
  await customer.sees('BOM103');
  const resultUrl = page.url();
  const receipt = await customer.receipt();
  await portal.moveClock(30);
  await page.reload();
  await customer.sees('BOM103');
  expect(await customer.receipt()).toEqual(receipt);

  await page.goBack();
  expect(['BOM103', 'BER409', 'BOM101']).toContain(await customer.looksUp());
  await page.goto(resultUrl);
  await customer.sees('BOM103');
  expect(await customer.receipt()).toEqual(receipt);
  await page.goto(stepUrl);
  expect(['BOM103', 'BER409', 'BOM101']).toContain(await customer.looksUp());
  expect((await portal.mailsTo(jiro.loginId)).length).toBe(1);
});

test('a double click acts once @rule', async ({ customer, portal }) => {
  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  await fillsIn(customer, portal);
  await customer.control('登録').dblclick();
  await customer.sees('BOM103');
  expect((await portal.mailsTo(jiro.loginId)).length).toBe(1);
});

test('a form sent twice at once acts once @once', async ({ customer, portal, page }) => {
  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  await fillsIn(customer, portal);
  const fields = await customer.formFields('serial');
  const answers = await Promise.all([
    customer.posts(page.url(), fields),
    customer.posts(page.url(), fields),
  ]);
  expect(answers).toEqual([303, 303]);
  await page.goto(`${page.url()}/result`);
  await customer.sees('BOM103');
  expect((await portal.mailsTo(jiro.loginId)).length).toBe(1);
});

test('a mistake is named, and what is no secret is kept', async ({ customer, portal }) => {
  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  const [wrong] = portal.wrongCodes(jiroToken, 1);
  await customer.types({ serial: jiroToken, otp: wrong ?? '', confirm: jiro.secret });
  await customer.chooses('login_choice', 'required');
  await customer.presses('登録');
  await customer.sees('BOM102');
  await customer.isRefused();
  await expect(customer.field('serial')).toHaveValue(jiroToken);
  await expect(customer.page.locator('[name="login_choice"][value="required"]')).toBeChecked();
});

test('a foreign serial reads like a wrong code @rule', async ({ customer, portal }) => {
  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  const [wrong] = portal.wrongCodes(jiroToken, 1);
  const sentences: string[] = [];
  for (const [serial, otp] of [
    [jiroToken, wrong ?? ''],
    [taroNewToken, portal.code(taroNewToken)],
    ['2V07160ZZZZZ', '123456'],
  ] as const) {
    await customer.types({ serial, otp, confirm: jiro.secret });
    await customer.chooses('login_choice', 'required');
    await customer.presses('登録');
    await customer.sees('BOM102');
    const summary = customer.main.locator('a[href^="#"]');
    sentences.push((await summary.allInnerTexts()).join().replace(/\d/g, '0'));
  }
  expect(new Set(sentences).size, sentences.join(' / ')).toBe(1);
});

test('a wrong password at the first step says no more than the login @rule', async ({
  customer,
}) => {
  await customer.begins('利用開始', 'BOM101', jiro.loginId, 'Wrong#2026');
  await customer.sees('BOM101');
  await customer.isRefused();
});

test('going back and giving up change nothing', async ({ customer, portal }) => {
  await customer.open('/token/start');
  await customer.sees('BOM101');
  await customer.presses('戻る');
  await customer.sees('BLG001');
  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  await customer.sees('BOM102');
  const step = customer.page.url();
  await customer.presses('(戻る|中止|中止する|申込を中止する)');
  expect(['BLG001', 'BOM101']).toContain(await customer.looksUp());
  await customer.page.goto(step);
  expect(await customer.looksUp()).not.toBe('BOM103');
  expect(await portal.mailsTo(jiro.loginId)).toEqual([]);
});
