// What the app asks the server for. Everything else works without it.

/** A failure that the app has words for. */
export class Trouble extends Error {}

const WORDS = {
  400: '送信できませんでした。入力内容をご確認のうえ、もう一度お試しください。',
  429: '短い時間に多くの操作がありました。1分ほど待ってから、もう一度お試しください。',
  503: 'ただいま混み合っています。しばらくしてから、もう一度お試しください。',
};
const OFFLINE = 'サーバーにつながりません。通信できる場所で、もう一度お試しください。';
const FAULT = '処理を終えられませんでした。しばらくしてから、もう一度お試しください。';

async function ask(path, body) {
  const options = { cache: 'no-store', credentials: 'omit' };
  if (body) {
    Object.assign(options, { method: 'POST', body: JSON.stringify(body) });
    options.headers = { 'Content-Type': 'application/json' };
  }
  let answer;
  try {
    answer = await fetch(`/token/api/${path}`, options);
  } catch {
    throw new Trouble(OFFLINE);
  }
  if (!answer.ok) throw new Trouble(WORDS[answer.status] ?? FAULT);
  return answer.json();
}

export async function services() {
  return (await ask('services')).services;
}

export function makeCredential(portal, publicKey) {
  return ask('credentials', { portal, public_key: publicKey });
}

export function setUp(fields, publicKey) {
  return ask('set-up', { ...fields, public_key: publicKey });
}

/** By how many seconds the phone's clock is ahead of the server's; the way there counts half. */
export async function clockAhead() {
  const sent = Date.now();
  const { time } = await ask('time');
  const received = Date.now();
  return ((sent + received) / 2 - time) / 1000;
}
