// The token app on a phone and the portals in a browser of their own, both real: from the
// credential to the login with its code, and to its end.

import type { Customer } from '../support/customer';
import { ichiro, jiro, jiroToken, minoriTaro, shiro } from '../support/people';
import { expect, test, type Activation, type Phone } from '../support/phone';
import type { Portal } from '../support/portal';

const phoneMail = 'taro.keitai@example.jp';
const activation = '730185';
const minoriName = 'みのり信用組合';

// Two browsers, and many steps on each.
test.setTimeout(150_000);

/** Past the login and the code that it asks for. */
async function logsInWith(customer: Customer, id: string, password: string, code: string) {
  await customer.logsIn(id, password);
  await customer.sees('BLG010');
  await customer.types({ otp: code });
  await customer.sends('otp');
  await customer.sees('BTP001');
}

test.describe('issued in the menu', () => {
  test.use({ slug: 'minori' });

  async function opensMenu(customer: Customer) {
    await customer.presses('ワンタイムパスワード申請');
    await customer.sees('BOT000');
  }

  /** 太郎, logged in, from the menu to BOT003. */
  async function issues(customer: Customer, portal: Portal) {
    await opensMenu(customer);
    await customer.presses('トークン発行');
    await customer.sees('BOT001');
    await customer.types({ mail_address: phoneMail, mail_address_again: phoneMail });
    await customer.types({ activation, activation_again: activation });
    await customer.presses('次へ');
    await customer.sees('BOT002');
    const [mail] = await portal.mailsTo(minoriTaro.loginId);
    const code = /(?<=メール通知パスワード: )\d{6}/.exec(mail?.text ?? '')?.[0] ?? '';
    await customer.types({ mail_code: code, confirm: minoriTaro.secret });
    await customer.presses('確定する');
    await customer.sees('BOT003');
  }

  /** On the phone: the mailbox, the mail in it, its link, and what it says. */
  async function opensMail(phone: Phone): Promise<Activation> {
    await phone.page.goto(`/qa/mails?to=${phoneMail}`);
    await phone.watcher.check();
    const mail = phone.page.locator('article').filter({ hasText: 'トークン発行のご案内' }).first();
    const text = await mail.locator('.qa-text').innerText();
    expect(text, 'no secret is in the mail').not.toContain(activation);
    await mail.getByRole('link', { name: /\/token\/$/ }).click();
    await phone.sees('TOK000');
    const after = (label: string) => new RegExp(`(?<=${label}: )\\d+`).exec(text)?.[0] ?? '';
    return { serviceId: after('サービスID'), userId: after('ユーザID'), password: activation };
  }

  async function setsUp(phone: Phone, what: Activation): Promise<string> {
    await phone.page.getByRole('link', { name: /初期設定/ }).click();
    await phone.sees('TOK001');
    await phone.sends(what);
    await phone.sees('TOK002');
    await expect(phone.part('clock')).toContainText('時計は合っています');
    return phone.goesOn(minoriName);
  }

  test('mail, set-up, start, login, cancel @script', async ({ phone, customer, portal }) => {
    await customer.logsIn(minoriTaro.loginId, minoriTaro.password);
    await customer.sees('BTP001');
    await issues(customer, portal);
    const ids = await opensMail(phone);
    expect([ids.serviceId.length, ids.userId.length]).toEqual([8, 12]);
    await expect(customer.main).toContainText(ids.userId);
    const serial = await setsUp(phone, ids);
    expect(serial).toMatch(/^\d{9}$/);
    await expect(phone.part('code')).toHaveText(/^\d{4} \d{4}$/);
    await expect(phone.part('seconds'), '60 s, 15 of them gone').toHaveText('45');
    await expect(phone.part('expires')).toHaveText('2031年10月31日 9時00分（日本時間）');

    await customer.presses('ワンタイムパスワード申請内容選択へ');
    await customer.sees('BOT000');
    await customer.presses('ワンタイムパスワード利用開始');
    await customer.sees('BOT011');
    await customer.types({ otp: await phone.code() });
    await customer.presses('利用開始する');
    await customer.sees('BOT012');
    await expect(customer.main).toContainText(serial);
    await customer.logsOut();
    await customer.sees('BLG090');

    const { loginId, password, secret } = minoriTaro;
    await logsInWith(customer, loginId, password, await phone.nextCode(portal));
    await opensMenu(customer);
    await expect(customer.main).toContainText('サービス利用中');
    await customer.presses('ワンタイムパスワード利用解除');
    await customer.sees('BOS001');
    await customer.types({ otp: await phone.nextCode(portal), confirm: secret });
    await customer.presses('解除する');
    await customer.sees('BOS002');
    await customer.logsOut();
    await customer.logsIn(loginId, password);
    await customer.sees('BTP001');
  });

  test('an answer that got lost is asked for again @script', async ({
    phone,
    customer,
    portal,
  }) => {
    await customer.logsIn(minoriTaro.loginId, minoriTaro.password);
    await customer.sees('BTP001');
    await issues(customer, portal);
    const ids = await opensMail(phone);
    await phone.page.getByRole('link', { name: /初期設定/ }).click();
    await phone.sees('TOK001');
    await phone.page.evaluate(() => {
      const real = window.fetch;
      window.fetch = async (...asked) => {
        await real(...asked);
        throw new TypeError('the answer is lost');
      };
    });
    await phone.sends(ids);
    await expect(phone.page.locator('.summary')).toContainText('サーバーにつながりません');
    // As if the phone had been off in between.
    await phone.page.reload();
    await phone.sees('TOK001');
    await phone.sends(ids);
    await phone.sees('TOK002');
    await phone.goesOn(minoriName);
    await customer.presses('ワンタイムパスワード申請内容選択へ');
    await customer.presses('ワンタイムパスワード利用開始');
    await customer.sees('BOT011');
    await customer.types({ otp: await phone.code() });
    await customer.presses('利用開始する');
    await customer.sees('BOT012');
  });

  test('what was set up on one phone no other one gets @script', async ({
    phone,
    customer,
    portal,
    browser,
  }) => {
    await customer.logsIn(minoriTaro.loginId, minoriTaro.password);
    await customer.sees('BTP001');
    await issues(customer, portal);
    const ids = await opensMail(phone);
    await setsUp(phone, ids);
    const thief = await browser.newContext({ baseURL: portal.url });
    const page = await thief.newPage();
    await page.goto('/token/#set-up');
    await page.getByLabel('サービスID').fill(ids.serviceId);
    await page.getByLabel('ユーザID').fill(ids.userId);
    await page.getByLabel('利用開始パスワード').fill(activation);
    await page.getByLabel('上記の内容に同意する').check();
    await page.getByRole('button', { name: '送信' }).click();
    await expect(page.locator('.summary')).toContainText('ほかの端末で設定したとき');
    await page.goto('/token/#list');
    await expect(page.getByRole('heading', { name: 'お持ちのトークン' })).toBeHidden();
    await thief.close();
  });
});

