// Not a test of its own: opens every screen of the catalogue by its button and takes its picture,
// for bin/screens. Fails where a button does not lead to its screen.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../support/test';

interface Way {
  portal: string;
  key: string;
  screen: string;
  case: string;
}

const WIDTHS = [1280, 390];
const PER_SCREEN_MILLISECONDS = 20_000;
const folder = process.env.MADOGUCHI_PICTURES ?? '';
const wanted = (process.env.MADOGUCHI_PICTURED ?? '').split(' ').filter((slug) => slug !== '');
const PORTALS = ['shirakaba', 'kodama', 'minori', 'inaho', 'aoba', 'token'];

for (const portal of PORTALS.filter((slug) => wanted.length === 0 || wanted.includes(slug))) {
  test(`pictures of ${portal}`, async ({ page, server, browser }) => {
    const ways: Way[] = await (await fetch(`${server.url}/qa/screens/ways.json`)).json();
    const own = ways.filter((way) => way.portal === portal);
    test.setTimeout(60_000 + own.length * PER_SCREEN_MILLISECONDS);
    mkdirSync(join(folder, portal), { recursive: true });
    await page.close();
    for (const way of own) {
      const context = await browser.newContext({ baseURL: server.url, locale: 'ja-JP' });
      const view = await context.newPage();
      await view.goto(`/qa/screens?portal=${portal}&flow=${way.screen.slice(0, 3)}`);
      await view.locator(`button[name=key][value="${way.key}"]`).click();
      const name = `${portal} ${way.key} ${way.case}`;
      await expect.soft(view.locator('body'), name).toHaveAttribute('data-screen', way.screen);
      for (const width of WIDTHS) {
        await view.setViewportSize({ width, height: 844 });
        const path = join(folder, portal, `${way.key}-${width}.png`);
        await view.screenshot({ path, fullPage: true });
      }
      await context.close();
    }
  });
}
