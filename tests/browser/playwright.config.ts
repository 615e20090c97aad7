// The browser tests: each flow on a PC and a phone, with and without JavaScript.
//
// Tags: @script needs JavaScript; @noscript is about its absence; @once looks at rules rather than
// pages and runs on the PC only; @rule shows how the portal answers, on screens that other tests
// bring to a phone without JavaScript: there it would show nothing new.
// The project "final" runs last, whatever failed: the HTML checker and the list of screens seen.

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
const pc = { ...chromium, viewport: { width: 1280, height: 900 } };
const phone = {
  ...chromium,
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
  timeout: 60_000,
  expect: { timeout: 5_000 },
  reporter: [['list'], ['json', { outputFile: 'out/results.json' }]],
  projects: [
    { name: 'setup', testMatch: /setup\.ts$/, teardown: 'final' },
    { name: 'pc', use: pc, grepInvert: /@noscript/, dependencies: ['setup'] },
    { name: 'phone', use: phone, grepInvert: /@once|@noscript/, dependencies: ['setup'] },
    {
      name: 'pc-noscript',
      use: { ...pc, javaScriptEnabled: false },
      grepInvert: /@once|@script/,
      dependencies: ['setup'],
    },
    {
      name: 'phone-noscript',
      use: { ...phone, javaScriptEnabled: false },
      grepInvert: /@once|@script|@rule/,
      dependencies: ['setup'],
    },
    { name: 'final', testMatch: /final\.ts$/ },
  ],
});
