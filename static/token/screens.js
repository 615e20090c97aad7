// The screens TOK000 to TOK005: `fill` prepares a screen before it shows (false: its credential is
// gone), `live` keeps it going while it shows and gives back how to end that.

import { newPair, publicKey, takeOver } from './hand-over.js';
import { read as readChallenge, signedCode, textOf } from './sign.js';
import { Trouble, clockAhead, makeCredential, services, setUp } from './server.js';
import { find, findWaiting, keep, keepWaiting, list, persist, remove } from './store.js';
import { codeAt, grouped, secondsLeft, stepAt } from './totp.js';

/** Seconds from which a clock counts as wrong; a code is taken one step early or late. */
const AHEAD_MAX = 10;
/** The last seconds of a code, in which nobody should begin to type it. */
const SOON_SECONDS = 5;
const TICK_MILLISECONDS = 250;
const JAPAN = 'Asia/Tokyo';
const FAULT = 'この端末にトークンを保存できませんでした。ブラウザの設定で、保存が許可されているかをご確認ください。';

const REFUSED = {
  refused:
    'サービスID、ユーザID、利用開始パスワードのいずれかが違うか、この発行はもう使えません。' +
    '何度も誤ったとき、期限を過ぎたとき、ほかの端末で設定したとき、新しく発行したときは使えなくなります。' +
    '金融機関の画面の「トークン発行」で、今の状態をご確認ください。',
  not_taken: 'この金融機関では、新しいトークンを作れません。金融機関のご案内をご確認ください。',
  closed: '金融機関のサービス時間外です。時間をおいて、もう一度お試しください。',
};

/** What went wrong, in words. */
function words(error) {
  return error instanceof Trouble ? error.message : FAULT;
}

function say(sentence) {
  document.getElementById('said').textContent = sentence;
}

