// The test function of all specs: a portal with fresh demo data, and a customer in front of it.

import { test as base } from '@playwright/test';
import { Watcher } from './checks';
import { Customer } from './customer';
import { Portal } from './portal';
import { Server } from './server';

interface PerTest {
  /** The portal that the customer goes to. */
  slug: string;
  portal: Portal;
  customer: Customer;
}

interface PerWorker {
  server: Server;
}

export const test = base.extend<PerTest, PerWorker>({
  server: [
    async ({}, use, workerInfo) => {
      const server = await Server.of(String(workerInfo.workerIndex));
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  slug: ['shirakaba', { option: true }],
  baseURL: async ({ server }, use) => use(server.url),
  portal: async ({ server }, use) => {
    const portal = new Portal(server.url);
    await portal.reset();
    await use(portal);
  },
  customer: async ({ portal, page, javaScriptEnabled, slug }, use, testInfo) => {
    const isAlsoNarrow = testInfo.tags.includes('@desk');
    const watcher = new Watcher(page, javaScriptEnabled ?? true, isAlsoNarrow);
    await use(new Customer(page, portal, watcher, slug));
  },
});

export { expect } from '@playwright/test';
