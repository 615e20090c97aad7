// After all others: the HTML of every page that was visited, and which screens were.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { outDir } from '../support/server';

/** Screens that the tests must have come to. */
const EXPECTED = [
  ...['BLG001', 'BLG010', 'BLG011', 'BLG012', 'BLG013', 'BLG014', 'BLG090', 'BLG091', 'BLG095'],
  ...['BAL010', 'BAL011', 'BAL012', 'BAL020', 'BAL021', 'BAL022', 'BAL030', 'BAL031', 'BAL032'],
  ...['BAD100', 'BAU010', 'BAU011', 'BAU100', 'BAU101', 'BAU102', 'BAU103', 'BAU104', 'BAU109'],
  ...['BAU105', 'BAU106', 'BAU107', 'BAU108', 'BAU110', 'BAU111', 'BAU112', 'STF040'],
  ...['BHL001', 'BHL002', 'BHL003', 'BHL004', 'BTP001'],
  ...['BHL005', 'BHL006', 'BFT050'],
  ...['BER110', 'BER400', 'BER403', 'BER404', 'BER409', 'BER500', 'BER503'],
  ...['BOM101', 'BOM102', 'BOM103', 'BOM111', 'BOM112', 'BOM113', 'BOM114'],
  ...['BOM121', 'BOM122', 'BOM123'],
  ...['BOR001', 'BOR002', 'BOR003', 'BOR011', 'BOR012', 'BOR013'],
  ...['BOT000', 'BOT001', 'BOT002', 'BOT003', 'BOT011', 'BOT012', 'BOS001', 'BOS002'],
  ...['BAC001', 'BAC010'],
  ...['BLM001', 'BLM002', 'BLM003'],
  ...['BTR001', 'BTR002', 'BTR003', 'BTR004', 'BTR005', 'BTR020', 'BTR021', 'BTR022'],
  ...['BTR030', 'BTR031', 'BTR032', 'BTR040'],
  ...['BPE001', 'BPE002', 'BPE003', 'BPE004', 'BPE005'],
  ...['BFT000', 'BFT010', 'BFT011', 'BFT012', 'BFT013', 'BFT020', 'BFT021', 'BFT022'],
  ...['BFT030', 'BFT031', 'BFT040', 'BEF001', 'BEF002', 'BEF003', 'BEF011', 'BEF012', 'BEF013'],
  ...['BCI001', 'BCI002', 'BCI003'],
  ...['BLG020', 'BAD001', 'BAU001', 'BAU010', 'BAU011', 'BAU020', 'BAU021', 'BAU060'],
  ...['BLG016', 'BCE001', 'BCE002', 'BCE003', 'BAU115', 'BAU116', 'STF023'],
  ...['BAU070', 'BAU071', 'BAU080', 'BAU081'],
  ...['BLG015', 'BAU030', 'BAU031', 'BAU032', 'BAU033', 'BAU034'],
  ...['BAU040', 'BAU041', 'BAU050', 'BAU051'],
  ...['BMB001', 'BMB002', 'BMB003', 'BMB004'],
  ...['BSP001', 'BSP002'],
  ...['STF001', 'STF002', 'STF010', 'STF011', 'STF012', 'STF013'],
  ...['STF020', 'STF021', 'STF022', 'STF030', 'STF050'],
  ...['STF060', 'STF070', 'STF080', 'STF090'],
  ...['TOK000', 'TOK001', 'TOK002', 'TOK003', 'TOK004', 'TOK005'],
];
/** Of the projects: PC and phone. */
const WIDTHS = [1280, 390];

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
  // The compiler for long runs costs more here than it saves.
  const java = ['-Xss4m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
  const args = [...java, '-jar', jar, '--format', 'json', '--exit-zero-always', ...pages];
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

test('every page went through axe, or was like one that did', () => {
  const times = folder('axe').map((name) => statSync(join(outDir, 'axe', name)).size);
  const shown = times.reduce((sum, each) => sum + each, 0);
  if (!process.env.MADOGUCHI_BROWSER_PARTIAL) expect(times.length).toBeGreaterThan(0);
  console.log(`axe: ${times.length} checked, ${shown - times.length} times shown again unchanged`);
});

/** Every screen of the portals and of the app, from the table that pages are made with. */
function screensInTable(): string[] {
  const table = readFileSync(resolve(__dirname, '../../../src/web/screens.rs'), 'utf8');
  return [...table.matchAll(/^ {4}([A-Z]{3}\d{3}) = \("/gm)].map(([, id]) => id ?? '');
}

test('no screen of the table is left out', () => {
  const table = screensInTable();
  expect(table.length).toBeGreaterThan(50);
  expect(table.filter((screen) => !EXPECTED.includes(screen))).toEqual([]);
});

test('the screens were seen at both widths', () => {
  const seen = folder('screens').sort();
  const wanted = EXPECTED.flatMap((screen) => WIDTHS.map((width) => `${screen}-${width}`));
  const missing = wanted.filter((screen) => !seen.includes(screen));
  console.log(`seen: ${seen.join(' ')}`);
  console.log(`not seen: ${missing.join(' ') || '(none)'}`);
  if (!process.env.MADOGUCHI_BROWSER_PARTIAL) expect(missing).toEqual([]);
});
