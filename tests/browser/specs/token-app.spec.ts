// The token app on a phone: TOK000 to TOK004. Together with the portals: token-app-portals.spec.ts.

import { gzipSync } from 'node:zlib';
import { expect, test } from '../support/phone';

const APP_BYTES_MAX = 60 * 1024;

test('opened anew without a network, the one credential shows at once @script', async ({
  phone,
}) => {
  await phone.makesCredential();
  await phone.losesNetwork();
  await phone.page.goto('about:blank');
  await phone.page.goto('/token/');
  await phone.sees('TOK003');
  await phone.page.getByRole('link', { name: '一覧' }).click();
  await phone.sees('TOK000');
  await expect(phone.page.getByText('サーバーにつながりません')).toBeVisible();
});

test('several credentials stand in a list; one is deleted after two questions @script', async ({
  phone,
}) => {
  const first = await phone.makesCredential();
  const second = await phone.makesCredential();
  expect(second).not.toBe(first);
  await phone.open();
  await phone.sees('TOK000');
  const held = phone.part('list').locator('li');
  await expect(held).toHaveCount(2);
  await held.filter({ hasText: first }).getByRole('link', { name: /^削除/ }).click();
  await phone.sees('TOK004');
  await expect(phone.page.locator('main')).toContainText('先に利用の中止をお済ませください');
  await phone.button('削除へ進む').click();
  await expect(phone.button('削除しない'), 'Enter alone deletes nothing').toBeFocused();
  await phone.button('削除しない').click();
  await phone.button('削除へ進む').click();
  await expect(phone.page.getByRole('dialog')).toBeVisible();
  await phone.watcher.check();
  await phone.button('削除する').click();
  await phone.sees('TOK000');
  await expect(held).toHaveCount(1);
  await expect(held).toContainText(second);
});

test('the code is copied, and told only when asked @script', async ({ phone, portal }) => {
  await phone.makesCredential();
  const said = phone.page.locator('#said');
  await expect(said).toBeEmpty();
  await phone.nextCode(portal);
  await expect(said, 'a new code is not told by itself').toBeEmpty();
  await phone.button('コピー').click();
  await expect(said).toHaveText('コピーしました。');
  expect(await phone.page.evaluate(() => navigator.clipboard.readText())).toBe(await phone.code());
  await phone.button('ワンタイムパスワードを読み上げる').press('Enter');
  await expect(said).toHaveText(`${[...(await phone.code())].join('、')}。あと15秒。`);
});

test('a phone whose clock is wrong is told so @script', async ({ phone }) => {
  await phone.moveClock(95);
  await phone.open();
  await phone.sees('TOK000');
  await expect(phone.part('clock')).toContainText('約95秒進んでいます');
  await phone.button(/しらかば信用金庫/).click();
  await phone.sees('TOK002');
  await expect(phone.part('clock')).toContainText('約95秒進んでいます');
});

test('when the portal\'s clock moves away from the phone\'s, the app says so @script', async ({
  phone,
  portal,
}) => {
  await phone.makesCredential();
  await portal.moveClock(300);
  await phone.open();
  await phone.sees('TOK000');
  await expect(phone.part('clock')).toContainText('約5分遅れています');
  await expect(phone.part('clock')).toContainText('自動設定');
  await portal.moveClock(9 * 86_400);
  await phone.page.reload();
  await expect(phone.part('clock')).toContainText('約9日遅れています');
  await phone.moveClock(9 * 86_400 + 300 - 9);
  await phone.page.reload();
  await phone.sees('TOK000');
  await expect(phone.part('services').locator('li')).not.toHaveCount(0);
  await expect(phone.part('clock'), 'a few seconds spoil no code').toBeHidden();
});

test('a clock that is right is said to be right @script', async ({ phone }) => {
  await phone.open();
  await phone.button(/こだま信用金庫/).click();
  await phone.sees('TOK002');
  await expect(phone.part('clock')).toHaveText(/^サーバーの時計との差は1秒未満です。時計は合っています。$/);
  await expect(phone.part('zone')).toContainText('日本になっています');
});

test('a set-up names what is missing and keeps what is no secret @script', async ({ phone }) => {
  await phone.page.goto('/token/');
  await phone.sees('TOK000');
  await phone.page.getByRole('link', { name: /初期設定/ }).click();
  await phone.sees('TOK001');
  await phone.button('送信').click();
  await expect(phone.page.locator('.summary li')).toHaveCount(4);
  await phone.watcher.check();
  await phone.page.getByLabel('サービスID').fill('３０００ ０００１');
  await phone.page.getByLabel('ユーザID').fill('123456789012');
  await phone.page.getByLabel('利用開始パスワード').fill('123456');
  await phone.page.getByLabel('上記の内容に同意する').check();
  await phone.button('送信').click();
  await expect(phone.page.locator('.summary')).toContainText('この発行はもう使えません');
  await expect(phone.page.getByLabel('ユーザID')).toHaveValue('123456789012');
  await expect(phone.page.getByLabel('利用開始パスワード')).toHaveValue('');
  await phone.sees('TOK001');
});

test('every screen can be read in the dark @script', async ({ phone }) => {
  await phone.page.emulateMedia({ colorScheme: 'dark' });
  await phone.makesCredential();
  for (const [address, screen] of [['#list', 'TOK000'], ['#set-up', 'TOK001']] as const) {
    await phone.open(address);
    await phone.sees(screen);
  }
  await phone.button('送信').click();
  await phone.watcher.check();
  await phone.open();
  await phone.page.getByRole('link', { name: /^削除/ }).click();
  await phone.sees('TOK004');
});

test('the app with all its files weighs less than 60 KiB @script', async ({ phone, portal }) => {
  const text = async (path: string) => (await fetch(portal.url + path)).text();
  const page = await text('/token/');
  const worker = await text('/token/sw.js');
  const manifest = JSON.parse(await text('/token/manifest.webmanifest'));
  const named = [...page.matchAll(/(?:href|src)="(\/[^"#]+)"/g)].map(([, path]) => path ?? '');
  const kept = /'(\/token\/ [^']+)'/.exec(worker)?.[1]?.split(' ') ?? [];
  const icons = manifest.icons.map(({ src }: { src: string }) => src);
  const files = [...new Set(['/token/', '/token/sw.js', ...named, ...kept, ...icons])].sort();

  const loaded: string[] = [];
  phone.page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  await phone.makesCredential();
  const outside = loaded.filter((path) => !files.includes(path) && !/^\/token\/api\//.test(path));
  expect(loaded.length).toBeGreaterThan(5);
  expect(outside, 'loads nothing else').toEqual([]);

  let [bytes, sent] = [0, 0];
  for (const path of files) {
    const answer = await fetch(portal.url + path);
    expect(answer.status, path).toBe(200);
    const body = Buffer.from(await answer.arrayBuffer());
    bytes += body.length;
    sent += /image\/png/.test(answer.headers.get('content-type') ?? '')
      ? body.length
      : gzipSync(body).length;
  }
  console.log(`/token/: ${files.length} files, ${bytes} bytes, about ${sent} compressed`);
  expect(bytes).toBeLessThan(APP_BYTES_MAX);
});

test('without script the app says what it needs @noscript', async ({ page }) => {
  await page.goto('/token/');
  await expect(page.locator('main')).toContainText('JavaScriptを有効に');
});