function element(name, content, attributes = {}) {
  const made = document.createElement(name);
  made.append(...[content].flat());
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function day(iso) {
  const [year, month, date] = iso.slice(0, 10).split('-').map(Number);
  return `${year}年${month}月${date}日`;
}

function dayAndTime(iso) {
  return `${day(iso)} ${Number(iso.slice(11, 13))}時${iso.slice(14, 16)}分（日本時間）`;
}

/** A number of seconds in the unit in which people would say it. */
function amountOf(seconds) {
  const units = [[86_400, '日'], [3_600, '時間'], [60, '分']];
  const [size, unit] = units.find(([size]) => seconds >= 2 * size) ?? [1, '秒'];
  return `${Math.round(seconds / size)}${unit}`;
}

/** How the phone's clock stands to the server's, in a sentence; empty if it is right. */
function clockTrouble(ahead) {
  const seconds = Math.round(Math.abs(ahead));
  if (seconds < AHEAD_MAX) return '';
  const way = ahead > 0 ? '進んでいます' : '遅れています';
  return `スマートフォンの時計が約${amountOf(seconds)}${way}。日付と時刻を自動設定にしてください。`;
}

/** Asks for a credential with a key pair that is kept until the answer is safe. */
async function fetchCredential(waitingId, ask) {
  const kept = await findWaiting(waitingId);
  const pair = kept?.pair ?? (await newPair());
  if (!kept) await keepWaiting(waitingId, pair);
  const answer = await ask(await publicKey(pair));
  if (answer.outcome !== 'done') throw new Trouble(REFUSED[answer.outcome]);
  const credential = await takeOver(pair, answer.credential);
  await keep(credential, waitingId);
  persist().catch(() => {});
  location.hash = `#done=${credential.id}`;
}

/** Runs an act once, however often the button is pressed meanwhile. */
async function busy(button, act) {
  button.disabled = true;
  try {
    await act();
  } finally {
    button.disabled = false;
  }
}

// TOK000

function heldItem({ id, institution, serial, theme }) {
  const name = element('b', institution);
  const parts = [name, element('span', serial)];
  const link = element('a', parts, { href: `#code=${id}`, class: 'choice' });
  const words = ['削除', element('span', `${institution} ${serial}`, { class: 'quiet' })];
  const way = element('a', words, { href: `#delete=${id}`, class: 'small' });
  return element('li', [link, way], { 'data-theme': theme });
}

function serviceItem(parts, { portal, institution, service, theme }) {
  const button = element('button', [element('b', institution), element('span', service)], {
    type: 'button',
    class: 'choice',
  });
  button.addEventListener('click', () =>
    busy(button, async () => {
      try {
        await fetchCredential(`make ${portal}`, (key) => makeCredential(portal, key));
      } catch (error) {
        showError(parts.error, words(error));
      }
    }),
  );
  return element('li', button, { 'data-theme': theme });
}

function showError(place, sentence) {
  place.hidden = sentence === '';
  place.textContent = sentence;
}

async function fillServices(parts) {
  try {
    const offered = await services();
    parts.services.replaceChildren(...offered.map((one) => serviceItem(parts, one)));
    parts.wait.textContent = offered.length ? '' : '今はお選びいただける金融機関がありません。';
    const trouble = clockTrouble(await clockAhead());
    parts.clock.textContent = trouble;
    parts.clock.hidden = trouble === '';
  } catch (error) {
    parts.wait.textContent = words(error);
  }
}

async function fillStart(part) {
  const held = await list();
  part('held').hidden = held.length === 0;
  part('list').replaceChildren(...held.map(heldItem));
  const parts = { services: part('services'), wait: part('services-wait') };
  fillServices({ ...parts, clock: part('clock'), error: part('error') });
}

// TOK001

const FIELDS = {
  service_id: ['サービスID', /^\d{8}$/, '半角数字8桁'],
  user_id: ['ユーザID', /^\d+$/, '半角数字'],
  activation_password: ['利用開始パスワード', /^\S+$/, '空白のない文字'],
};

/** Full-width digits, spaces and hyphens are taken as meant. */
function digits(typed) {
  return typed.normalize('NFKC').replace(/[\s\-‐−ー]/g, '');
}

/** The values, and what is wrong with them by field. */
function read(form) {
  const values = { consent: form.consent.checked };
  const wrong = {};
  for (const [name, [label, shape, hint]] of Object.entries(FIELDS)) {
    values[name] = digits(form[name].value);
    if (!values[name]) wrong[name] = `${label}を入力してください。`;
    else if (!shape.test(values[name])) wrong[name] = `${label}は${hint}で入力してください。`;
  }
  if (!values.consent) wrong.consent = 'ご利用の条件をご確認のうえ、「上記の内容に同意する」を選んでください。';
  return { values, wrong };
}

function showWrong(form, summary, wrong) {
  for (const name of [...Object.keys(FIELDS), 'consent']) {
    const place = form.querySelector(`#${name}-error`);
    showError(place, wrong[name] ?? '');
    form[name].setAttribute('aria-invalid', String(name in wrong));
  }
  const links = Object.entries(wrong).map(([name, sentence]) => {
    const link = element('a', sentence, { href: `#${name}` });
    link.addEventListener('click', (event) => {
      event.preventDefault();
      form[name].focus();
    });
    return element('li', link);
  });
  summary.hidden = links.length === 0;
  summary.replaceChildren(element('b', '入力内容をご確認ください'), element('ul', links));
}

async function send(form, summary) {
  const { values, wrong } = read(form);
  showWrong(form, summary, wrong);
  if (Object.keys(wrong).length) return;
  try {
    const waitingId = `set-up ${values.service_id} ${values.user_id}`;
    await fetchCredential(waitingId, (key) => setUp(values, key));
  } catch (error) {
    summary.replaceChildren(element('b', '設定できませんでした'), element('p', words(error)));
    summary.hidden = false;
  }
  form.activation_password.value = '';
}

function fillSetUp(part, _id, view) {
  const form = view.querySelector('form');
  const summary = part('summary');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(form.querySelector('button'), () => send(form, summary));
  });
}

