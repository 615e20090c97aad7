// A transfer that the token app signs: BTR004 in the browser, TOK005 on the phone.

import { jiro } from '../support/people';
import { expect, test } from '../support/phone';

// Two browsers, and many steps on each.
test.setTimeout(150_000);

test('the app shows what it signs, and its code confirms the transfer @script', async ({
  phone,
  customer,
  portal,
}) => {
  const serial = await phone.makesCredential();
  await customer.begins('利用開始', 'BOM101', jiro.loginId, jiro.password);
  await customer.sees('BOM102');
  await customer.types({ serial, otp: await phone.code() });
  await customer.chooses('login_choice', 'not_required');
  await customer.confirms(jiro);
  await customer.presses('登録');
  await customer.sees('BOM103');
  // The hold of a new token is over.
  await portal.moveClock(3 * 86_400);
  await phone.moveClock(3 * 86_400);

  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BTP001');
  await customer.open('/transfers/payee?bank=0983&branch=102');
  await customer.sees('BTR002');
  await customer.page.locator('[name="from"]').first().check();
  await customer.types({ number: '2020024' });
  await customer.presses('次へ');
  await customer.sees('BTR003');
  await customer.types({ amount: '12000' });
  await customer.presses('次へ');
  await customer.sees('BTR004');
  const link = customer.page.getByRole('link', { name: /トークンアプリで開く/ });
  const address = (await link.getAttribute('href')) ?? '';

  // Typed in, without a network: what is no challenge is told; what is one is shown.
  await phone.losesNetwork();
  await phone.open('#sign');
  await phone.sees('TOK005');
  await phone.page.getByLabel(/貼り付ける/).fill('https://example.jp/');
  await phone.button('内容を表示する').click();
  await expect(phone.page.locator('#challenge-error')).toContainText('読み取れませんでした');
  await phone.watcher.check();
  await phone.page.getByLabel(/貼り付ける/).fill(`${portal.url}${address}`);
  await phone.button('内容を表示する').click();
  const facts = phone.part('facts');
  for (const part of [
    '12,000円（1万2,000円）',
    'こだま信用金庫（0983）',
    '山の手支店（102）',
    '普通 2020024',
    '受取人名',
    'しらかば信用金庫 駅前支店 普通 ***0072',
  ]) {
    await expect(facts).toContainText(part);
  }
  await phone.sees('TOK005');
  await expect(phone.part('signed'), 'no code before the answer').toBeHidden();
  await phone.button('内容が違う').click();
  await expect(phone.page.locator('main')).toContainText('お取引を中止してください');
  await expect(phone.part('signed')).toBeHidden();
  await phone.watcher.check();
  await phone.page.reload();
  await phone.button('内容が正しい').click();
  await expect(phone.part('signed')).toBeVisible();
  await phone.sees('TOK005');
  const code = (await phone.page.locator('main .code').textContent()) ?? '';
  expect(code).toMatch(/^\d{4} \d{4}$/);

  await customer.types({ signed: '12345678' });
  await customer.sends('signed');
  await customer.sees('BTR004');
  await customer.isRefused();
  await customer.types({ signed: code });
  await customer.sends('signed');
  await customer.sees('BTR005');
  await customer.receipt();
});

test('a challenge that was tampered with, or is for another phone, shows nothing @script', async ({
  phone,
}) => {
  const serial = await phone.makesCredential();
  const lines = (change: (text: string) => string) => {
    const names = 'bank=0985 こだま信用金庫\nbranch=102 山の手支店\ntype=ordinary\nnumber=2020024';
    const text =
      `madoguchi-sign=1\nportal=shirakaba\nserial=${serial}\nact=transfer\nfrom=駅前支店 普通 ***0072\n` +
      `${names}\nname=ｺﾀﾞﾏ ﾌﾀﾊﾞ\namount=12000\ndate=2026-11-24\nnonce=AAAAAAAAAAAAAAAAAAAAAA\n`;
    return Buffer.from(change(text)).toString('base64url');
  };
  const problem = phone.part('problem');
  await phone.open(`#sign=${lines((text) => text)}`);
  await expect(phone.part('asked')).toBeVisible();
  for (const [from, to, words] of [
    ['amount=12000', 'amount=012000', '読み取れませんでした'],
    ['amount=12000', 'amount=12000\namount=1', '読み取れませんでした'],
    ['こだま', 'こだま\u202e', '読み取れませんでした'],
    ['2026-11-24', '2026-11-31', '読み取れませんでした'],
    ['AAAAAA\n', 'AAAAAA', '読み取れませんでした'],
    [serial, 'MDG4C7K2P9QA', 'このスマートフォンにありません'],
  ] as const) {
    await phone.open(`#sign=${lines((text) => text.replace(from, to))}`);
    await expect(problem, `${from} ${to}`).toContainText(words);
    await expect(phone.part('asked')).toBeHidden();
  }
});
