// After all others: the HTML of every page that was visited, and which screens were.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { outDir } from '../support/server';

/** Screens that the tests must have come to. */
const EXPECTED = [
  ...['BLG001', 'BLG010', 'BLG011', 'BLG012', 'BLG013', 'BLG014', 'BLG090', 'BLG091', 'BLG095'],
  ...['BHL001', 'BHL002', 'BHL003', 'BHL004', 'BTP001'],
  ...['BER110', 'BER400', 'BER403', 'BER404', 'BER409', 'BER500', 'BER503'],
  ...['BOM101', 'BOM102', 'BOM103', 'BOM111', 'BOM112', 'BOM113', 'BOM114'],
  ...['BOM121', 'BOM122', 'BOM123'],
  ...['BOR001', 'BOR002', 'BOR003', 'BOR011', 'BOR012', 'BOR013'],
  ...['BOT000', 'BOT001', 'BOT002', 'BOT003', 'BOT011', 'BOT012', 'BOS001', 'BOS002'],
  ...['BCI001', 'BCI002', 'BCI003'],
  ...['BMB001', 'BMB002', 'BMB003', 'BMB004'],
  ...['BSP001', 'BSP002'],
  ...['TOK000', 'TOK001', 'TOK002', 'TOK003', 'TOK004'],
];

interface Finding {
  type: string;
  subType?: string;
  url: string;
  lastLine: number;
  message: string;
}

function folder(name: string): string[] {
  return existsSync(join(outDir, name)) ? readdirSync(join(outDir, name)) : [];
}

test('all pages are valid HTML', () => {
  test.setTimeout(180_000);
  const pages = folder('html').map((name) => join(outDir, 'html', name));
  expect(pages.length, 'pages visited').toBeGreaterThan(0);
  const jar = join(dirname(require.resolve('vnu-jar/package.json')), 'build', 'dist', 'vnu.jar');
  const args = ['-Xss1m', '-jar', jar, '--format', 'json', '--exit-zero-always', ...pages];
  const { stdout, stderr, status } = spawnSync('java', args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(status, stderr.slice(-2000)).toBe(0);
  const report = [stdout, stderr].find((text) => text.trimStart().startsWith('{')) ?? '';
  const { messages } = JSON.parse(report) as { messages: Finding[] };
  const errors = messages.filter((found) => found.type !== 'info');
  const places = errors.map((found) => {
    const page = found.url.split('/').at(-1);
    return `${page}:${found.lastLine}: ${found.message}`;
  });
  expect(places).toEqual([]);
  console.log(`${pages.length} pages, ${messages.length - errors.length} remarks`);
});

test('the screens were seen', () => {
  const seen = folder('screens').sort();
  const missing = EXPECTED.filter((screen) => !seen.includes(screen));
  console.log(`seen: ${seen.join(' ')}`);
  console.log(`not seen: ${missing.join(' ') || '(none)'}`);
  if (!process.env.MADOGUCHI_BROWSER_PARTIAL) expect(missing).toEqual([]);
});
