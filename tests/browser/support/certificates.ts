// A portal with a TLS listener for client certificates, and a browser that shows one.

import { readFileSync } from 'node:fs';
import type { Browser, Page, TestInfo } from '@playwright/test';
import { Watcher } from './checks';
import { Customer } from './customer';
import type { Portal } from './portal';
import type { Server } from './server';

export interface Certificate {
  file: Buffer;
  passPhrase: string;
}

/** The pass phrase of BCE003 and the file behind its button. */
export async function downloads(page: Page): Promise<Certificate> {
  const passPhrase = (await page.locator('code').textContent()) ?? '';
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: '証明書をダウンロードする' }).click();
  const download = await coming;
  return { file: readFileSync(await download.path()), passPhrase };
}

/** A customer at the TLS listener, with the certificate installed. */
export async function withCertificate(
  browser: Browser,
  { project, tags }: TestInfo,
  server: Server,
  portal: Portal,
  certificate: Certificate,
): Promise<Customer> {
  const { viewport, hasTouch, isMobile, locale, timezoneId, javaScriptEnabled } = project.use;
  const origin = server.certificateUrl;
  const context = await browser.newContext({
    ...{ viewport, hasTouch, isMobile, locale, timezoneId, javaScriptEnabled },
    baseURL: origin,
    ignoreHTTPSErrors: true,
    clientCertificates: [{ origin, pfx: certificate.file, passphrase: certificate.passPhrase }],
  });
  const page = await context.newPage();
  const watcher = new Watcher(page, javaScriptEnabled ?? true, tags.includes('@desk'));
  return new Customer(page, portal, watcher, 'aoba');
}
