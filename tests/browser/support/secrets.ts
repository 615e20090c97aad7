// Looks through everything that a script in the page can read of what the browser keeps, for the
// secret of a token in any form.

import type { Page } from '@playwright/test';

/** A key as a script sees it. */
export interface SeenKey {
  type: string;
  extractable: boolean;
  usages: string[];
  algorithm: string;
  /** Formats in which the browser gave it away. */
  given: string[];
}

/** What a script finds: keys, and everything else as hexadecimal bytes with its place. */
export interface Found {
  keys: SeenKey[];
  values: { place: string; hex: string }[];
}

/** Everything below IndexedDB, the storages, cookies, caches and the page's own state. */
export function readEverything(page: Page): Promise<Found> {
  return page.evaluate(async () => {
    const found: Found = { keys: [], values: [] };
    const text = new TextEncoder();
    const note = (place: string, bytes: Uint8Array) => {
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      found.values.push({ place, hex });
    };
    const seeKey = async (key: CryptoKey) => {
      const given: string[] = [];
      const cipher = { name: 'AES-GCM', length: 256 };
      const own = await crypto.subtle.generateKey(cipher, true, ['wrapKey']);
      for (const format of ['raw', 'jwk', 'pkcs8', 'spki'] as const) {
        const iv = { name: 'AES-GCM', iv: new Uint8Array(12) };
        const ways = [
          () => crypto.subtle.exportKey(format as 'raw', key),
          () => crypto.subtle.wrapKey(format, key, own, iv),
        ];
        for (const way of ways) await way().then(() => given.push(format), () => {});
      }
      const { name, hash } = key.algorithm as HmacKeyAlgorithm;
      const algorithm = hash ? `${name} ${hash.name}` : name;
      const { type, extractable, usages } = key;
      found.keys.push({ type, extractable, usages: [...usages], algorithm, given });
    };
    const see = async (place: string, value: unknown): Promise<void> => {
      if (value instanceof CryptoKey) return seeKey(value);
      if (value instanceof ArrayBuffer) return note(place, new Uint8Array(value));
      if (ArrayBuffer.isView(value)) return note(place, new Uint8Array(value.buffer));
      if (value instanceof Blob) return note(place, new Uint8Array(await value.arrayBuffer()));
      if (value === null || typeof value !== 'object') return note(place, text.encode(`${value}`));
      const entries = value instanceof Map ? [...value] : Object.entries(value);
      for (const [name, inner] of entries) await see(`${place}/${String(name)}`, inner);
    };
    const asked = <T>(request: IDBRequest<T>) =>
      new Promise<T>((done, failed) => {
        request.onsuccess = () => done(request.result);
        request.onerror = () => failed(request.error);
      });
    for (const { name = '' } of await indexedDB.databases()) {
      const db = await asked(indexedDB.open(name));
      for (const store of db.objectStoreNames) {
        const rows = db.transaction(store).objectStore(store);
        const [keys, values] = await Promise.all([asked(rows.getAllKeys()), asked(rows.getAll())]);
        await see(`indexedDB/${name}/${store}`, { keys, values });
      }
      db.close();
    }
    await see('localStorage', { ...localStorage });
    await see('sessionStorage', { ...sessionStorage });
    await see('cookies', document.cookie);
    await see('page', { address: location.href, name: window.name, state: history.state });
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const answer = await cache.match(request);
        await see(`caches ${request.url}`, await answer?.arrayBuffer());
        await see(`caches ${request.url} headers`, [...(answer?.headers ?? [])]);
      }
    }
    return found;
  });
}

/** The places in which the secret stands, raw or in a common form of it. */
export function placesOf(secret: Buffer, { values }: Found): string[] {
  const texts = [
    secret.toString('hex'),
    secret.toString('hex').toUpperCase(),
    secret.toString('base64').replace(/=+$/, ''),
    secret.toString('base64url'),
    base32(secret),
    base32(secret).toLowerCase(),
    [...secret].join(','),
  ];
  const buffers = [secret, ...texts.map((text) => Buffer.from(text))];
  const forms = buffers.map((one) => one.toString('hex'));
  const has = (hex: string) => forms.some((form) => hex.includes(form));
  return values.filter(({ hex }) => has(hex)).map(({ place }) => place);
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648, section 6, without padding. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => LETTERS[parseInt(group.padEnd(5, '0'), 2)]).join('');
}

/** The secret in an `otpauth://` address. */
export function secretIn(otpauth: string): Buffer {
  const letters = new URL(otpauth).searchParams.get('secret') ?? '';
  const five = (letter: string) => LETTERS.indexOf(letter).toString(2).padStart(5, '0');
  const bits = [...letters].map(five).join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => parseInt(byte, 2)));
}
