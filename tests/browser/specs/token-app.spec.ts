// The token app on a phone, the portal in a browser of its own: TOK000 to TOK004.

import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { Watcher } from '../support/checks';
import { jiro } from '../support/people';
import { START, type Portal } from '../support/portal';
import { outDir } from '../support/server';
import { expect, test } from '../support/test';

const STEP_MILLISECONDS = 30_000;

/** The app in a phone of its own, whose clock stands where the portal's does. */
class Phone {
  private now = START.getTime();

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly watcher: Watcher,
  ) {}

  static async takeOut(browser: Browser, url: string, width: number): Promise<Phone> {
    const context = await browser.newContext({
      baseURL: url,
      locale: 'ja-JP',
      timezoneId: 'Asia/Tokyo',
      viewport: { width, height: 844 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    const phone = new Phone(context, page, new Watcher(page, true));
    await phone.setClock(0);
    return phone;
  }

  /** Moves the phone's clock; it stands in between. */
  async setClock(milliseconds: number): Promise<void> {
    this.now += milliseconds;
    await this.page.clock.setFixedTime(new Date(this.now));
  }

  async sees(screen: string): Promise<void> {
    await expect(this.page.locator('body')).toHaveAttribute('data-screen', screen);
    await this.watcher.check();
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name });
  }

  /** From the start to a new credential of the institution; gives back its serial. */
  async makesCredential(): Promise<string> {
    await this.page.goto('/token/#list');
    await this.sees('TOK000');
    await this.button(/しらかば信用金庫/).click();
    await this.sees('TOK002');
    await this.page.getByRole('link', { name: '次へ' }).click();
    await this.sees('TOK003');
    return this.serial();
  }

  async serial(): Promise<string> {
    return (await this.page.locator('[data-part="serial"]').textContent()) ?? '';
  }

  /** The code as it shows, without the gap between its groups. */
  async code(): Promise<string> {
    const shown = await this.page.locator('[data-part="code"]').textContent();
    return (shown ?? '').replace(/\s/g, '');
  }

  /** The next code, on the phone and the portal's clock alike. */
  async nextCode(portal: Portal): Promise<string> {
    const before = await this.code();
    await portal.moveClock(STEP_MILLISECONDS / 1000);
    await this.setClock(STEP_MILLISECONDS);
    await expect(this.page.locator('[data-part="code"]')).not.toHaveText(grouped(before));
    return this.code();
  }
}

function grouped(code: string): string {
  return `${code.slice(0, code.length / 2)} ${code.slice(code.length / 2)}`;
}

const useApp = test.extend<{ phone: Phone }>({
  phone: async ({ browser, portal, page }, use) => {
    const width = page.viewportSize()?.width ?? 390;
    const phone = await Phone.takeOut(browser, portal.url, width);
    await use(phone);
    await phone.context.close();
  },
});

useApp('a credential is made, registered, and works offline @script', async ({
  phone,
  customer,
  portal,
}) => {
  const serial = await phone.makesCredential();
  expect(serial).toMatch(/^MDG[A-HJ-NP-Z2-9]{9}$/);
  await expect(phone.page.locator('main')).toContainText('しらかば信用金庫');
  await expect(phone.page.locator('[data-part="set-up-on"]')).toHaveText('2026年10月5日');
  await expect(phone.page.locator('[data-part="seconds"]')).toHaveText('15');
  const wall = await portal.tokens();
  const known = wall.tokens.find((token) => token.serial === serial);
  expect(known?.code.replace(/\s/g, '')).toBe(await phone.code());

  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  await customer.sees('BOM102');
  await customer.types({ serial, otp: await phone.code() });
  await customer.chooses('login_choice', 'required');
  await customer.confirms(jiro);
  await customer.presses('登録');
  await customer.sees('BOM103');
  await expect(customer.main).toContainText(serial);

  await phone.page.evaluate(() => navigator.serviceWorker.ready);
  await phone.context.setOffline(true);
  await phone.page.reload();
  await phone.sees('TOK003');
  const code = await phone.nextCode(portal);
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BLG010');
  await customer.types({ otp: code });
  await customer.sends('otp');
  await customer.sees('BTP001');
});

useApp('opened anew without a network, the one credential shows at once @script', async ({
  phone,
}) => {
  await phone.makesCredential();
  await phone.page.evaluate(() => navigator.serviceWorker.ready);
  await phone.context.setOffline(true);
  await phone.page.goto('about:blank');
  await phone.page.goto('/token/');
  await phone.sees('TOK003');
  await phone.page.getByRole('link', { name: '一覧' }).click();
  await phone.sees('TOK000');
  await expect(phone.page.getByText('サーバーにつながりません')).toBeVisible();
});

useApp('nothing that script can read or export is a secret @script', async ({ phone }) => {
  await phone.makesCredential();
  const found = await phone.page.evaluate(readEverything);
  expect(found.keys.length, 'a key for codes and one for signing').toBe(2);
  for (const key of found.keys) {
    expect(key).toEqual({
      type: 'secret',
      extractable: false,
      usages: ['sign'],
      hash: key.hash,
      exports: ['refused', 'refused', 'refused'],
    });
  }
  expect(found.keys.map((key) => key.hash).sort()).toEqual(['SHA-1', 'SHA-256']);
  expect(found.waiting, 'the key pair of the hand-over is gone').toBe(0);
  expect(found.other.sort()).toEqual(
    ['digits', 'expiresAt', 'id', 'institution', 'period', 'portal', 'serial', 'setUpAt', 'theme'],
  );
  expect(found.texts, 'nothing beside the credential').toEqual([]);
  expect(found.cached, 'no answer of the server is kept').toEqual([]);
});

