// Software tokens in the menu after login: BOT000 to BOT003, BOT011, BOT012, BOS001, BOS002.

import type { Customer } from '../support/customer';
import { minoriTaro, momoko, momokoToken, natsuko, natsukoToken } from '../support/people';
import type { Portal } from '../support/portal';
import { expect, test } from '../support/test';

test.use({ slug: 'minori' });

const phone = 'taro.keitai@example.jp';
const activation = '730185';

async function opensMenu(customer: Customer): Promise<void> {
  await customer.presses('ワンタイムパスワード申請');
  await customer.sees('BOT000');
}

async function logsInWithCode(customer: Customer, portal: Portal): Promise<void> {
  await customer.logsIn(natsuko.loginId, natsuko.password);
  await customer.sees('BLG010');
  await customer.types({ otp: portal.longCode(natsukoToken) });
  await customer.sends('otp');
  await customer.sees('BTP001');
}

/** 太郎 up to the check page. */
async function fillsIn(customer: Customer): Promise<void> {
  await customer.logsIn(minoriTaro.loginId, minoriTaro.password);
  await customer.sees('BTP001');
  await expect(customer.main).toContainText('200,000円');
  await opensMenu(customer);
  await customer.presses('トークン発行');
  await customer.sees('BOT001');
  await customer.types({ mail_address: phone, mail_address_again: phone });
  await customer.types({ activation, activation_again: activation });
  await customer.presses('次へ');
  await customer.sees('BOT002');
}

async function mailedCode(portal: Portal): Promise<string> {
  const [mail] = await portal.mailsTo(minoriTaro.loginId);
  return /(?<=メール通知パスワード: )\d{6}/.exec(mail?.text ?? '')?.[0] ?? '';
}

test('a token is issued', async ({ customer, portal, page }) => {
  await fillsIn(customer);
  await expect(customer.main).toContainText(phone);
  await expect(customer.main).toContainText(portal.timeInWords());
  const code = await mailedCode(portal);
  await customer.types({ mail_code: code === '000000' ? '111111' : '000000' });
  await customer.types({ confirm: minoriTaro.secret });
  await customer.presses('確定する');
  await customer.sees('BOT002');
  await customer.isRefused();
  await customer.types({ mail_code: code, confirm: minoriTaro.secret });
  await customer.presses('確定する');
  await customer.sees('BOT003');
  const receipt = await customer.receipt();
  await page.reload();
  await customer.sees('BOT003');
  expect(await customer.receipt()).toEqual(receipt);

  const guide = (await portal.mails()).find((mail) => [mail.to].flat().includes(phone));
  expect(guide?.subject).toBe('【みのり信用組合】トークン発行のご案内');
  expect(guide?.links).toEqual([`${portal.url}/token/`]);
  expect(guide?.text).toContain('30000001');
  expect(guide?.text).not.toContain(activation);
  await customer.presses('ワンタイムパスワード申請内容選択へ');
  await customer.sees('BOT000');
  await expect(customer.main).toContainText('トークン発行済み');
  await expect(customer.control('ワンタイムパスワード利用開始')).toBeDisabled();
});

test('what was typed comes back, secrets excepted', async ({ customer, portal }) => {
  await fillsIn(customer);
  await customer.presses('戻る');
  await customer.sees('BOT001');
  await expect(customer.field('mail_address')).toHaveValue(phone);
  await expect(customer.field('activation')).toHaveValue('');
  await customer.types({ mail_address_again: 'other@example.jp' });
  await customer.presses('次へ');
  await customer.sees('BOT001');
  await customer.isRefused();
  await customer.types({ mail_address_again: phone, activation, activation_again: activation });
  await customer.presses('次へ');
  await customer.sees('BOT002');
  await customer.presses('再送');
  await customer.sees('BOT002');
  await expect(customer.main).toContainText('再送しました');
  await customer.presses('申込を中止する');
  await customer.sees('BOT000');
  await expect(customer.main).toContainText('未登録');
  const mails = await portal.mailsTo(minoriTaro.loginId);
  expect(mails.length).toBe(2);
});

test('after an idle end the next login leads back to the page', async ({ customer, portal }) => {
  await fillsIn(customer);
  await portal.moveClock(12 * 60);
  await customer.page.reload();
  await customer.sees('BLG091');
  await customer.logsIn(minoriTaro.loginId, minoriTaro.password);
  await customer.sees('BOT002');
  await expect(customer.main).toContainText(phone);
});

test('an issued token is started', async ({ customer, portal }) => {
  await customer.logsIn(momoko.loginId, momoko.password);
  await customer.sees('BTP001');
  await opensMenu(customer);
  await customer.presses('ワンタイムパスワード利用開始');
  await customer.sees('BOT011');
  await customer.types({ otp: '12345678' });
  await customer.presses('利用開始する');
  await customer.sees('BOT011');
  await customer.isRefused();
  await customer.types({ otp: portal.longCode(momokoToken) });
  await customer.presses('利用開始する');
  await customer.sees('BOT012');
  await customer.receipt();
  await expect(customer.main).toContainText(momokoToken);
  await customer.presses('ワンタイムパスワード申請内容選択へ');
  await customer.sees('BOT000');
  await expect(customer.main).toContainText('サービス利用中');
});

test('the use of a token is cancelled', async ({ customer, portal }) => {
  await logsInWithCode(customer, portal);
  await opensMenu(customer);
  await customer.presses('ワンタイムパスワード利用解除');
  await customer.sees('BOS001');
  await portal.moveClock(60);
  await customer.types({ otp: portal.longCode(natsukoToken), confirm: 'kakunin99' });
  await customer.presses('解除する');
  await customer.sees('BOS001');
  await customer.isRefused();
  await customer.types({ otp: portal.longCode(natsukoToken), confirm: natsuko.secret });
  await customer.presses('解除する');
  await customer.sees('BOS002');
  await customer.receipt();
  await customer.logsOut();
  await customer.logsIn(natsuko.loginId, natsuko.password);
  await customer.sees('BTP001');
  await expect(customer.main).toContainText('未登録');
});

test('going back and giving up a start change nothing', async ({ customer }) => {
  await customer.logsIn(momoko.loginId, momoko.password);
  await opensMenu(customer);
  await customer.presses('ワンタイムパスワード利用開始');
  await customer.sees('BOT011');
  await customer.presses('戻る');
  await customer.sees('BOT000');
  await customer.presses('ワンタイムパスワード利用開始');
  await customer.presses('申込を中止する');
  await customer.sees('BOT000');
  await expect(customer.main).toContainText('トークン発行済み');
});
