// `aoba`: log-on by contract, 開通確認, and the administrator's screens.

import type { Customer } from '../support/customer';
import { aoba, aobaTokens, tantoA, tantoG, wakaba } from '../support/people';
import type { Portal } from '../support/portal';
import { clerk, logsIn } from '../support/staff';
import { expect, test } from '../support/test';

test.use({ slug: 'aoba' });

const password = 'Umikaze-no-2026';
const confirm = 'shiokaze-88';
const address = 'atarashii@example.jp';

interface Administrator {
  contract: string;
  password: string;
}

interface User extends Administrator {
  id: string;
}

async function administratorLogsOn(customer: Customer, who: Administrator): Promise<void> {
  await customer.open('/login');
  await customer.sees('BLG001');
  await customer.types({ login_id: who.contract, password: who.password });
  await customer.sends('login_id');
}

async function userLogsOn(customer: Customer, who: User): Promise<void> {
  await customer.open('/login');
  await customer.sees('BLG001');
  await customer.types({ contract_id: who.contract, user_id: who.id });
  await customer.types({ user_password: who.password });
  await customer.sends('contract_id');
}

async function typesSecrets(customer: Customer): Promise<void> {
  await customer.types({ new_password: password, new_password_again: password });
  await customer.types({ new_confirm: confirm, new_confirm_again: confirm });
}

async function provesAddress(customer: Customer, portal: Portal, screen: string): Promise<void> {
  await customer.sees(screen);
  await customer.types({ mail_address: address, mail_address_again: address });
  await customer.sends('mail_address');
  await customer.sees(screen);
  const mail = (await portal.mails()).find((one) => [one.to].flat().includes(address));
  const code = /(?<=確認コード: )\d{6}/.exec(mail?.text ?? '')?.[0] ?? '';
  await customer.types({ mail_code: code });
  await customer.sends('mail_code');
}

test('both log-ons, and what each one sees first @script', async ({ customer }) => {
  await customer.open('/login');
  await customer.sees('BLG001');
  await expect(customer.main).toContainText('管理者ログオン');
  await expect(customer.main).not.toContainText('ログイン');
  await customer.types({ contract_id: tantoA.contract });
  await customer.sends('contract_id');
  await customer.sees('BLG001');
  await customer.isRefused();
  await userLogsOn(customer, tantoA);
  await customer.sees('BTP001');
  await expect(customer.main).toContainText('ご契約先の管理者にお申し出ください');
  await customer.presses('ログオフ');
  await customer.sees('BLG090');
  await administratorLogsOn(customer, aoba);
  await customer.sees('BTP001');
  await expect(customer.main).not.toContainText('口座と残高');
});

test('開通確認 of an administrator @script', async ({ customer, portal }) => {
  await customer.open('/login');
  await customer.presses('開通確認（管理者）');
  await customer.sees('BAL010');
  await customer.types({ login_id: '9000000003', registration_number: '4772' });
  await customer.sends('login_id');
  await customer.sees('BAL010');
  await customer.isRefused();
  await customer.types({ registration_number: '4771' });
  await customer.sends('login_id');
  await customer.sees('BAL011');
  await typesSecrets(customer);
  await customer.sends('new_password');
  await provesAddress(customer, portal, 'BAL011');
  await customer.sees('BAL012');
  await customer.receipt();
  await customer.presses('トップページへ');
  await customer.sees('BTP001');
});

test('開通確認 of a user, and new secrets later', async ({ customer, portal }) => {
  await userLogsOn(customer, tantoG);
  await customer.sees('BAL020');
  await typesSecrets(customer);
  await customer.types({ confirm: 'chigau99' });
  await customer.sends('new_password');
  await customer.sees('BAL020');
  await customer.isRefused();
  await typesSecrets(customer);
  await customer.types({ confirm: tantoG.secret });
  await customer.sends('new_password');
  await provesAddress(customer, portal, 'BAL021');
  await customer.sees('BAL022');
  await customer.presses('お客様情報変更');
  await customer.presses('利用者確認暗証番号を変更する');
  await customer.sees('BAL030');
  await customer.types({ new_secret: 'shiokaze-99', new_secret_again: 'shiokaze-99' });
  await customer.presses('次へ');
  await customer.sees('BAL031');
  await customer.types({ confirm });
  await customer.presses('変更する');
  await customer.sees('BAL032');
});

