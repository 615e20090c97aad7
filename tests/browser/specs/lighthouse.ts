// Not a test of the product's rules: Google's Lighthouse on the main screens, as a phone sees them,
// for bin/lighthouse. Prints a row for each screen; fails where one has fewer points than it must.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from '@playwright/test';
import type { Result, RunnerResult } from 'lighthouse';
import { freePort, outDir } from '../support/server';
import { expect, test } from '../support/test';

interface Screen {
  id: string;
  /** Its portal in the catalogue; missing: `path` leads there by itself. */
  portal?: string;
  path?: string;
}

const SCREENS: Screen[] = [
  { id: 'MDG000', path: '/' },
  { id: 'BLG001', portal: 'shirakaba' },
  { id: 'BTP001', portal: 'shirakaba' },
  { id: 'BAC001', portal: 'shirakaba' },
  { id: 'BAC010', portal: 'shirakaba' },
  { id: 'BTR001', portal: 'shirakaba' },
  { id: 'BAU060', portal: 'inaho' },
  { id: 'BAU100', portal: 'aoba' },
  { id: 'BFT040', portal: 'aoba' },
  { id: 'QAC040', path: '/qa/screens' },
];

const named = (process.env.MADOGUCHI_LIGHTHOUSE ?? '').split(' ').filter((id) => id !== '');
const strange = named.find((id) => !SCREENS.some((screen) => screen.id === id));
if (strange !== undefined) throw new Error(`Lighthouse looks at no screen ${strange}.`);
const wanted = SCREENS.filter(({ id }) => named.length === 0 || named.includes(id));

const LEAST: Record<string, number> = {
  performance: 98,
  accessibility: 100,
  'best-practices': 100,
};
const CATEGORIES = Object.keys(LEAST);
/** Speed is measured: what else runs on the machine costs points that the page doesn't owe. */
const ATTEMPTS_MAX = 3;
const WIDTHS = [8, 11, 13, 15, 16];

const row = (cells: (string | number)[]) =>
  cells.map((cell, column) => {
    const width = WIDTHS[column] ?? 0;
    return column < 2 ? String(cell).padEnd(width) : String(cell).padStart(width);
  }).join('').trimEnd();

const pointsOf = (result: Result, category: string) =>
  Math.round((result.categories[category]?.score ?? 0) * 100);

const lacks = (result: Result) =>
  CATEGORIES.filter((category) => pointsOf(result, category) < (LEAST[category] ?? 100));

/** The audits that cost points, each with the first places in the page. */
function costlyAudits(result: Result, category: string): string[] {
  const references = result.categories[category]?.auditRefs ?? [];
  return references.flatMap(({ id, weight }) => {
    const audit = result.audits[id];
    // An audit that broke has no score, and counts as none.
    const broke = audit?.scoreDisplayMode === 'error';
    if (!audit || weight === 0 || (audit.score === null && !broke) || audit.score === 1) return [];
    const found = broke ? audit.errorMessage : audit.displayValue;
    const head = `  ${category}: ${id}: ${audit.title}${found ? `: ${found}` : ''}`;
    return [head, ...placesOf(audit.details)];
  });
}

function placesOf(details: Result['audits'][string]['details']): string[] {
  const items: unknown[] = details !== undefined && 'items' in details ? details.items : [];
  return items.slice(0, 5).map((item) => {
    const { node } = item as { node?: { snippet?: string } };
    return `    ${(node?.snippet ?? JSON.stringify(item)).slice(0, 300)}`;
  });
}

/** Says what Lighthouse could not look at because of how the demo is served. */
function printLeftOut(result: Result): void {
  if (result.audits['redirects-http']?.scoreDisplayMode !== 'notApplicable') return;
  console.log('Not looked at: redirects-http (the demo speaks plain http on this machine).');
}

/** How quick the machine was, beside points for speed that may be missing because of it. */
const machineOf = (result: Result) =>
  `  performance: this machine's benchmark index was ${result.environment.benchmarkIndex}; ` +
  'below 1000 it is too slow or too busy to say much';

