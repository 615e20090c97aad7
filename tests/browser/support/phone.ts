// A phone with the token app, beside the browser in which the portal is used. Its clock is its own:
// the app makes codes by it, so it moves with the portal's.

import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { Watcher } from './checks';
import { START, type Portal } from './portal';
import { test as base } from './test';

const PHONE_WIDTH_MAX = 600;
/** Seconds for which a code shows, by its digits, in the profiles that ship. */
const PERIODS: Record<number, number> = { 6: 30, 8: 60 };

/** What TOK001 asks for. */
export interface Activation {
  serviceId: string;
  userId: string;
  password: string;
}

export class Phone {
  private now = START.getTime();

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly watcher: Watcher,
  ) {}

  static async takeOut(browser: Browser, url: string, width: number): Promise<Phone> {
    const isPhone = width < PHONE_WIDTH_MAX;
    const context = await browser.newContext({
      baseURL: url,
      locale: 'ja-JP',
      timezoneId: 'Asia/Tokyo',
      viewport: { width, height: 844 },
      hasTouch: isPhone,
      isMobile: isPhone,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    const phone = new Phone(context, page, new Watcher(page, true, false));
    await phone.moveClock(0);
    return phone;
  }

  /** Moves the phone's clock alone; it stands in between. */
  async moveClock(seconds: number): Promise<void> {
    this.now += seconds * 1000;
    await this.page.clock.setFixedTime(new Date(this.now));
  }

  async open(screen = '#list'): Promise<void> {
    await this.page.goto(`/token/${screen}`);
  }

  async sees(screen: string): Promise<void> {
    await expect(this.page.locator('body')).toHaveAttribute('data-screen', screen);
    await this.watcher.check();
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name });
  }

  part(name: string) {
    return this.page.locator(`main [data-part="${name}"]`);
  }

  /** From the start to a new credential of the institution; gives back its serial. */
  async makesCredential(institution = 'しらかば信用金庫'): Promise<string> {
    await this.open();
    await this.sees('TOK000');
    await this.button(new RegExp(institution)).click();
    await this.sees('TOK002');
    return this.goesOn(institution);
  }

  /** TOK001 with these values, up to 送信. */
  async sends({ serviceId, userId, password }: Activation): Promise<void> {
    await this.page.getByLabel('サービスID').fill(serviceId);
    await this.page.getByLabel('ユーザID').fill(userId);
    await this.page.getByLabel('利用開始パスワード').fill(password);
    await this.page.getByLabel('上記の内容に同意する').check();
    await this.button('送信').click();
  }

  /** From TOK002 to the code; gives back the serial. */
  async goesOn(institution: string): Promise<string> {
    await expect(this.page.locator('main')).toContainText(institution);
    await this.page.getByRole('link', { name: '次へ' }).click();
    await this.sees('TOK003');
    await expect(this.page.getByRole('heading', { level: 1 })).toHaveText(institution);
    return (await this.part('serial').textContent()) ?? '';
  }

  /** The code as it shows, without the gap between its groups. */
  async code(): Promise<string> {
    return ((await this.part('code').textContent()) ?? '').replace(/\s/g, '');
  }

  /** The next code, on the phone's and the portal's clock alike. */
  async nextCode(portal: Portal): Promise<string> {
    const before = await this.code();
    const period = PERIODS[before.length] ?? 0;
    await portal.moveClock(period);
    await this.moveClock(period);
    const half = before.length / 2;
    const shown = `${before.slice(0, half)} ${before.slice(half)}`;
    await expect(this.part('code')).not.toHaveText(shown);
    return this.code();
  }

  /** Takes the network away, once the app has what it needs without one. */
  async losesNetwork(): Promise<void> {
    await this.page.evaluate(() => navigator.serviceWorker.ready);
    await this.context.setOffline(true);
  }
}

/** With a phone in the customer's hand. */
export const test = base.extend<{ phone: Phone }>({
  phone: async ({ browser, portal, page }, use) => {
    const width = page.viewportSize()?.width ?? 390;
    const phone = await Phone.takeOut(browser, portal.url, width);
    await use(phone);
    await phone.context.close();
  },
});

export { expect } from '@playwright/test';
