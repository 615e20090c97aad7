// The portal as seen by a script: clock, mails, tokens. Time only moves when a test moves it.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';

/** A Monday morning within office hours, in the middle of a time step of 30 s. */
export const START = new Date('2026-10-05T10:00:15+09:00');
export const STEP_SECONDS = 30;

export interface Mail {
  to: string | string[];
  subject: string;
  text: string;
  links: string[];
}

export interface PictureCard {
  login_id: string;
  /** Names of the 20 pictures, row by row from A1 over B1 to E4. */
  cells: string[];
}

interface WallToken {
  serial: string;
  portal: string;
  owner: string;
  state: string;
  code: string;
  /** With the secret, for an RFC 6238 app. */
  otpauth: string;
}

interface TokenWall {
  tokens: WallToken[];
  picture_cards: PictureCard[];
}

export class Portal {
  private now = START;

  constructor(readonly url: string) {}

  /** Demo data as of `at`, with the clock stopped there. */
  async reset(at: Date = START): Promise<void> {
    // At once: to move the clock back and to reset would make the data anew twice.
    await this.setClock(at, { jump: '1' });
  }

  /** Moves the clock forward; sessions, counters and waits only see the time pass. */
  async moveClock(seconds: number): Promise<void> {
    await this.setClock(new Date(this.now.getTime() + seconds * 1000));
  }

  /** Moves the clock forward to a point in time. */
  async moveClockTo(at: string): Promise<void> {
    await this.setClock(new Date(at));
  }

  private async setClock(at: Date, more: Record<string, string> = {}): Promise<void> {
    await this.post('/qa/clock', { at: at.toISOString(), mode: 'freeze', ...more });
    this.now = at;
  }

  /** The clock's time in words, as receipts show it. */
  timeInWords(): string {
    const japan = new Date(this.now.getTime() + 9 * 3600_000).toISOString();
    const [, year, month, day, hour, minute, second] =
      /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)/.exec(japan) ?? [];
    return `${year}年${month}月${day}日 ${hour}時${minute}分${second}秒`;
  }

  /** What the token with this serial shows now, by the rule for the secrets of demo tokens. */
  code(serial: string, offsetSteps = 0): string {
    return this.codeOf(serial, 6, STEP_SECONDS, offsetSteps);
  }

  /** The same for a token of 8 digits and 60 s. */
  longCode(serial: string, offsetSteps = 0): string {
    return this.codeOf(serial, 8, 60, offsetSteps);
  }

  /** The same for a token of 6 digits and 60 s. */
  slowCode(serial: string, offsetSteps = 0): string {
    return this.codeOf(serial, 6, 60, offsetSteps);
  }

  private codeOf(serial: string, digits: number, period: number, offsetSteps: number): string {
    return this.codesOf(serial, digits, period, offsetSteps, 1)[0] ?? '';
  }

  /** As many codes as asked for, one per time step. */
  private codesOf(
    serial: string,
    digits: number,
    period: number,
    offsetSteps: number,
    count: number,
  ): string[] {
    const digest = createHash('sha256').update(`madoguchi demo ${serial}`).digest('hex');
    const secret = digest.slice(0, 40);
    const at = new Date(this.now.getTime() + offsetSteps * period * 1000);
    const words = at.toISOString().replace('T', ' ').replace(/\..*/, ' UTC');
    const options = ['--totp', `--digits=${digits}`, `--time-step-size=${period}s`];
    const more = [`--now=${words}`, `--window=${count - 1}`];
    const codes = execFileSync('oathtool', [...options, ...more, secret]).toString().split('\n');
    return codes.slice(0, count);
  }

  /** Codes are good once, so a second one needs the next time step. */
  async nextCode(serial: string): Promise<string> {
    await this.moveClock(STEP_SECONDS);
    return this.code(serial);
  }

  /** Wrong codes, each different, none of them near the right one. */
  wrongCodes(serial: string, count: number): string[] {
    const right = new Set(this.codesOf(serial, 6, STEP_SECONDS, -30, 61));
    const candidates = Array.from({ length: count + 61 }, (_, n) => String(100_000 + n));
    return candidates.filter((code) => !right.has(code)).slice(0, count);
  }

  /** All mails, newest first. */
  async mails(): Promise<Mail[]> {
    const answer = await this.get<Mail[] | { mails: Mail[] }>('/qa/mails.json');
    return Array.isArray(answer) ? answer : answer.mails;
  }

  /** The mails to a customer's demo address, newest first. */
  async mailsTo(loginId: string): Promise<Mail[]> {
    const mails = await this.mails();
    return mails.filter((mail) => [mail.to].flat().some((to) => to.includes(`${loginId}@`)));
  }

  tokens(): Promise<TokenWall> {
    return this.get<TokenWall>('/qa/tokens.json');
  }

  /** The picture in a cell of a customer's card, such as `C2`. */
  async picture(loginId: string, cell: string): Promise<string> {
    const cards = (await this.tokens()).picture_cards;
    const card = cards.find((one) => one.login_id === loginId);
    const index = (Number(cell[1]) - 1) * 5 + 'ABCDE'.indexOf(cell[0] ?? '');
    const picture = card?.cells[index];
    if (!picture) throw new Error(`${loginId} has no picture at ${cell}`);
    return picture;
  }

  async get<T>(path: string): Promise<T> {
    const answer = await fetch(this.url + path);
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  private async post(path: string, body?: object): Promise<void> {
    const headers = body ? { 'Content-Type': 'application/json' } : undefined;
    const answer = await fetch(this.url + path, {
      method: 'POST',
      headers,
      body: body && JSON.stringify(body),
      redirect: 'manual',
    });
    if (answer.status >= 400) {
      throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
    }
  }
}