// TOK002

async function fillDone(part, id) {
  const credential = await find(id);
  if (!credential) return false;
  part('institution').textContent = credential.institution;
  part('next').href = `#code=${id}`;
  document.documentElement.dataset.theme = credential.theme;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  part('zone').textContent =
    zone === JAPAN
      ? 'スマートフォンの時間帯は、日本になっています。'
      : `スマートフォンの時間帯が日本ではありません（${zone}）。日本でお使いの場合は、時間帯を日本にしてください。`;
  fillClock(part('clock'));
  return true;
}

async function fillClock(place) {
  try {
    const ahead = await clockAhead();
    const seconds = Math.abs(ahead) < 1 ? '1秒未満' : `約${Math.round(Math.abs(ahead))}秒`;
    const right = `サーバーの時計との差は${seconds}です。時計は合っています。`;
    place.textContent = clockTrouble(ahead) || right;
    place.className = clockTrouble(ahead) ? 'notice warn' : 'notice success';
  } catch (error) {
    place.textContent = words(error);
  }
}

// TOK003

async function fillCode(part, id) {
  const credential = await find(id);
  if (!credential) return false;
  part('institution').textContent = credential.institution;
  part('serial').textContent = credential.serial;
  part('set-up-on').textContent = day(credential.setUpAt);
  part('expires').textContent = credential.expiresAt ? dayAndTime(credential.expiresAt) : 'ありません';
  document.documentElement.dataset.theme = credential.theme;
  part('code').textContent = grouped(await codeAt(credential, Date.now()));
  part('code').classList.toggle('long', credential.digits > 6);
  showRest(part, credential, Date.now());
  const [shown, button] = [part('code'), part('copy')];
  button.addEventListener('click', () => copy(button, shown.textContent.replaceAll(' ', '')));
  part('say').addEventListener('click', () => sayCode(credential));
  return true;
}

function showRest(part, credential, time) {
  const left = secondsLeft(credential, time);
  part('seconds').textContent = Math.ceil(left);
  part('ring').setAttribute('stroke-dasharray', `${left / credential.period} 1`);
  part('ring').parentElement.parentElement.classList.toggle('soon', left <= SOON_SECONDS);
}

async function copy(button, code) {
  try {
    await navigator.clipboard.writeText(code);
    button.textContent = 'コピーしました';
    say('コピーしました。');
  } catch {
    say('コピーできませんでした。数字を見ながら入力してください。');
  }
}

/** Told when asked for, never by itself: a screen reader would else speak all the time. */
async function sayCode(credential) {
  const now = Date.now();
  const code = await codeAt(credential, now);
  say(`${[...code].join('、')}。あと${Math.ceil(secondsLeft(credential, now))}秒。`);
}

function runCode(part, id) {
  let step = 0;
  const found = find(id);
  const tick = async () => {
    const credential = await found;
    if (!credential || !part('code')) return;
    const now = Date.now();
    showRest(part, credential, now);
    if (stepAt(credential, now) === step) return;
    step = stepAt(credential, now);
    part('code').textContent = grouped(await codeAt(credential, now));
    part('copy').textContent = 'コピー';
    say('');
  };
  const timer = setInterval(tick, TICK_MILLISECONDS);
  document.addEventListener('visibilitychange', tick);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', tick);
    say('');
  };
}

// TOK004

async function fillDelete(part, id, view) {
  const credential = await find(id);
  if (!credential) return false;
  part('institution').textContent = credential.institution;
  part('serial').textContent = credential.serial;
  const dialog = view.querySelector('dialog');
  part('ask').addEventListener('click', () => dialog.showModal());
  part('keep').addEventListener('click', () => dialog.close());
  part('delete').addEventListener('click', async () => {
    await remove(id);
    say('トークンを削除しました。');
    location.replace('#list');
  });
  return true;
}

