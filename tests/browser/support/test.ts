// The test function of all specs: a portal with fresh demo data, and a customer in front of it.

import { test as base } from '@playwright/test';
import { Watcher } from './checks';
import { Customer } from './customer';
import { Portal } from './portal';
import { Server } from './server';

interface PerTest {
  /** The portal's address; `test.use({ root: '/minori' })` takes another. */
  root: string;
  portal: Portal;
  customer: Customer;
}

interface PerWorker {
  server: Server;
}

export const test = base.extend<PerTest, PerWorker>({
  server: [
    async ({}, use, workerInfo) => {
      const server = await Server.start(String(workerInfo.workerIndex));
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  portal: async ({ server }, use) => {
    const portal = new Portal(server.url);
    await portal.reset();
    await use(portal);
  },
  root: ['/shirakaba', { option: true }],
  customer: async ({ portal, page, javaScriptEnabled, root }, use) => {
    await use(new Customer(page, portal, new Watcher(page, javaScriptEnabled ?? true), root));
  },
});

export { expect } from '@playwright/test';