/** From BAD100 to BAU102 or BAU104. */
async function choosesMode(customer: Customer, mode: string): Promise<void> {
  await customer.presses('管理者メニュー');
  await customer.sees('BAD100');
  await customer.presses('利用者情報登録／変更');
  await customer.sees('BAU100');
  await customer.presses('利用形態設定');
  await customer.sees('BAU101');
  await customer.chooses('mode', mode);
  await customer.sends('mode');
}

test('tokens for one user and for some @desk', async ({ customer, portal, page }) => {
  await administratorLogsOn(customer, aoba);
  await customer.sees('BTP001');
  await choosesMode(customer, 'each');
  await customer.sees('BAU102');
  await page.getByLabel('担当者Aを選択').check();
  await customer.types({ serial: aobaTokens[0], otp: portal.code(aobaTokens[0]) });
  await customer.types({ confirm: 'chigau99' });
  await customer.sends('serial');
  await customer.sees('BAU102');
  await customer.isRefused();
  await portal.moveClock(30);
  await customer.types({ otp: portal.code(aobaTokens[0]), confirm: aoba.secret });
  await customer.sends('serial');
  await customer.sees('BAU103');
  const receipt = await customer.receipt();
  await page.reload();
  expect(await customer.receipt()).toEqual(receipt);
  const [mail] = await portal.mailsTo('tantoa');
  expect(mail?.text).toContain(receipt.number);
  await customer.presses('続けて登録する');
  await customer.sees('BAU102');
  await page.getByLabel('担当者Bを選択').check();
  await page.getByLabel('担当者Cを選択').check();
  await customer.types({ serial: aobaTokens[1], otp: portal.code(aobaTokens[1]) });
  await customer.types({ confirm: aoba.secret });
  await customer.sends('serial');
  await customer.sees('BAU103');
  await customer.presses('利用者一覧へ');
  await customer.sees('BAU100');
  await expect(customer.main).toContainText('担当者Cと共用');
});

test('one token for all @script @desk', async ({ customer, portal }) => {
  await administratorLogsOn(customer, aoba);
  await choosesMode(customer, 'all');
  await customer.sees('BAU104');
  await customer.types({ serial: aobaTokens[0], otp: portal.code(aobaTokens[0]) });
  await customer.types({ confirm: aoba.secret });
  await customer.sends('serial');
  await customer.sees('BAU103');
});

test('release of a suspension, of a registration, and a change of mode @script @desk', async ({
  customer,
  page,
}) => {
  await administratorLogsOn(customer, wakaba);
  await choosesMode(customer, 'all');
  await customer.sees('BAU101');
  await expect(customer.main).toContainText('停止中のトークンがあるため');
  await customer.open('/administrator/users');
  await customer.presses('利用停止解除');
  await customer.sees('BAU010');
  await page.getByLabel('担当者Fを選択').check();
  await customer.types({ confirm: wakaba.secret });
  await customer.sends('confirm');
  await customer.sees('BAU011');
  await customer.presses('利用者一覧へ');
  await customer.presses('利用登録解除');
  await customer.sees('BAU109');
  await page.getByLabel('担当者Fを選択').check();
  await customer.types({ confirm: wakaba.secret });
  await customer.sends('confirm');
  await customer.sees('BAU103');
  await choosesMode(customer, 'all');
  await customer.sees('BAU101');
  await customer.types({ confirm: wakaba.secret });
  await customer.sends('confirm');
  await customer.sees('BAU101');
  await page.locator('[name="agreed"]').check();
  await customer.types({ confirm: wakaba.secret });
  await customer.sends('confirm');
  await customer.sees('BAU103');
});

