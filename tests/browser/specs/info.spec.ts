// お客様情報変更, BCI001 to BCI003: by confirming password, by picture card, by token.

import type { Customer } from '../support/customer';
import { hanako, jiro, natsuko, natsukoToken } from '../support/people';
import type { Portal } from '../support/portal';
import { expect, test } from '../support/test';

const address = 'atarashii@example.jp';
const password = 'Shin-Pass-2026';

async function opensInfo(customer: Customer): Promise<void> {
  await customer.presses('お客様情報変更');
  await customer.sees('BCI001');
}

/** The code in the newest mail to the new address. */
async function mailedCode(portal: Portal): Promise<string> {
  const mail = (await portal.mails()).find((one) => [one.to].flat().includes(address));
  return /(?<=確認コード: )\d{6}/.exec(mail?.text ?? '')?.[0] ?? '';
}

async function typesAddress(customer: Customer): Promise<void> {
  await customer.presses('メールアドレスを変更する');
  await customer.sees('BCI001');
  await customer.types({ mail_address: address, mail_address_again: address });
  await customer.presses('次へ');
  await customer.sees('BCI002');
}

test('a new mail address is proven and told to both', async ({ customer, portal, page }) => {
  await customer.logsIn(jiro.loginId, jiro.password);
  await customer.sees('BTP001');
  await opensInfo(customer);
  await expect(customer.main).toContainText('1*****@example.jp');
  await expect(customer.main).toContainText('***-****-');
  await expect(customer.main).toContainText('前回の変更');
  await customer.presses('メールアドレスを変更する');
  await customer.sees('BCI001');
  await customer.types({ mail_address: 'atarashii', mail_address_again: address });
  await customer.presses('次へ');
  await customer.sees('BCI001');
  await customer.isRefused();
  await customer.types({ mail_address: address });
  await customer.presses('次へ');
  await customer.sees('BCI002');
  await expect(customer.main).toContainText(address);
  await expect(customer.main).toContainText(portal.timeInWords());
  const code = await mailedCode(portal);
  await customer.types({ mail_code: code === '000000' ? '111111' : '000000' });
  await customer.types({ confirm: jiro.secret });
  await customer.presses('変更する');
  await customer.sees('BCI002');
  await customer.isRefused();
  await customer.types({ mail_code: code, confirm: jiro.secret });
  await customer.presses('変更する');
  await customer.sees('BCI003');
  const receipt = await customer.receipt();
  await page.reload();
  expect(await customer.receipt()).toEqual(receipt);
  const [old] = await portal.mailsTo(jiro.loginId);
  const mails = await portal.mails();
  const fresh = mails.find((mail) => [mail.to].flat().includes(address));
  for (const mail of [old, fresh]) expect(mail?.text).toContain(receipt.number);
  expect(old?.text).toContain('停止コード');
  expect(fresh?.text).not.toContain('停止コード');
  await customer.presses('トップページへ');
  await customer.sees('BTP001');
  await expect(customer.main).toContainText('お振込を制限しています');
});

test('the code is sent again, and a wrong address put right', async ({ customer }) => {
  await customer.logsIn(jiro.loginId, jiro.password);
  await opensInfo(customer);
  await typesAddress(customer);
  await customer.presses('確認コードを再送する');
  await customer.sees('BCI002');
  await expect(customer.main).toContainText('再送しました');
  await customer.presses('確認コードを再送する');
  await customer.sees('BCI002');
  await expect(customer.main).toContainText('これ以上再送できません');
  await customer.presses('戻る');
  await customer.sees('BCI001');
  await expect(customer.field('mail_address')).toHaveValue(address);
  await customer.presses('戻る');
  await customer.sees('BCI001');
  await expect(customer.main).toContainText('1*****@example.jp');
});

test('who has a picture card confirms a new number by it', async ({ customer }) => {
  await customer.logsIn(hanako.loginId, hanako.password);
  await opensInfo(customer);
  await expect(customer.main).not.toContainText('確認用パスワード');
  await customer.presses('電話番号を変更する');
  await customer.sees('BCI001');
  await customer.types({ telephone: '０９０ー００００ー７７７７' });
  await customer.presses('次へ');
  await customer.sees('BCI002');
  await expect(customer.main).toContainText('090-0000-7777');
  await customer.confirms(hanako);
  await customer.presses('変更する');
  await customer.sees('BCI003');
  await customer.receipt();
  await customer.presses('続けて変更する');
  await customer.sees('BCI001');
  await expect(customer.main).toContainText('***-****-7777');
});

test('a new login password opens the next login', async ({ customer, portal }) => {
  await customer.logsIn(jiro.loginId, jiro.password);
  await opensInfo(customer);
  await customer.presses('ログインパスワードを変更する');
  await customer.sees('BCI001');
  await customer.types({ new_secret: 'short', new_secret_again: 'short' });
  await customer.presses('次へ');
  await customer.sees('BCI001');
  await customer.isRefused();
  await customer.types({ new_secret: password, new_secret_again: password });
  await customer.presses('次へ');
  await customer.sees('BCI002');
  await customer.types({ current_password: jiro.password, confirm: jiro.secret });
  await customer.presses('変更する');
  await customer.sees('BCI003');
  await customer.receipt();
  expect(await customer.text()).not.toContain(password);
  const [mail] = await portal.mailsTo(jiro.loginId);
  expect(mail?.subject).toContain('ログインパスワードを変更しました');
  await customer.logsOut();
  await customer.logsIn(jiro.loginId, password);
  await customer.sees('BTP001');
});

test.describe('minori', () => {
  test.use({ slug: 'minori' });

  test('who has a token confirms by its code', async ({ customer, portal }) => {
    await customer.logsIn(natsuko.loginId, natsuko.password);
    await customer.sees('BLG010');
    await customer.types({ otp: portal.longCode(natsukoToken) });
    await customer.sends('otp');
    await customer.sees('BTP001');
    await opensInfo(customer);
    await typesAddress(customer);
    const code = await mailedCode(portal);
    // The code of the login is spent.
    await customer.types({ mail_code: code, otp: portal.longCode(natsukoToken) });
    await customer.presses('変更する');
    await customer.sees('BCI002');
    await customer.isRefused();
    await portal.moveClock(60);
    await customer.types({ mail_code: code, otp: portal.longCode(natsukoToken) });
    await customer.presses('変更する');
    await customer.sees('BCI003');
    await customer.receipt();
  });

  test('a new confirming password asks for the present one', async ({ customer, portal }) => {
    await customer.logsIn(natsuko.loginId, natsuko.password);
    await customer.types({ otp: portal.longCode(natsukoToken) });
    await customer.sends('otp');
    await opensInfo(customer);
    await customer.presses('確認用パスワードを変更する');
    await customer.sees('BCI001');
    await customer.types({ new_secret: 'atara77', new_secret_again: 'atara77' });
    await customer.presses('次へ');
    await customer.sees('BCI002');
    await customer.types({ confirm: 'kakunin99' });
    await customer.presses('変更する');
    await customer.sees('BCI002');
    await customer.isRefused();
    await customer.types({ confirm: natsuko.secret });
    await customer.presses('変更する');
    await customer.sees('BCI003');
  });
});
