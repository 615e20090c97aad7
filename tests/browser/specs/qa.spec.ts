// The console's ways to work with the demo: screens at a click, states, recordings, faults.

import { taro } from '../support/people';
import { expect, test } from '../support/test';

test('a screen opens at a click, as the right user @desk', async ({ page, customer }) => {
  await page.goto('/qa/screens?portal=shirakaba&flow=BLG');
  const row = customer.main.locator('tr', { has: page.getByText('BLG010', { exact: true }) });
  await customer.leads(() => row.locator('button').first().click());
  await customer.sees('BLG010');
  await page.goto('/qa/screens?portal=shirakaba');
  await customer.leads(() => page.getByRole('link', { name: 'エラーと特別な状態' }).click());
  await customer.looksUp();
  expect(await customer.main.locator('tbody tr').count()).toBeGreaterThan(3);
});

test('the map shows what leads where @desk', async ({ page, customer }) => {
  await page.goto('/qa/flow?portal=shirakaba&flow=BOM');
  await customer.looksUp();
  await expect(customer.main.locator('svg')).toContainText('BOM102');
  expect(await customer.main.locator('tbody tr').count()).toBeGreaterThan(2);
  const answer = await page.request.get('/qa/flow/shirakaba.svg');
  expect(answer.headers()['content-type']).toBe('image/svg+xml');
});

test('a state is saved, put back and deleted @desk', async ({ page, customer }) => {
  const name = 'ログインの前';
  await page.goto('/qa/states');
  await page.getByLabel('状態の名前').fill(name);
  await customer.leads(() => page.getByRole('button', { name: '保存する' }).click());
  await customer.looksUp();
  await expect(customer.main).toContainText('保存しました');
  const row = customer.main.locator('tr', { hasText: name });
  await customer.leads(() => row.getByRole('button', { name: 'この状態に戻す' }).click());
  await customer.looksUp();
  await expect(customer.main).toContainText('戻しました');
  await customer.leads(() => row.getByRole('button', { name: '削除する' }).click());
  await customer.looksUp();
  await expect(customer.main).not.toContainText(name);
});

// The recording is in the memory of the process on which it was begun, which sees its own requests.
const onOneProcess = {
  tag: '@one-process',
  annotation: { type: 'one-process', description: 'a recording is one process\'s own' },
};

test('what a tester does is written down @desk', onOneProcess, async ({ page, customer }) => {
  await page.goto('/qa/record');
  await page.getByLabel('記録の名前').fill('入口まで');
  await customer.leads(() => page.getByRole('button', { name: '記録を始める' }).click());
  await customer.looksUp();
  await customer.logsIn(taro.loginId, taro.password);
  await page.goto('/qa/record');
  await customer.looksUp();
  await expect(customer.main.locator('tbody tr').last()).toContainText('BLG010');
  await customer.leads(() => page.getByRole('button', { name: '記録を終える' }).click());
  await customer.looksUp();
  const saved = await (await page.request.get('/qa/record.json')).json();
  expect(saved.name).toBe('入口まで');
});

test('what goes wrong is set and lifted @desk', async ({ page, portal, customer }) => {
  await page.goto('/qa/faults');
  await page.getByLabel('受け付けない').check();
  await page.getByLabel('収納機関が応答しない').check();
  await customer.leads(() => page.getByRole('button', { name: '設定を変更する' }).click());
  await customer.looksUp();
  expect(await portal.get('/qa/faults.json')).toEqual({
    mail: 'failing',
    biller: true,
    worker: false,
  });
  await page.getByLabel('正常').check();
  await page.getByLabel('収納機関が応答しない').uncheck();
  await customer.leads(() => page.getByRole('button', { name: '設定を変更する' }).click());
  expect(await portal.get('/qa/faults.json')).toEqual({
    mail: 'none',
    biller: false,
    worker: false,
  });
});
