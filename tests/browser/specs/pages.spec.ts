// Pages without a flow: help, the list of portals, errors, the QA console.

import { hanako, taroToken, yakumo } from '../support/people';
import { expect, test } from '../support/test';

const help = { otp: 'BHL001', tokens: 'BHL002', terms: 'BHL003', security: 'BHL004' };
for (const [name, screen] of Object.entries(help)) {
  test(`help about ${name}`, async ({ customer }) => {
    await customer.open(`/help/${name}`);
    await customer.sees(screen);
    expect((await customer.text()).length, 'says something').toBeGreaterThan(100);
  });
}

test('the list of portals leads to the login', async ({ customer, page }) => {
  await page.goto('/');
  await customer.looksUp();
  await customer.leads(() => page.locator('main a[href^="/shirakaba/"]').first().click());
  await customer.sees('BLG001');
});

const nowhere = ['/nowhere', '/shirakaba/nowhere', '/shirakaba/token/nowhere', '/nobody/login'];
for (const path of nowhere) {
  test(`${path} is not found`, async ({ customer, page }) => {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(404);
    await customer.sees('BER404');
    await expect(customer.page.locator('main a').first(), 'a way back').toBeVisible();
  });
}

test('a flow without its session leads to where to begin again', async ({ page, customer }) => {
  await page.goto('/shirakaba/token/start/0123456789abcdef0123456789abcdef');
  await customer.sees('BOM101');
  await expect(page.getByText('すでに終わっています')).toBeVisible();
});

test('a flow that is nobody\'s is not found @rule', async ({ page, customer }) => {
  await customer.open('/token/start');
  await customer.entersLogin(hanako.loginId, hanako.password);
  await customer.presses('次へ');
  await customer.sees('BOM102');
  const answer = await page.goto('/shirakaba/token/start/0123456789abcdefABCDEF');
  expect(answer?.status()).toBe(404);
  await customer.sees('BER404');
});

test('answers carry the security headers @once', async ({ page, portal }) => {
  await portal.reset();
  const headers = (await page.goto('/shirakaba/login'))?.headers() ?? {};
  const policy = headers['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['referrer-policy']).toBeTruthy();
  expect(headers['permissions-policy']).toBeTruthy();
  expect(headers['cross-origin-opener-policy']).toBe('same-origin');
  expect(headers['cross-origin-resource-policy']).toBe('same-origin');
  expect(headers['cross-origin-embedder-policy']).toBe('require-corp');
});

const console = ['', '/mails', '/tokens', '/clock', '/screens', '/flow', '/files', '/record'];
console.push('/states', '/faults');
for (const path of console.map((part) => `/qa${part}`)) {
  test(`${path} shows`, async ({ page, customer }) => {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(200);
    await customer.looksUp();
  });
}

test('the token wall shows the codes of oathtool @rule', async ({ page, portal, customer }) => {
  const wall = await portal.tokens();
  const token = wall.tokens.find((one) => one.serial === taroToken);
  expect(token?.code.replace(/\s/g, '')).toBe(portal.code(taroToken));
  await page.goto('/qa/tokens?portal=shirakaba');
  await customer.looksUp();
  expect((await customer.text()).replace(/\s/g, '')).toContain(portal.code(taroToken));
});

test('the mailbox shows a mail as it was sent', async ({ page, portal, customer }) => {
  await customer.logsIn(yakumo.loginId, yakumo.password);
  await customer.types({ new_password: 'Kumo-no-ue#2027', new_password_again: 'Kumo-no-ue#2027' });
  await customer.types({ new_confirm: 'kakushin88', new_confirm_again: 'kakushin88' });
  await customer.sends('new_password');
  const address = 'yakumo.new@example.jp';
  await customer.types({ mail_address: address, mail_address_again: address });
  await customer.sends('mail_address');
  const [mail] = await portal.mails();
  await page.goto('/qa/mails');
  await customer.looksUp();
  await expect(customer.main).toContainText(address);
  await expect(customer.main).toContainText(mail?.subject ?? 'no mail');
});

// Screens that an address alone opens; the catalogue says in words how to come to the others.
const direct = ['BLG001', 'BLG011', 'BLG012', 'BLG090', 'BLG091', ...Object.values(help)];
direct.push('BOM101', 'BOM111', 'BOM121', 'BSP001', 'BER404');

test('the catalogue knows every screen and opens those with an address @once', async ({
  page,
  portal,
  customer,
}) => {
  test.setTimeout(180_000);
  interface Screen {
    id: string;
    portal: string;
    url: string | null;
    how: string;
  }
  const all = await portal.get<Screen[] | { screens: Screen[] }>('/qa/screens.json');
  const screens = (Array.isArray(all) ? all : all.screens).filter((s) => s.portal === 'shirakaba');
  const ids = screens.map((screen) => screen.id);
  for (const id of [...direct, 'BLG010', 'BLG095', 'BTP001', 'BOM102', 'BOM114', 'BOM123']) {
    expect(ids, id).toContain(id);
  }
  for (const { id, how } of screens) expect(how.length, `how to come to ${id}`).toBeGreaterThan(5);
  for (const { id, url } of screens.filter((screen) => direct.includes(screen.id))) {
    await page.goto(`/qa/screens?portal=shirakaba&flow=${id.slice(0, 3)}`);
    const row = customer.main.locator('tr', { has: page.getByText(id, { exact: true }) });
    // A button where there is a way, else its address.
    const way = row.locator(`button[name=key], a[href="${url ?? ''}"]`);
    await customer.leads(() => way.first().click());
    await expect.soft(page.locator('body'), id).toHaveAttribute('data-screen', id);
    await customer.looksUp();
  }
});
