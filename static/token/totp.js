// One-time passwords by time (RFC 6238) with a key that script cannot read.

/** The code of a credential at a time in milliseconds since 1970. */
export async function codeAt(credential, time) {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(stepAt(credential, time)));
  const mac = new DataView(await crypto.subtle.sign('HMAC', credential.codeKey, counter));
  const offset = mac.getUint8(mac.byteLength - 1) & 15;
  const number = (mac.getUint32(offset) & 0x7fffffff) % 10 ** credential.digits;
  return String(number).padStart(credential.digits, '0');
}

export function stepAt(credential, time) {
  return Math.floor(time / 1000 / credential.period);
}

/** Seconds until the next code, with fractions. */
export function secondsLeft(credential, time) {
  return credential.period - ((time / 1000) % credential.period);
}

/** Two groups of three or four, which people read and type more easily. */
export function grouped(code) {
  const half = code.length / 2;
  return `${code.slice(0, half)} ${code.slice(half)}`;
}
