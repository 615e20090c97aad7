// What holds on every page, whatever it shows. `check` is called for each page a test comes to.

import { expect, type Page, type Response } from '@playwright/test';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { outDir } from './server';

const PAGE_BYTES_MAX = 60 * 1024;
const PHONE = { width: 390, height: 844 };
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

interface Look {
  screen: string;
  footer: string;
  headings: number;
  title: string;
  language: string;
  bytes: number;
  contentWidth: number;
  isDark: boolean;
  /** Made by script from templates: the document alone doesn't say what shows. */
  isMade: boolean;
}

function isPage(response: Response): boolean {
  return (response.headers()['content-type'] ?? '').startsWith('text/html');
}

/** Watches one page: its last document and whatever went wrong in the browser. */
export class Watcher {
  private document?: Response;
  private readonly troubles: string[] = [];

  constructor(
    private readonly page: Page,
    private readonly hasScript: boolean,
    /** Whether each page is looked at in a phone's width too. */
    private readonly isAlsoNarrow: boolean,
  ) {
    page.on('response', (response) => this.seeResponse(response));
    page.on('pageerror', (error) => this.troubles.push(`script error: ${error.message}`));
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      // A navigation that a newer one replaced is no fault, nor is a network that a test took away.
      const isMeant = ['net::ERR_ABORTED', 'net::ERR_INTERNET_DISCONNECTED'].includes(reason);
      if (!isMeant) this.troubles.push(`${request.url()}: ${reason}`);
    });
    page.on('console', (message) => {
      // Chromium also reports the page's own 404 or 422 here.
      const isOwnStatus = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isOwnStatus) this.troubles.push(message.text());
    });
  }

  /** Width of the window. A phone's own idea of it would grow with what doesn't fit. */
  private get width(): number {
    return this.page.viewportSize()?.width ?? 0;
  }

  private seeResponse(response: Response): void {
    const request = response.request();
    if (request.isNavigationRequest()) {
      const isRedirect = response.status() >= 300 && response.status() < 400;
      if (request.frame() === this.page.mainFrame() && !isRedirect) this.document = response;
    } else if (request.method() === 'POST' && isPage(response) && response.status() === 422) {
      // A form that a script sent: its page takes the place of the one before.
      this.document = response;
    } else if (response.status() >= 400) {
      this.troubles.push(`${response.url()}: ${response.status()}`);
    }
  }

  /** Status of the page that shows. */
  get status(): number {
    return this.document?.status() ?? 0;
  }

  /** The HTML of the page that shows, as the server sent it. */
  async html(): Promise<string> {
    return (await this.document?.text()) ?? '';
  }

  /** All checks on the page that shows now. Gives back its screen id. */
  async check(): Promise<string> {
    await this.page.waitForLoadState('load');
    const look = await this.page.evaluate(lookAtPage);
    const at = `${look.screen} ${this.page.url()}`;
    expect.soft(look.screen, `${at}: names its screen`).not.toBe('');
    expect.soft(look.footer, `${at}: shows its screen id`).toContain(look.screen);
    expect.soft(look.headings, `${at}: has one h1`).toBe(1);
    expect.soft(look.title, `${at}: has a title`).not.toBe('');
    expect.soft(look.language, `${at}: says its language`).toBe('ja');
    expect.soft(look.bytes, `${at}: weighs little`).toBeLessThan(PAGE_BYTES_MAX);
    expect.soft(look.contentWidth, `${at}: fits its width`).toBeLessThanOrEqual(this.width);
    expect.soft(this.troubles, `${at}: nothing went wrong in the browser`).toEqual([]);
    await this.keep(look);
    if (this.isAlsoNarrow) await this.checkNarrow(at);
    return look.screen;
  }

  /** The same page in a phone's width, and back. */
  private async checkNarrow(at: string): Promise<void> {
    const own = this.page.viewportSize();
    if (own === null || own.width <= PHONE.width) return;
    await this.page.setViewportSize(PHONE);
    const look = await this.page.evaluate(lookAtPage);
    expect.soft(look.contentWidth, `${at}: fits a phone`).toBeLessThanOrEqual(PHONE.width);
    await this.keep(look);
    await this.page.setViewportSize(own);
  }

  private async keep(look: Look): Promise<void> {
    const html = look.isMade && this.hasScript ? await this.page.content() : await this.html();
    const digest = digestOf(html);
    write(join('screens', `${look.screen || 'none'}-${this.width}`), '');
    write(join('html', `${look.screen || 'none'}-${digest}.html`), html);
    if (!this.hasScript) return;
    const scheme = look.isDark ? '-dark' : '';
    const picture = join(outDir, `${look.screen}${scheme}-${this.width}.png`);
    if (!existsSync(picture)) await this.page.screenshot({ path: picture, fullPage: true });
    // As script has made it since: one document may show many screens.
    const key = `${this.width}${scheme}-${digestOf(await this.page.content())}`;
    if (isFirst(key)) {
      expect.soft(await this.axe(), `${look.screen}: no barrier found by axe`).toEqual([]);
    }
  }

  /** The source goes in as an expression: the content security policy refuses script elements. */
  private async axe(): Promise<string[]> {
    await this.page.evaluate(`${axeSource};0`);
    return this.page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      const rules = { 'target-size': { enabled: true } };
      // Without preloading, which would fetch the style sheet by script; what passes need not be
      // listed, which takes a third of the time.
      const resultTypes = ['violations' as const];
      const result = await axe.run(document, { preload: false, rules, resultTypes });
      return result.violations.flatMap((found) =>
        found.nodes.map((node) => `${found.id}: ${node.html.slice(0, 200)}`),
      );
    });
  }
}

function lookAtPage(): Look {
  const timings = [
    ...performance.getEntriesByType('navigation'),
    ...performance.getEntriesByType('resource'),
  ] as PerformanceResourceTiming[];
  const root = document.documentElement;
  return {
    screen: document.body.dataset.screen ?? '',
    footer: document.querySelector('body > footer, footer')?.textContent ?? '',
    headings: document.querySelectorAll('h1').length,
    title: document.title,
    language: root.lang,
    bytes: timings.reduce((sum, timing) => sum + timing.encodedBodySize, 0),
    contentWidth: root.scrollWidth,
    isDark: matchMedia('(prefers-color-scheme: dark)').matches,
    isMade: document.querySelector('template') !== null,
  };
}

function digestOf(html: string): string {
  return createHash('sha256').update(withoutSecrets(html)).digest('hex').slice(0, 12);
}

/** The HTML without what differs from one showing to the next: keys, flow ids, serials, numbers. */
export function withoutSecrets(html: string): string {
  return html
    .replace(/(["/=])(?=[\w-]*[A-Z0-9])[\w-]{20,}(?=["/?&#])/g, '$1ID')
    .replace(/MDG[A-Z2-9]{9}/g, 'MDG')
    .replace(/(初期パスワード<\/dt><dd class="amount">)\S{8,}?(?=<)/g, '$1')
    .replace(/\d/g, '0');
}

/**
 * Whether no test of this run, in whichever worker, has come to this page yet. Who is first puts it
 * through axe and fails if axe does, so who comes later may rely on that. Counts both.
 */
function isFirst(key: string): boolean {
  const file = join(outDir, 'axe', key);
  mkdirSync(join(file, '..'), { recursive: true });
  let isNew = true;
  try {
    closeSync(openSync(file, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    isNew = false;
  }
  appendFileSync(file, '.');
  return isNew;
}

function write(path: string, text: string): void {
  const whole = join(outDir, path);
  mkdirSync(join(whole, '..'), { recursive: true });
  writeFileSync(whole, text);
}
