// Takes a credential over: ECDH on P-256, HKDF-SHA-256, AES-256-GCM. The secret goes from the
// server's answer straight into keys that can only make codes; script never sees it.

const CURVE = { name: 'ECDH', namedCurve: 'P-256' };
/** What each part of the answer is for, in its order. */
const CODE = 'code';
const SIGN = 'sign';

const text = new TextEncoder();

export function newPair() {
  return crypto.subtle.generateKey(CURVE, false, ['deriveKey']);
}

/** The public key as the server reads it: an uncompressed point in base64url. */
export async function publicKey(pair) {
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const plain = btoa(String.fromCharCode(...point));
  return plain.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function bytes(base64url) {
  const plain = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** The credential as the app keeps it, from the server's answer. */
export async function takeOver(pair, answer) {
  const wrapping = await wrappingKey(pair, answer);
  const [code, sign] = answer.parts;
  return {
    id: `${answer.portal}:${answer.serial}`,
    portal: answer.portal,
    institution: answer.institution,
    theme: answer.theme,
    serial: answer.serial,
    digits: answer.digits,
    period: answer.period,
    setUpAt: answer.set_up_at,
    expiresAt: answer.expires_at,
    codeKey: await unwrap(wrapping, code, CODE, answer.hash),
    signKey: await unwrap(wrapping, sign, SIGN, 'SHA-256'),
  };
}

async function wrappingKey(pair, answer) {
  const serverPoint = bytes(answer.server_key);
  const serverKey = await crypto.subtle.importKey('raw', serverPoint, CURVE, false, []);
  const ownPoint = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const salt = new Uint8Array([...serverPoint, ...ownPoint]);
  const info = text.encode(`madoguchi token 1 ${answer.portal} ${answer.serial}`);
  const exchange = { name: 'ECDH', public: serverKey };
  const { privateKey } = pair;
  const shared = await crypto.subtle.deriveKey(exchange, privateKey, 'HKDF', false, ['deriveKey']);
  const expansion = { name: 'HKDF', hash: 'SHA-256', salt, info };
  const cipher = { name: 'AES-GCM', length: 256 };
  return crypto.subtle.deriveKey(expansion, shared, cipher, false, ['unwrapKey']);
}

function unwrap(wrapping, part, purpose, hash) {
  const cipher = { name: 'AES-GCM', iv: bytes(part.nonce), additionalData: text.encode(purpose) };
  const kind = { name: 'HMAC', hash };
  const sealed = bytes(part.sealed);
  return crypto.subtle.unwrapKey('raw', sealed, wrapping, cipher, kind, false, ['sign']);
}