test('a user is registered, begins, and is deleted @script @desk', async ({ customer, page }) => {
  await administratorLogsOn(customer, aoba);
  await customer.open('/administrator/users');
  await customer.sees('BAU100');
  await customer.presses('変更');
  await customer.sees('BAU100');
  await customer.isRefused();
  await customer.presses('新規登録');
  await customer.sees('BAU105');
  await customer.types({ login_id: 'abc', name: '担当者H' });
  await customer.presses('次へ');
  await customer.sees('BAU105');
  await customer.isRefused();
  await customer.types({ login_id: 'tantoh' });
  await customer.presses('次へ');
  await customer.sees('BAU105');
  await page.getByRole('checkbox', { name: /8010012/ }).check();
  await customer.types({ transfer_per_transaction: '1,000,000', transfer_daily: '3000000' });
  await customer.presses('次へ');
  await customer.sees('BAU106');
  await customer.types({ confirm: aoba.secret });
  await customer.presses('登録する');
  await customer.sees('BAU108');
  const shown = (label: string) =>
    customer.main.locator(`dt:text-is("${label}") + dd`).innerText();
  const login = (await shown('初期の利用者暗証番号')).trim();
  const secret = (await shown('初期の利用者確認暗証番号')).trim();
  await customer.presses('ログオフ');
  await userLogsOn(customer, { contract: aoba.contract, id: 'tantoh', password: login });
  await customer.sees('BAL020');
  await typesSecrets(customer);
  await customer.types({ confirm: secret });
  await customer.sends('new_password');
  await customer.sees('BAL021');
  await administratorLogsOn(customer, aoba);
  await customer.open('/administrator/users');
  await page.getByLabel('担当者Hを選択').check();
  await customer.presses('削除');
  await customer.sees('BAU107');
  await expect(customer.main).toContainText('元に戻せません');
  await customer.types({ confirm: aoba.secret });
  await customer.presses('削除する');
  await customer.sees('BAU108');
});

/** BAU110 to BAU112 for a card, and how it looks to staff, who pick no token for it. */
async function ordersACard(customer: Customer) {
  await customer.open('/administrator/orders');
  await customer.presses('お客様カードの再発行');
  await customer.sees('BAU110');
  await customer.chooses('reason', 'lost');
  await customer.presses('次へ');
  await customer.sees('BAU111');
  await expect(customer.main).toContainText('1,650円');
  await customer.field('agreed').check();
  await customer.types({ confirm: aoba.secret });
  await customer.presses('依頼する');
  await customer.sees('BAU112');
  const { number } = await customer.receipt();
  await customer.open('/staff/orders/new?item=card');
  await customer.sees('STF040');
  await customer.presses('一覧に戻る');
  await customer.presses(number);
  for (const act of ['受け付ける', '引き落とす', '発送する']) await customer.presses(act);
  await customer.sees('STF040');
  await expect(customer.main).toContainText('発送済');
}

test('orders of tokens and of a card from the request to the receipt @script @desk', async ({
  customer,
  portal,
  page,
}) => {
  await administratorLogsOn(customer, aoba);
  await customer.presses('管理者メニュー');
  await customer.presses('トークン・カードの発行依頼');
  await customer.sees('BAU110');
  await customer.types({ quantity: '0' });
  await customer.presses('次へ');
  await customer.sees('BAU110');
  await customer.isRefused();
  await customer.chooses('reason', 'further');
  await customer.types({ quantity: '2' });
  await customer.presses('次へ');
  await customer.sees('BAU111');
  await expect(customer.main).toContainText('2,200円');
  await customer.types({ confirm: aoba.secret });
  await customer.presses('依頼する');
  await customer.sees('BAU111');
  await customer.isRefused();
  await page.locator('[name="agreed"]').check();
  await customer.types({ confirm: aoba.secret });
  await customer.presses('依頼する');
  await customer.sees('BAU112');
  const receipt = await customer.receipt();
  await logsIn(customer, portal, clerk);
  await customer.presses('発行依頼');
  await customer.sees('STF040');
  await customer.presses(receipt.number);
  for (const act of ['受け付ける', '引き落とす', '発送する']) {
    await customer.sees('STF040');
    await customer.presses(act);
  }
  await customer.sees('STF040');
  await expect(customer.main).toContainText('AOB0000101');
  await customer.presses('発行依頼の一覧に戻る');
  await customer.presses('申込書を登録する');
  await customer.sees('STF040');
  await customer.open('/administrator/orders');
  await customer.sees('BAU110');
  await customer.presses(receipt.number);
  await customer.sees('BAU112');
  await customer.types({ confirm: aoba.secret });
  await customer.presses('受領を確認する');
  await customer.sees('BAU112');
  await expect(customer.main).toContainText('受領を確認しました');
  const mails = await portal.mailsTo(aoba.contract);
  expect(mails.filter((mail) => mail.text.includes(receipt.number))).toHaveLength(4);
  await ordersACard(customer);
});
