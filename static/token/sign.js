// The text of a challenge and the code that signs it: docs/signed.md.

const SUITE = 'OCRA-1:HOTP-SHA256-8:QH64';
const DIGITS = 8;
const QUESTION_BYTES = 128;
const TEXT_MAX = 2000;

/** The lines in their order. No value holds what cannot be seen or turns the direction of text. */
const WORDS = /^[^\p{C}\p{Zl}\p{Zp}]{1,80}$/u;
const LINES = [
  ['madoguchi-sign', /^1$/],
  ['portal', /^[a-z0-9-]{1,32}$/],
  ['serial', /^[A-Z0-9-]{1,24}$/],
  ['act', /^(own_)?transfer$/],
  ['from', WORDS],
  ['bank', /^\d{4} [^\p{C}\p{Zl}\p{Zp}]+$/u],
  ['branch', /^\d{3} [^\p{C}\p{Zl}\p{Zp}]+$/u],
  ['type', /^(ordinary|checking|savings|other)$/],
  ['number', /^\d{7}$/],
  ['name', WORDS],
  ['amount', /^[1-9]\d{0,9}$/],
  ['date', /^\d{4}-\d\d-\d\d$/],
  ['nonce', /^[\w-]{22}$/],
];

/** The text of an address, or of what stands behind its `#sign=`; empty if there is none. */
export function textOf(typed) {
  const payload = typed.trim().split('#sign=').at(-1);
  try {
    const plain = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return '';
  }
}

/** The values by name, if it is exactly such a text. */
export function read(text) {
  const lines = text.split('\n');
  if (text.length > TEXT_MAX || lines.length !== LINES.length + 1 || lines.pop() !== '') return null;
  const values = {};
  for (const [at, [name, shape]] of LINES.entries()) {
    const value = lines[at].slice(name.length + 1);
    if (!lines[at].startsWith(`${name}=`) || !shape.test(value)) return null;
    values[name] = value;
  }
  const date = new Date(`${values.date}T00:00:00Z`);
  const isDay = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(values.date);
  return isDay ? values : null;
}

/** The code by which a credential signs the text. */
export async function signedCode(credential, text) {
  const bytes = new TextEncoder();
  const question = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.encode(text)));
  const suite = bytes.encode(`${SUITE}\0`);
  const input = new Uint8Array(suite.length + QUESTION_BYTES);
  input.set(suite);
  input.set(question, suite.length);
  const mac = new DataView(await crypto.subtle.sign('HMAC', credential.signKey, input));
  const offset = mac.getUint8(mac.byteLength - 1) & 15;
  const number = (mac.getUint32(offset) & 0x7fffffff) % 10 ** DIGITS;
  return String(number).padStart(DIGITS, '0');
}