// TOK005

const KINDS = { ordinary: '普通', checking: '当座', savings: '貯蓄', other: 'その他' };
const UNREADABLE =
  '読み取れませんでした。金融機関の画面のQRコードを、もう一度読み取ってください。';
const NOT_HELD =
  'このお取引に使うトークンが、このスマートフォンにありません。設定したアプリで「取引内容の確認」を開き、リンクのアドレスを貼り付けてください。';

function yen(amount) {
  const [tenThousands, rest] = [Math.floor(amount / 10_000), amount % 10_000];
  const text = (number) => number.toLocaleString('ja-JP');
  const exact = `${text(Number(amount))}円`;
  return tenThousands ? `${exact}（${text(tenThousands)}万${rest ? text(rest) : ''}円）` : exact;
}

function weekday(iso) {
  return '日月火水木金土'[new Date(`${iso}T00:00:00Z`).getUTCDay()];
}

function facts(values, institution) {
  const [bankCode, ...bank] = values.bank.split(' ');
  const [branchCode, ...branch] = values.branch.split(' ');
  return [
    ['お取引', values.act === 'transfer' ? '振込' : '振替（ご自身の口座へ）'],
    ['金額', yen(values.amount)],
    ['受取人名', values.name.normalize('NFKC')],
    ['振込先', `${bank.join(' ')}（${bankCode}）`],
    ['支店', `${branch.join(' ')}（${branchCode}）`],
    ['科目・口座番号', `${KINDS[values.type]} ${values.number}`],
    ['お取引の日', `${day(values.date)}（${weekday(values.date)}）`],
    ['出金口座', `${institution} ${values.from}`],
  ];
}

async function fillSign(part, payload, view) {
  const form = view.querySelector('form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const typed = form.challenge.value;
    if (!readChallenge(textOf(typed))) {
      showError(form.querySelector('.error'), UNREADABLE);
      form.challenge.setAttribute('aria-invalid', 'true');
      return;
    }
    location.hash = `#sign=${typed.trim().split('#sign=').at(-1)}`;
  });
  if (!payload) return true;
  const text = textOf(payload);
  const values = readChallenge(text);
  const credential = values && (await find(`${values.portal}:${values.serial}`));
  if (!credential) {
    showError(part('problem'), values ? NOT_HELD : UNREADABLE);
    return true;
  }
  form.remove();
  document.documentElement.dataset.theme = credential.theme;
  const rows = facts(values, credential.institution).map(([label, value]) =>
    element('div', [element('dt', label), element('dd', value)]),
  );
  part('facts').replaceChildren(...rows);
  part('asked').hidden = false;
  waitForAnswer(part('asked'), part('signed'), part('differs'), () => signedCode(credential, text));
  return true;
}

/** No code is made before somebody says that the content is right. */
function waitForAnswer(asked, signed, differs, sign) {
  const [right, wrong] = asked.querySelectorAll('button');
  const end = (shown) => {
    asked.querySelector('[data-part="question"]').hidden = true;
    shown.hidden = false;
    shown.querySelector('h2').focus();
  };
  right.addEventListener('click', () =>
    busy(right, async () => {
      const code = await sign();
      signed.querySelector('.code').textContent = grouped(code);
      const button = signed.querySelector('button');
      button.addEventListener('click', () => copy(button, code));
      end(signed);
    }),
  );
  wrong.addEventListener('click', () => end(differs));
}

export const SCREENS = {
  list: { id: 'TOK000', fill: fillStart },
  'set-up': { id: 'TOK001', fill: fillSetUp },
  done: { id: 'TOK002', fill: fillDone },
  code: { id: 'TOK003', fill: fillCode, live: runCode },
  delete: { id: 'TOK004', fill: fillDelete },
  sign: { id: 'TOK005', fill: fillSign },
};
