// Nothing that script can read or export of what the token app keeps is a usable secret.

import { expect, test, type Phone } from '../support/phone';
import type { Portal } from '../support/portal';
import { placesOf, readEverything, secretIn, type SeenKey } from '../support/secrets';

const KEPT = 'indexedDB/madoguchi-token/credentials';
const WAITING = 'indexedDB/madoguchi-token/waiting';

/** The secret as the portal has it; only the demo's token wall tells it. */
async function secretOf(portal: Portal, serial: string): Promise<Buffer> {
  const { tokens } = await portal.tokens();
  const secret = secretIn(tokens.find((token) => token.serial === serial)?.otpauth ?? '');
  expect(secret.length, 'the secret is known').toBe(20);
  return secret;
}

const held = (hash: string): SeenKey => ({
  type: 'secret',
  extractable: false,
  usages: ['sign'],
  algorithm: `HMAC ${hash}`,
  given: [],
});

/** Puts the secret where an app that is careless would have it. */
async function plants(phone: Phone, secret: Buffer): Promise<void> {
  await phone.page.evaluate(async ([hex, base64]) => {
    const bytes = Uint8Array.from(hex!.match(/../g)!, (byte) => parseInt(byte, 16));
    localStorage.setItem('planted', JSON.stringify({ secret: base64 }));
    sessionStorage.setItem('planted', hex!);
    document.cookie = `planted=${hex}; path=/`;
    await (await caches.open('planted')).put('/planted', new Response(base64));
    const request = indexedDB.open('planted', 1);
    await new Promise((done) => {
      request.onupgradeneeded = () => request.result.createObjectStore('planted');
      request.onsuccess = done;
    });
    const stored = request.result.transaction('planted', 'readwrite');
    stored.objectStore('planted').put({ inside: [{ bytes }] }, 'key');
    const cipher = { name: 'HMAC', hash: 'SHA-1' };
    const key = await crypto.subtle.importKey('raw', bytes, cipher, true, ['sign']);
    const other = request.result.transaction('planted', 'readwrite');
    other.objectStore('planted').put(key, 'open key');
    await new Promise((done) => (other.oncomplete = done));
    request.result.close();
  }, [secret.toString('hex'), secret.toString('base64')]);
}

test('what script can read or export is no secret @script', async ({ phone, portal }) => {
  const secrets = [];
  for (const institution of ['しらかば信用金庫', 'こだま信用金庫']) {
    const serial = await phone.makesCredential(institution);
    secrets.push(await secretOf(portal, serial));
  }
  await phone.page.evaluate(() => navigator.serviceWorker.ready);
  const found = await readEverything(phone.page);
  const pair = [held('SHA-1'), held('SHA-256')];
  expect(found.keys, 'two keys a credential, both closed').toEqual([...pair, ...pair]);
  for (const secret of secrets) expect(placesOf(secret, found)).toEqual([]);

  const places = found.values.map(({ place }) => place);
  const fields = places.filter((place) => place.startsWith(`${KEPT}/values/0/`));
  const names = fields.map((place) => place.split('/').at(-1));
  const known = ['digits', 'expiresAt', 'id', 'institution', 'period', 'portal', 'serial'];
  expect(names.sort(), 'no other field').toEqual([...known, 'setUpAt', 'theme']);
  expect(places.filter((place) => place.startsWith(WAITING)), 'no key pair waits').toEqual([]);
  const elsewhere = places.filter((place) => !/^(indexedDB|caches|page|cookies$)/.test(place));
  expect(elsewhere, 'nothing in the storages').toEqual([]);
  expect(found.values.find(({ place }) => place === 'cookies')?.hex, 'no cookie').toBe('');
  expect(await phone.context.cookies(), 'not even one that script cannot read').toEqual([]);
  expect(places.filter((place) => place.includes('/api/')), 'no answer is kept').toEqual([]);
  expect(places.filter((place) => place.includes('caches ')).length).toBeGreaterThan(10);
});

test('a secret that an app left lying about would be found @script', async ({ phone, portal }) => {
  const secret = await secretOf(portal, await phone.makesCredential());
  await plants(phone, secret);
  const found = await readEverything(phone.page);
  expect(placesOf(secret, found).sort()).toEqual([
    expect.stringMatching(/^caches .*planted$/),
    'cookies',
    'indexedDB/planted/planted/values/0/inside/0/bytes',
    'localStorage/planted',
    'sessionStorage/planted',
  ]);
  const open = found.keys.filter((key) => key.extractable || key.given.length > 0);
  expect(open.length, 'and the key that can be exported').toBe(1);
  expect(open[0]?.given).toEqual(['raw', 'raw', 'jwk', 'jwk']);
});

test('while an answer is awaited no private key can be had @script', async ({ phone }) => {
  await phone.open();
  await phone.sees('TOK000');
  const make = phone.button(/しらかば信用金庫/);
  await expect(make).toBeVisible();
  await phone.context.setOffline(true);
  await make.click();
  await expect(phone.part('error')).toContainText('サーバーにつながりません');
  const waiting = await readEverything(phone.page);
  expect(waiting.keys.map(({ type, extractable }) => `${type} ${extractable}`).sort()).toEqual([
    'private false',
    'public true',
  ]);
  const closed = waiting.keys.find(({ type }) => type === 'private');
  expect(closed).toMatchObject({ algorithm: 'ECDH', usages: ['deriveKey'], given: [] });

  await phone.context.setOffline(false);
  await make.click();
  await phone.sees('TOK002');
  const done = await readEverything(phone.page);
  expect(done.keys).toEqual([held('SHA-1'), held('SHA-256')]);
});
