// What the app keeps: credentials, whose keys script can use but not read, and the key pairs of
// set-ups that have no answer yet.

const NAME = 'madoguchi-token';
const HELD = 'credentials';
const WAITING = 'waiting';

let opened;

function open() {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(HELD, { keyPath: 'id' });
      request.result.createObjectStore(WAITING, { keyPath: 'id' });
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return opened;
}

/** Runs `act` on the stores in one transaction; done once it is on disk. */
async function transact(mode, act) {
  const db = await open();
  return new Promise((done, failed) => {
    const transaction = db.transaction([HELD, WAITING], mode, { durability: 'strict' });
    const request = act(transaction.objectStore(HELD), transaction.objectStore(WAITING));
    transaction.oncomplete = () => done(request?.result);
    transaction.onabort = () => failed(transaction.error);
  });
}

/** All credentials, in the order in which they were made. */
export async function list() {
  const all = await transact('readonly', (held) => held.getAll());
  return all.sort((a, b) => (a.setUpAt < b.setUpAt ? -1 : 1));
}

export function find(id) {
  return transact('readonly', (held) => held.get(id));
}

export function remove(id) {
  return transact('readwrite', (held) => held.delete(id));
}

/** Keeps a credential; the key pair by which it came is needed no longer. */
export function keep(credential, waitingId) {
  return transact('readwrite', (held, waiting) => {
    waiting.delete(waitingId);
    return held.put(credential);
  });
}

export function findWaiting(id) {
  return transact('readonly', (_, waiting) => waiting.get(id));
}

export function keepWaiting(id, pair) {
  return transact('readwrite', (_, waiting) => waiting.put({ id, pair }));
}

/** Asks the browser not to clear the storage when space is short. */
export async function persist() {
  return (await navigator.storage?.persist?.()) ?? false;
}
