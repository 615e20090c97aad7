// Tokens that are over (BLG013, BLG014), hours without service (BER110), and what is shown when a
// form or the portal itself is not as it should be (BER400 to BER503).

import type { Customer } from '../support/customer';
import { execute, keepsFromWriting } from '../support/database';
import { jiro, jiroToken, towa } from '../support/people';
import { expect, test } from '../support/test';

/** Everything an error page owes: its status, a way back, and a number to ask by. */
async function isError(customer: Customer, screen: string, status: number): Promise<void> {
  await customer.sees(screen);
  expect(customer.watcher.status).toBe(status);
  await expect(customer.main.locator('a.button'), 'a way back').toBeVisible();
  const reference = customer.main.locator('dd').last();
  await expect(reference, 'the number of the request').toHaveText(/^\S{8,}$/);
}

test('a revoked customer waits until the next token can be registered', async ({
  customer,
  portal,
  server,
}) => {
  // Only staff can revoke, and their console is not there yet. 11:00 in Japan is 02:00 UTC.
  await portal.moveClockTo('2026-10-05T11:00:00+09:00');
  const revoked = "token_status = 'revoked', revoked_at = '2026-10-05 02:00:00'";
  execute(server.database, `UPDATE users SET ${revoked} WHERE login_id = '${jiro.loginId}'`);
  await portal.moveClock(29 * 60);
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BLG013');
  expect(customer.watcher.status).toBe(403);
  await expect(customer.main).toContainText(/11[:時]\s?30/);
  // The address alone tells nobody anything, and nobody is in.
  for (const address of ['/login/waiting', '/']) {
    await customer.open(address);
    await customer.sees('BLG001');
  }
  await portal.moveClock(60);
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BTP001');
});

test('an expired token leads to the registration of the next', async ({ customer }) => {
  await customer.logsIn(towa.loginId, towa.password);
  await customer.sees('BLG014');
  expect(customer.watcher.status).toBe(403);
  await expect(customer.main).toContainText('6F10');
  await customer.presses('新しいトークンを登録する');
  await customer.sees('BOM101');
  await customer.open('/login/expired');
  await customer.sees('BLG001');
});

test('at the end of the year the service rests', async ({ customer, portal, page }) => {
  await portal.moveClockTo('2026-12-31T21:00:00+09:00');
  await customer.open('/login');
  await isError(customer, 'BER110', 503);
  await expect(customer.main, 'when it opens again').toContainText(/2027年0?1月/);
  await customer.open('/token/stop');
  await customer.sees('BER110');
  await customer.main.getByRole('link', { name: '緊急停止' }).click();
  await customer.sees('BSP001');
  // Other pages than the portal's are there.
  expect((await page.goto('/'))?.status()).toBe(200);
});

test('a form that lacks a field is not taken', async ({ customer }) => {
  await customer.open('/login');
  await customer.types({ login_id: jiro.loginId });
  await customer.field('password').evaluate((input) => input.remove());
  await customer.sends('login_id');
  await isError(customer, 'BER400', 400);
});

test('a form with an outdated token is not taken', async ({ customer }) => {
  await customer.open('/login');
  await customer.entersLogin(jiro.loginId, jiro.password);
  const token = customer.field('csrf_token').first();
  await token.evaluate((input) => ((input as HTMLInputElement).value = 'A'.repeat(43)));
  await customer.sends('password');
  await isError(customer, 'BER403', 403);
});

test('a form that was sent with other content is in conflict', async ({ customer, portal }) => {
  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  await customer.sees('BOM102');
  const typed = { serial: jiroToken, otp: portal.code(jiroToken), confirm: jiro.secret };
  await customer.types(typed);
  await customer.chooses('login_choice', 'required');
  // The same form from elsewhere, before this one is sent: its answer got lost, say.
  const sent = await customer.formFields('serial');
  expect(await customer.posts(customer.page.url(), sent)).toBe(303);
  await customer.types({ otp: portal.code(jiroToken, 1) });
  await customer.sends('serial');
  await isError(customer, 'BER409', 409);
  await customer.leads(() => customer.main.locator('a.button').click());
  await customer.sees('BOM101');
});

test('a fault of the portal is owned up to', async ({ customer, server }) => {
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BTP001');
  execute(server.database, 'ALTER TABLE accounts RENAME TO accounts_gone');
  try {
    await customer.open('/');
    await isError(customer, 'BER500', 500);
    const html = await customer.watcher.html();
    expect(html, 'nothing of the inside shows').not.toMatch(/table|sql|accounts|panic/i);
  } finally {
    execute(server.database, 'ALTER TABLE accounts_gone RENAME TO accounts');
  }
  await customer.open('/');
  await customer.sees('BTP001');
});

test('while nothing can be stored nobody is let in', async ({ customer, server }) => {
  await customer.open('/login');
  await customer.entersLogin(jiro.loginId, jiro.password);
  const letsGo = await keepsFromWriting(server.database);
  try {
    await customer.presses('ログイン');
    await isError(customer, 'BER503', 503);
  } finally {
    await letsGo();
  }
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BTP001');
});