interface SeenKey {
  type: string;
  extractable: boolean;
  usages: string[];
  hash: string;
  exports: string[];
}

/** All of IndexedDB, the storages, cookies and caches, as a script in the page sees them. */
async function readEverything() {
  const open = (name: string) =>
    new Promise<IDBDatabase>((done) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => done(request.result);
    });
  const all = (db: IDBDatabase, store: string) =>
    new Promise<Record<string, unknown>[]>((done) => {
      const request = db.transaction(store).objectStore(store).getAll();
      request.onsuccess = () => done(request.result);
    });
  const attempt = (format: 'raw' | 'jwk' | 'pkcs8', key: CryptoKey) =>
    crypto.subtle.exportKey(format as 'raw', key).then(() => 'given', () => 'refused');
  const names = (await indexedDB.databases()).map((one) => one.name ?? '');
  const result = {
    keys: [] as SeenKey[],
    other: [] as string[],
    waiting: 0,
    texts: [localStorage, sessionStorage].flatMap((storage) => Object.values(storage)),
    cached: [] as string[],
  };
  for (const name of names) {
    const db = await open(name);
    for (const store of db.objectStoreNames) {
      const rows = await all(db, store);
      if (store === 'waiting') result.waiting += rows.length;
      for (const [field, value] of rows.flatMap((row) => Object.entries(row))) {
        if (!(value instanceof CryptoKey)) {
          result.other.push(field);
          continue;
        }
        const { hash } = value.algorithm as HmacKeyAlgorithm;
        const formats = ['raw', 'jwk', 'pkcs8'] as const;
        const exports = await Promise.all(formats.map((format) => attempt(format, value)));
        const { type, extractable, usages } = value;
        result.keys.push({ type, extractable, usages: [...usages], hash: hash.name, exports });
      }
    }
    db.close();
  }
  if (document.cookie) result.texts.push(document.cookie);
  for (const name of await caches.keys()) {
    const requests = await (await caches.open(name)).keys();
    result.cached.push(...requests.map(({ url }) => url).filter((url) => url.includes('/api/')));
  }
  return result;
}

useApp('several credentials stand in a list; one is deleted after two questions @script', async ({
  phone,
}) => {
  const first = await phone.makesCredential();
  const second = await phone.makesCredential();
  expect(second).not.toBe(first);
  await phone.page.goto('/token/#list');
  await phone.sees('TOK000');
  const held = phone.page.locator('[data-part="list"] li');
  await expect(held).toHaveCount(2);
  await held.filter({ hasText: first }).getByRole('link', { name: /^削除/ }).click();
  await phone.sees('TOK004');
  await expect(phone.page.locator('main')).toContainText('先に利用の中止をお済ませください');
  await phone.button('削除へ進む').click();
  await phone.button('削除しない').click();
  await phone.button('削除へ進む').click();
  await expect(phone.page.getByRole('dialog')).toBeVisible();
  await phone.watcher.check();
  await phone.button('削除する').click();
  await phone.sees('TOK000');
  await expect(held).toHaveCount(1);
  await expect(held).toContainText(second);
});

useApp('the code is copied, and told only when asked @script', async ({ phone, portal }) => {
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

useApp('a phone whose clock is wrong is told so @script', async ({ phone }) => {
  await phone.setClock(95_000);
  await phone.page.goto('/token/#list');
  await phone.sees('TOK000');
  await expect(phone.page.locator('[data-part="clock"]')).toContainText('約95秒進んでいます');
  await phone.button(/しらかば信用金庫/).click();
  await phone.sees('TOK002');
  await expect(phone.page.locator('[data-part="clock"]')).toContainText('約95秒進んでいます');
});

useApp('a set-up names what is missing and keeps what is no secret @script', async ({ phone }) => {
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
  await expect(phone.page.locator('.summary')).toContainText('この発行が終わっています');
  await expect(phone.page.getByLabel('ユーザID')).toHaveValue('123456789012');
  await expect(phone.page.getByLabel('利用開始パスワード')).toHaveValue('');
  await phone.sees('TOK001');
});

useApp('every screen can be read in the dark @script', async ({ phone }) => {
  await phone.page.emulateMedia({ colorScheme: 'dark' });
  await phone.makesCredential();
  const width = phone.page.viewportSize()?.width;
  await phone.page.screenshot({ path: join(outDir, `TOK003-dark-${width}.png`) });
  for (const [address, screen] of [['#list', 'TOK000'], ['#set-up', 'TOK001']] as const) {
    await phone.page.goto(`/token/${address}`);
    await phone.sees(screen);
  }
  await phone.button('送信').click();
  await phone.watcher.check();
  await phone.page.goto('/token/#list');
  await phone.page.getByRole('link', { name: /^削除/ }).click();
  await phone.sees('TOK004');
});

test('without script the app says what it needs', async ({ page, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled !== false, 'only where script is off');
  await page.goto('/token/');
  await expect(page.locator('main')).toContainText('JavaScriptを有効に');
});