test.describe('made in the app, registered by serial and code', () => {
  test('beside a hardware token: started, asked for at login, stopped @script', async ({
    phone,
    customer,
    portal,
  }) => {
    const serial = await phone.makesCredential();
    expect(serial).toMatch(/^MDG[A-HJ-NP-Z2-9]{9}$/);
    await expect(phone.part('set-up-on')).toHaveText('2026年10月5日');
    await expect(phone.part('expires')).toHaveText('ありません');
    await expect(phone.part('seconds'), '30 s, 15 of them gone').toHaveText('15');
    await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
    await customer.sees('BOM102');
    await customer.types({ serial, otp: await phone.code() });
    await customer.chooses('login_choice', 'required');
    await customer.confirms(jiro);
    await customer.presses('登録');
    await customer.sees('BOM103');
    await expect(customer.main).toContainText(serial);
    await logsInWith(customer, jiro.loginId, jiro.password, await phone.nextCode(portal));
    await customer.logsOut();

    await customer.begins('利用中止', 'BOM121', jiro.loginId, jiro.password);
    await customer.sees('BOM122');
    await customer.types({ otp: await phone.nextCode(portal) });
    await customer.confirms(jiro);
    await customer.presses('停止');
    await customer.sees('BOM123');
    // The hardware token in the same hand has not been touched.
    await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
    await customer.sees('BOM102');
    await customer.types({ serial: jiroToken, otp: portal.code(jiroToken) });
    await customer.chooses('login_choice', 'not_required');
    await customer.confirms(jiro);
    await customer.presses('登録');
    await customer.sees('BOM103');
  });

  test('opened without a network it shows the code that the portal takes @script', async ({
    phone,
    customer,
    portal,
  }) => {
    const serial = await phone.makesCredential();
    await phone.losesNetwork();
    await phone.page.reload();
    await phone.sees('TOK003');
    const wall = await portal.tokens();
    expect(wall.tokens.find((token) => token.serial === serial)?.code).toBe(await phone.code());
    await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
    await customer.sees('BOM102');
    await customer.types({ serial, otp: await phone.code() });
    await customer.chooses('login_choice', 'required');
    await customer.confirms(jiro);
    await customer.presses('登録');
    await customer.sees('BOM103');
    await phone.page.reload();
    await phone.sees('TOK003');
    await logsInWith(customer, jiro.loginId, jiro.password, await phone.nextCode(portal));
  });

  test('from the vendor app to it, and not back @script', async ({ phone, customer, portal }) => {
    const vendor = 'SYMC10000001';
    const serial = await phone.makesCredential();
    await customer.begins('利用中止', 'BOM121', shiro.loginId, shiro.password);
    await customer.sees('BOM122');
    await customer.types({ otp: portal.code(vendor) });
    await customer.confirms(shiro);
    await customer.presses('停止');
    await customer.sees('BOM123');
    await customer.begins('利用開始', 'BOM101', shiro.loginId, shiro.password);
    await customer.sees('BOM102');
    const [vendorCode, appCode] = [await portal.nextCode(vendor), await phone.code()];
    await customer.types({ serial: vendor, otp: vendorCode });
    await customer.chooses('login_choice', 'required');
    await customer.confirms(shiro);
    await customer.presses('登録');
    await customer.sees('BOM102');
    await customer.isRefused();
    await expect(customer.main).toContainText('スマートフォンアプリ');
    await expect(customer.main).toContainText('ハードウェアトークン');
    await customer.types({ serial, otp: appCode });
    await customer.confirms(shiro);
    await customer.presses('登録');
    await customer.sees('BOM103');

    await phone.moveClock(30);
    await customer.begins('交換', 'BOM111', shiro.loginId, shiro.password);
    await customer.sees('BOM112');
    await customer.types({ old_otp: await phone.nextCode(portal) });
    await customer.presses('次へ');
    await customer.sees('BOM113');
    await customer.types({ serial: vendor, otp: portal.code(vendor) });
    await customer.presses('登録');
    await customer.sees('BOM113');
    await customer.isRefused();
    await expect(customer.main).toContainText('スマートフォンアプリ');
    await logsInWith(customer, shiro.loginId, shiro.password, await phone.nextCode(portal));
  });

  test('several institutions in one app @script', async ({ phone }) => {
    const one = await phone.makesCredential('しらかば信用金庫');
    const other = await phone.makesCredential('こだま信用金庫');
    await phone.open();
    await phone.sees('TOK000');
    const held = phone.part('list').locator('li');
    await expect(held).toHaveCount(2);
    for (const [name, serial] of [['しらかば', one], ['こだま', other]] as const) {
      await expect(held.filter({ hasText: name })).toContainText(serial);
    }
    await held.filter({ hasText: one }).getByRole('link').first().click();
    await phone.sees('TOK003');
    await expect(phone.part('serial')).toHaveText(one);
  });
});

test.describe('registered behind the links of the login page', () => {
  test.use({ slug: 'kodama' });

  test('one token a customer @script', async ({ phone, customer, portal }) => {
    const serial = await phone.makesCredential('こだま信用金庫');
    const { loginId, password } = ichiro;
    await customer.begins('.*利用登録(はこちら)?', 'BOR001', loginId, password);
    await customer.sees('BOR002');
    await customer.types({ serial, otp: await phone.code() });
    await customer.presses('登録');
    await customer.sees('BOR003');
    await expect(customer.main).toContainText(serial);
    const code = await phone.nextCode(portal);
    await customer.begins('.*利用登録(はこちら)?', 'BOR001', loginId, password);
    await customer.sees('BOR001');
    await expect(customer.main).toContainText('「利用停止」をしてから');

    await logsInWith(customer, loginId, password, code);
    await customer.logsOut();
    await customer.begins('.*利用停止(はこちら)?', 'BOR011', loginId, password);
    await customer.sees('BOR012');
    await customer.types({ otp: await phone.nextCode(portal) });
    await customer.presses('停止');
    await customer.sees('BOR013');
    await customer.logsIn(loginId, password);
    await customer.sees('BTP001');
  });
});
