// A customer of a portal, `shirakaba` unless said otherwise: looks for labels and buttons, types,
// presses.

import { expect, type Locator, type Page } from '@playwright/test';
import type { Watcher } from './checks';
import type { Portal } from './portal';

export interface Receipt {
  number: string;
  time: string;
}

/** How an act is confirmed that asks for more than a code. */
export interface Confirmation {
  loginId: string;
  secret: string;
}

export class Customer {
  constructor(
    readonly page: Page,
    private readonly portal: Portal,
    readonly watcher: Watcher,
    private readonly slug: string,
  ) {}

  /** Opens an address below the portal and looks at the page it leads to. */
  async open(path: string): Promise<void> {
    await this.page.goto(path.startsWith('/') ? `/${this.slug}${path}` : path);
  }

  /** Waits for a screen and puts its page through all checks. */
  async sees(screen: string): Promise<void> {
    await expect(this.page.locator('body')).toHaveAttribute('data-screen', screen);
    await this.watcher.check();
  }

  /** Which screen shows, checked like any other. */
  async looksUp(): Promise<string> {
    return this.watcher.check();
  }

  get main(): Locator {
    return this.page.locator('main');
  }

  async text(): Promise<string> {
    return this.main.innerText();
  }

  field(name: string): Locator {
    return this.page.locator(`[name="${name}"]`);
  }

  /** A button or link by the words on it; `^` so that 利用開始 isn't found in longer names. */
  control(name: string): Locator {
    const words = new RegExp(`^\\s*${name}\\s*[>＞›»]?\\s*$`);
    const button = this.page.getByRole('button', { name: words });
    const link = this.page.getByRole('link', { name: words });
    return button.or(link).filter({ visible: true }).first();
  }

  /** Does something that leads to a new page, and waits until that page is there. */
  async leads(action: () => Promise<unknown>): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await Promise.all([action(), loaded]);
  }

  async presses(name: string): Promise<void> {
    await this.leads(() => this.control(name).click());
  }

  async types(values: Record<string, string>): Promise<void> {
    for (const [name, value] of Object.entries(values)) await this.field(name).fill(value);
  }

  /** The button that sends the form with this field, whatever is written on it. */
  submitOf(fieldName: string): Locator {
    const form = this.page.locator('form').filter({ has: this.field(fieldName) });
    const buttons = form.locator('button[type="submit"], button:not([type]), input[type="submit"]');
    return buttons.filter({ hasNotText: /戻る|中止|再送|後で|あとで/ }).first();
  }

  async sends(fieldName: string): Promise<void> {
    await this.leads(() => this.submitOf(fieldName).click());
  }

  /** Chooses a radio button as a keyboard does, so that pictures may hide it. */
  async chooses(name: string, value: string): Promise<void> {
    const radio = this.page.locator(`[name="${name}"][value="${value}"]`);
    await radio.focus();
    await this.page.keyboard.press('Space');
    await expect(radio).toBeChecked();
  }

  async entersLogin(loginId: string, password: string): Promise<void> {
    await this.types({ login_id: loginId, password });
  }

  /** From anywhere to the answer to id and password. */
  async logsIn(loginId: string, password: string): Promise<void> {
    await this.open('/login');
    await this.sees('BLG001');
    await this.entersLogin(loginId, password);
    await this.presses('ログイン');
  }

  async logsOut(): Promise<void> {
    const menu = this.page.getByText('メニュー').filter({ visible: true }).first();
    if (!(await this.control('ログアウト').isVisible())) await menu.click();
    await this.presses('ログアウト');
  }

  /** From the login page to the first step of 利用開始, 交換 or 利用中止, and past it. */
  async begins(act: string, screen: string, loginId: string, password: string): Promise<void> {
    await this.open('/login');
    await this.sees('BLG001');
    await this.presses(act);
    await this.sees(screen);
    await this.entersLogin(loginId, password);
    await this.presses('次へ');
  }

  /** Confirms with what the page asks for: the confirming password or the picture card. */
  async confirms(who: Confirmation): Promise<void> {
    if ((await this.field('confirm').count()) > 0) {
      await this.types({ confirm: who.secret });
      return;
    }
    for (const [index, cell] of (await this.cellsAsked()).entries()) {
      await this.chooses(`picture_${index + 1}`, await this.portal.picture(who.loginId, cell));
    }
  }

  /** The three cells of the picture card that the page names, in the order of its groups. */
  async cellsAsked(): Promise<string[]> {
    const cells: string[] = [];
    for (const name of ['picture_1', 'picture_2', 'picture_3']) {
      const group = this.page.locator('fieldset').filter({ has: this.field(name) }).last();
      cells.push(/[A-E][1-4]/.exec(await group.innerText())?.[0] ?? '');
    }
    return cells;
  }

  /** The page came back with errors: each is linked to its field, and no secret is kept. */
  async isRefused(): Promise<void> {
    expect(this.watcher.status).toBe(422);
    const links = await this.main.locator('a[href^="#"]').evaluateAll((found) =>
      found.map((link) => [link.textContent, document.querySelector(link.getAttribute('href')!)]),
    );
    expect(links.length, 'the summary links to the fields').toBeGreaterThan(0);
    for (const [words, target] of links) expect(target, `target of ${words}`).not.toBeNull();
    const secrets = this.page.locator('input[type="password"], [name="otp"], [name="old_otp"]');
    const kept = await secrets.evaluateAll((all) => all.map((one) => one.getAttribute('value')));
    expect(kept.filter(Boolean), 'no secret is kept').toEqual([]);
  }

  async receipt(): Promise<Receipt> {
    const text = await this.text();
    const number = /受付番号[\s:：]*(\d{7})(?!\d)/.exec(text)?.[1] ?? '';
    const time = /\d{4}年\d{2}月\d{2}日\s\d{2}時\d{2}分\d{2}秒/.exec(text)?.[0] ?? '';
    expect(number, 'a receipt number of 7 digits').not.toBe('');
    return { number, time };
  }

  /** A POST beside the browser's own, with its cookies: what a second click or tab would send. */
  async posts(url: string, fields: Record<string, string>): Promise<number> {
    const origin = new URL(url).origin;
    const options = { form: fields, maxRedirects: 0, headers: { Origin: origin } };
    return (await this.page.request.post(url, options)).status();
  }

  /** What the form with this field would send now. */
  async formFields(fieldName: string): Promise<Record<string, string>> {
    return this.page.locator('form').filter({ has: this.field(fieldName) }).evaluate((form) => {
      const all = new FormData(form as HTMLFormElement).entries();
      return Object.fromEntries([...all].map(([name, value]) => [name, String(value)]));
    });
  }
}