/** A browser with a port for Lighthouse, whose tabs share the cookies of the first one. */
async function withBrowser(
  options: { executablePath?: string; args?: string[] },
  use: (context: BrowserContext, port: number) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mdg-light-'));
  const port = await freePort();
  const args = [...(options.args ?? []), `--remote-debugging-port=${port}`];
  // Without a window size of Playwright's own: Lighthouse sets that of a phone.
  const settings = { ...options, args, viewport: null };
  const context = await chromium.launchPersistentContext(folder, settings);
  try {
    await use(context, port);
  } finally {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Goes to the screen, by the catalogue's button where it stands behind a login; its address. */
async function goTo(context: BrowserContext, base: string, screen: Screen): Promise<string> {
  const page = context.pages()[0] ?? (await context.newPage());
  if (screen.path !== undefined) {
    await page.goto(base + screen.path);
  } else {
    const flow = screen.id.slice(0, 3);
    await page.goto(`${base}/qa/screens?portal=${screen.portal}&flow=${flow}`);
    await page.locator(`button[name=key][value="${screen.id}.1"]`).click();
  }
  await expect(page.locator('body')).toHaveAttribute('data-screen', screen.id);
  const address = page.url();
  await page.goto('about:blank');
  return address;
}

/** One measurement with a cold cache, as somebody sees the screen who comes for the first time. */
async function measure(
  context: BrowserContext,
  port: number,
  address: string,
): Promise<RunnerResult> {
  const { default: lighthouse } = await import('lighthouse');
  // Not Lighthouse's own way to empty the cache, which would take the cookies along.
  const page = context.pages()[0];
  if (page === undefined) throw new Error('The browser has no page.');
  const session = await context.newCDPSession(page);
  await session.send('Network.clearBrowserCache');
  await session.detach();
  const result = await lighthouse(address, {
    port,
    disableStorageReset: true,
    formFactor: 'mobile',
    logLevel: 'error',
    onlyCategories: CATEGORIES,
    output: 'html',
  });
  if (result === undefined) throw new Error(`Lighthouse has no result for ${address}.`);
  const { runtimeError, finalDisplayedUrl } = result.lhr;
  if (runtimeError !== undefined) throw new Error(`${address}: ${runtimeError.message}`);
  if (finalDisplayedUrl !== address) throw new Error(`${address} led to ${finalDisplayedUrl}.`);
  return result;
}

/** Measures until it is quick enough; of several results, the quickest. */
async function best(context: BrowserContext, port: number, address: string): Promise<RunnerResult> {
  let chosen = await measure(context, port, address);
  for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt++) {
    if (pointsOf(chosen.lhr, 'performance') >= (LEAST.performance ?? 100)) break;
    const next = await measure(context, port, address);
    const gain = pointsOf(next.lhr, 'performance') - pointsOf(chosen.lhr, 'performance');
    if (gain > 0) chosen = next;
  }
  return chosen;
}

test.describe.configure({ timeout: 300_000 });

for (const [index, screen] of wanted.entries()) {
  test(screen.id, async ({ server, launchOptions }) => {
    if (index === 0) console.log(row(['screen', 'portal', ...CATEGORIES]));
    await withBrowser(launchOptions, async (context, port) => {
      const address = await goTo(context, server.url, screen);
      const { lhr: result, report } = await best(context, port, address);
      writeFileSync(join(outDir, `lighthouse-${screen.id}.html`), String(report));
      const points = CATEGORIES.map((category) => pointsOf(result, category));
      console.log(row([screen.id, screen.portal ?? '', ...points]));
      const short = lacks(result);
      for (const category of short) console.log(costlyAudits(result, category).join('\n'));
      if (short.includes('performance')) console.log(machineOf(result));
      if (index === wanted.length - 1) printLeftOut(result);
      if (short.length > 0) throw new Error(`${screen.id}: too few points`);
    });
  });
}
