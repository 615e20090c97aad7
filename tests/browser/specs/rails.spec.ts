// What stops a thief: the stop code of a notice (BSP001, BSP002), and the wait after a revocation
// by staff (BLG013).

import type { Portal } from '../support/portal';
import { jiro, jiroToken, taro, taroToken } from '../support/people';
import { expect, test } from '../support/test';

/** The stop code of the newest notice to this customer, and the page it names. */
async function stopWay(portal: Portal, loginId: string): Promise<{ code: string; url: string }> {
  const [mail] = await portal.mailsTo(loginId);
  const code = /停止コード: (\d{4} \d{4})/.exec(mail?.text ?? '')?.[1] ?? '';
  expect(code, mail?.text).not.toBe('');
  const [url] = mail?.links ?? [];
  expect(url).toMatch(/\/shirakaba\/stop$/);
  return { code, url: url ?? '' };
}

test('the code of a notice stops everything', async ({ customer, portal, page }) => {
  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  await customer.sees('BOM102');
  await customer.types({ serial: jiroToken, otp: portal.code(jiroToken) });
  await customer.confirms(jiro);
  await customer.chooses('login_choice', 'not_required');
  await customer.presses('登録');
  await customer.sees('BOM103');
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BTP001');
  await expect(customer.main).toContainText('1日あたり100,000円');

  const { code, url } = await stopWay(portal, jiro.loginId);
  await page.goto(url);
  await customer.sees('BSP001');
  await expect(customer.main).toContainText('画面からは戻せません');
  await customer.types({ login_id: jiro.loginId, stop_code: '0000 0000' });
  await customer.presses('すべて停止する');
  await customer.sees('BSP001');
  await customer.isRefused();
  await expect(customer.field('stop_code')).toHaveValue('');
  await customer.types({ stop_code: code });
  await customer.presses('すべて停止する');
  await customer.sees('BSP002');
  const receipt = await customer.receipt();
  await page.reload();
  expect(await customer.receipt()).toEqual(receipt);
  const [mail] = await portal.mailsTo(jiro.loginId);
  expect(mail?.text).toContain(receipt.number);

  await customer.open('/');
  await customer.sees('BLG011');
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BLG011');
  await customer.begins('利用中止', 'BOM121', jiro.loginId, jiro.password);
  await customer.sees('BER403');
  await expect(customer.main).toContainText('緊急停止のお申し出により');
});

test('who has no token sees that everything is stopped', async ({ customer, portal, server }) => {
  server.runs('user', 'hold', '--portal', 'shirakaba', '--until', '2026-10-09T10:00:00+09:00',
    jiro.loginId);
  // A command does not know the address of the server.
  const [mail] = await portal.mailsTo(jiro.loginId);
  expect(mail?.text).toContain('ログイン画面の「緊急停止」');
  const code = /停止コード: (\d{4} \d{4})/.exec(mail?.text ?? '')?.[1] ?? '';
  await customer.open('/login');
  await customer.presses('緊急停止');
  await customer.sees('BSP001');
  await customer.types({ login_id: jiro.loginId, stop_code: code });
  await customer.presses('すべて停止する');
  await customer.sees('BSP002');
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BTP001');
  await expect(customer.main).toContainText('緊急停止中です');
  await customer.logsOut();

  server.runs('user', 'lift-stop', '--portal', 'shirakaba', jiro.loginId);
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BTP001');
  await expect(customer.main).not.toContainText('緊急停止中です');
});

test('help leads to the emergency stop', async ({ customer }) => {
  await customer.open('/help/security');
  await customer.sees('BHL004');
  await customer.presses('緊急停止');
  await customer.sees('BSP001');
  await customer.presses('すべて停止する');
  await customer.sees('BSP001');
  await customer.isRefused();
});

test('after a revocation by staff the next token waits @rule', async ({
  customer,
  portal,
  server,
}) => {
  const said = server.runs('token', 'revoke', '--portal', 'shirakaba', taroToken,
    '--reason', 'lost');
  expect(said).toContain(`revoked for ${taro.loginId}`);
  await customer.logsIn(taro.loginId, taro.password);
  await customer.sees('BLG013');
  await expect(customer.main).toContainText('10:30');
  const [mail] = await portal.mailsTo(taro.loginId);
  expect(mail?.text).toContain('10:30');
  await portal.moveClock(29 * 60);
  await customer.begins('利用開始', 'BOM101', taro.loginId, taro.password);
  await customer.sees('BLG013');
  await portal.moveClock(60);
  await customer.begins('利用開始', 'BOM101', taro.loginId, taro.password);
  await customer.sees('BOM102');
});
