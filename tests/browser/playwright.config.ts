// The browser tests: each flow on a PC and a phone, with and without JavaScript.
//
// Tags: @script needs JavaScript; @noscript is about its absence; @once looks at rules rather than
// pages and runs on the PC only; @rule shows how the portal answers, on screens that other tests
// bring to a phone without JavaScript: without it they run in a PC's width; @desk is what companies
// and staff do at a desk: the run on the PC looks at each of its pages in a phone's width as well;
// @one-process cannot work where several servers answer in turn, and bin/scale-out leaves it out.
// The project "final" runs last, whatever failed: the HTML checker and the list of screens seen.

import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const chromium = {
  browserName: 'chromium' as const,
  headless: true,
  locale: 'ja-JP',
  timezoneId: 'Asia/Tokyo',
  screenshot: 'only-on-failure' as const,
  launchOptions: {
    executablePath: process.env.MADOGUCHI_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  },
};
// The browser without windows, where it is installed, is the same engine and version, and shows the
// same pages for a third of the work. What people have is what the project "pc" uses.
const shell = '/usr/bin/chromium-headless-shell';
const withoutWindows = {
  launchOptions: {
    ...chromium.launchOptions,
    executablePath:
      process.env.MADOGUCHI_CHROMIUM ?? (existsSync(shell) ? shell : '/usr/bin/chromium'),
  },
};
const withoutScript = { ...withoutWindows, javaScriptEnabled: false };
const pc = { ...chromium, viewport: { width: 1280, height: 900 } };
const phone = {
  ...chromium,
  ...withoutWindows,
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};

export default defineConfig({
  testDir: 'specs',
  outputDir: 'out/failures',
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  // A guard against hanging: a flow through a dozen checked pages takes a while on a busy machine.
  timeout: 150_000,
  expect: { timeout: 5_000 },
  reporter: [['list'], ['json', { outputFile: 'out/results.json' }]],
  projects: [
    { name: 'setup', testMatch: /setup\.ts$/, teardown: 'final' },
    { name: 'pc', use: pc, grepInvert: /@noscript/, dependencies: ['setup'] },
    { name: 'phone', use: phone, grepInvert: /@once|@noscript|@desk/, dependencies: ['setup'] },
    // Without JavaScript each test runs once, in the width that suits it: the pages are the same.
    {
      name: 'pc-noscript',
      use: { ...pc, ...withoutScript },
      grep: /@rule|@desk/,
      grepInvert: /@once|@script/,
      dependencies: ['setup'],
    },
    {
      name: 'phone-noscript',
      use: { ...phone, ...withoutScript },
      grepInvert: /@once|@script|@rule|@desk/,
      dependencies: ['setup'],
    },
    { name: 'final', testMatch: /final\.ts$/ },
    // Only for bin/screens.
    ...(process.env.MADOGUCHI_PICTURES === undefined
      ? []
      : [{ name: 'pictures', testMatch: /pictures\.ts$/, use: { ...pc, ...withoutWindows } }]),
    // Only for bin/lighthouse.
    ...(process.env.MADOGUCHI_LIGHTHOUSE === undefined
      ? []
      : [{ name: 'lighthouse', testMatch: /lighthouse\.ts$/, use: chromium }]),
  ],
});
