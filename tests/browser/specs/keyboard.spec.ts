// A start from first to last without a mouse.

import type { Page } from '@playwright/test';
import { hanako, hanakoToken } from '../support/people';
import { expect, test } from '../support/test';

const TABS_MAX = 120;

/** Tab until something that fits has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if (await focused.evaluateAll((all, wanted) => all[0]?.matches(wanted), selector)) return;
  }
  throw new Error(`Tab does not lead to ${selector}`);
}

async function tabToControl(page: Page, words: string): Promise<void> {
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    await page.keyboard.press('Tab');
    const look = await page.evaluate(() => {
      const focused = document.activeElement as HTMLElement;
      const style = getComputedStyle(focused);
      const shows = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      const isControl = focused.matches('a, button, input[type="submit"]');
      return { words: isControl ? focused.textContent?.trim() : '', shows };
    });
    if (look.words === words) {
      expect(look.shows, `the focus shows on ${words}`).toBe(true);
      return;
    }
  }
  throw new Error(`Tab does not lead to ${words}`);
}

/** Arrow keys until the radio button with this value is chosen. */
async function arrowTo(page: Page, name: string, value: string): Promise<void> {
  await tabTo(page, `[name="${name}"]`);
  await page.keyboard.press('Space');
  const wanted = page.locator(`[name="${name}"][value="${value}"]`);
  for (let steps = 0; steps < 24 && !(await wanted.isChecked()); steps += 1) {
    await page.keyboard.press('ArrowDown');
  }
  await expect(wanted).toBeChecked();
}

test('a start by keyboard alone', async ({ customer, portal, page }) => {
  await customer.open('/login');
  await customer.sees('BLG001');
  await tabToControl(page, '利用開始');
  await customer.leads(() => page.keyboard.press('Enter'));
  await customer.sees('BOM101');
  await tabTo(page, '[name="login_id"]');
  await page.keyboard.type(hanako.loginId);
  await tabTo(page, '[name="password"]');
  await page.keyboard.type(hanako.password);
  await customer.leads(() => page.keyboard.press('Enter'));

  await customer.sees('BOM102');
  const cells = await customer.cellsAsked();
  await tabTo(page, '[name="serial"]');
  await page.keyboard.type(hanakoToken);
  await tabTo(page, '[name="otp"]');
  await page.keyboard.type(portal.code(hanakoToken));
  await arrowTo(page, 'login_choice', 'not_required');
  for (const [index, cell] of cells.entries()) {
    await arrowTo(page, `picture_${index + 1}`, await portal.picture(hanako.loginId, cell));
  }
  await tabToControl(page, '登録');
  await customer.leads(() => page.keyboard.press('Enter'));
  await customer.sees('BOM103');
});
