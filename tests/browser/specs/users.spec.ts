// 利用者管理 of a company: BAU030 to BAU034, BAU040, BAU050, and what the user then meets at login.

import type { Customer } from '../support/customer';
import { companyHanako, companySachiko } from '../support/people';
import { expect, test } from '../support/test';

test.use({ slug: 'inaho' });

async function opensUsers(customer: Customer): Promise<void> {
  await customer.logsIn(companyHanako.loginId, companyHanako.password);
  await customer.sees('BTP001');
  await customer.open('/admin/users');
  await customer.sees('BAU001');
}

/** Ticks the user with this name. */
async function ticks(customer: Customer, name: string): Promise<void> {
  await customer.page.getByRole('checkbox', { name: `${name}を選択` }).check();
}

async function registers(customer: Customer): Promise<string> {
  await customer.presses('利用者情報の登録・変更・照会');
  await customer.sees('BAU030');
  await customer.presses('登録');
  await customer.sees('BAU031');
  await customer.types({ login_id: 'abc', name: 'データ 新人' });
  await customer.presses('次へ');
  await customer.sees('BAU031');
  await customer.isRefused();
  await customer.types({ login_id: 'shinjin01', mail_address: 'shinjin@example.jp' });
  await customer.presses('次へ');
  await customer.sees('BAU032');
  await customer.page.getByRole('checkbox', { name: /7010045/ }).check();
  await customer.types({ transfer_per_transaction: '20,000,000', transfer_daily: '30000000' });
  await customer.presses('次へ');
  await customer.sees('BAU032');
  await customer.isRefused();
  await customer.types({ transfer_per_transaction: '1,000,000' });
  await customer.presses('次へ');
  await customer.sees('BAU033');
  await expect(customer.main).toContainText('1回 1,000,000円、1日 30,000,000円');
  await customer.presses('戻る');
  await customer.sees('BAU032');
  await customer.presses('次へ');
  await customer.sees('BAU033');
  await customer.types({ confirm: companyHanako.secret });
  await customer.presses('登録する');
  await customer.sees('BAU034');
  const receipt = await customer.receipt();
  const shown = customer.main.locator('dt:has-text("初期パスワード") + dd');
  const password = (await shown.innerText()).trim();
  await customer.page.reload();
  await customer.sees('BAU034');
  await expect(customer.main).toContainText('すでに一度表示しました');
  expect(await customer.receipt()).toEqual(receipt);
  expect(await customer.text()).not.toContain(password);
  return password;
}

test('a user is registered and begins with the initial password @desk', async ({ customer }) => {
  await opensUsers(customer);
  const password = await registers(customer);
  await customer.logsOut();
  await customer.logsIn('shinjin01', password);
  await customer.sees('BLG095');
  const [login, confirm] = ['Atarashii-2026', 'kakunin-shin'];
  await customer.types({ new_password: login, new_password_again: login });
  await customer.types({ new_confirm: confirm, new_confirm_again: confirm });
  await customer.sends('new_password');
  await customer.sees('BLG095');
  await expect(customer.field('mail_address')).toHaveValue('shinjin@example.jp');
});

test('a user is found, changed and deleted @desk', { tag: '@rule' }, async ({ customer }) => {
  await opensUsers(customer);
  await customer.open('/admin/members');
  await customer.types({ q: '幸子' });
  await customer.field('sort').selectOption('name');
  await customer.presses('表示する');
  await customer.sees('BAU030');
  await expect(customer.main).toContainText('1件のうち');
  await customer.presses('データ幸子');
  await customer.sees('BAU030');
  await expect(customer.main).toContainText('利用できるサービス');
  await customer.presses('変更');
  await customer.sees('BAU031');
  await customer.types({ name: 'データ幸恵' });
  await customer.presses('次へ');
  await customer.sees('BAU032');
  await customer.presses('次へ');
  await customer.sees('BAU033');
  await expect(customer.main).toContainText('変更前: データ幸子');
  await customer.types({ confirm: companyHanako.secret });
  await customer.presses('変更する');
  await customer.sees('BAU034');
  await customer.presses('利用者一覧へ');
  await customer.sees('BAU030');
  await customer.presses('データ幸恵');
  await customer.presses('削除');
  await customer.sees('BAU033');
  await expect(customer.main).toContainText('元に戻せません');
  await customer.types({ confirm: companyHanako.secret });
  await customer.presses('削除する');
  await customer.sees('BAU034');
  await customer.open('/admin/members?q=sachiko');
  await customer.sees('BAU030');
  await expect(customer.main).toContainText('当てはまる利用者はいません');
});

test('a user is paused, told so, and let in again @desk', { tag: '@rule' }, async ({
  customer,
}) => {
  await opensUsers(customer);
  await customer.presses('利用停止・再開');
  await customer.sees('BAU040');
  await customer.types({ confirm: companyHanako.secret });
  await customer.presses('利用停止');
  await customer.sees('BAU040');
  expect(customer.watcher.status).toBe(422);
  await ticks(customer, 'データ幸子');
  await customer.types({ confirm: companyHanako.secret });
  await customer.presses('利用停止');
  await customer.sees('BAU041');
  await customer.receipt();
  await customer.logsOut();
  await customer.logsIn(companySachiko.loginId, companySachiko.password);
  await customer.sees('BLG015');
  await opensUsers(customer);
  await customer.open('/admin/pause?state=paused');
  await customer.sees('BAU040');
  await ticks(customer, 'データ幸子');
  await customer.types({ confirm: companyHanako.secret });
  await customer.presses('利用再開');
  await customer.sees('BAU041');
  await customer.logsOut();
  await customer.logsIn(companySachiko.loginId, companySachiko.password);
  await customer.sees('BTP001');
});

test('a password is reset and shows once @desk', { tag: '@rule' }, async ({ customer }) => {
  await opensUsers(customer);
  await customer.presses('パスワードの初期化');
  await customer.sees('BAU050');
  await ticks(customer, 'データ幸子');
  await ticks(customer, 'データ五郎');
  await customer.types({ confirm: 'kakunin00' });
  await customer.presses('初期化');
  await customer.sees('BAU050');
  await customer.isRefused();
  await expect(customer.page.getByRole('checkbox', { name: 'データ五郎を選択' })).toBeChecked();
  await customer.types({ confirm: companyHanako.secret });
  await customer.presses('初期化');
  await customer.sees('BAU051');
  const shown = customer.page.getByRole('row').filter({ hasText: 'sachikodt' }).locator('b');
  const password = (await shown.innerText()).trim();
  await customer.page.reload();
  await customer.sees('BAU051');
  await expect(customer.main).toContainText('表示済み');
  await customer.logsOut();
  await customer.logsIn(companySachiko.loginId, password);
  await customer.sees('BLG095');
});

test('leavers go in one act @desk', { tag: '@rule' }, async ({ customer }) => {
  await opensUsers(customer);
  await customer.presses('退職者の手続き');
  await customer.sees('BAU070');
  await ticks(customer, 'データ二郎');
  await ticks(customer, 'データ幸子');
  await customer.presses('登録を削除');
  await customer.sees('BAU070');
  await customer.isRefused();
  await customer.types({ confirm: companyHanako.secret });
  await customer.presses('登録を削除');
  await customer.sees('BAU071');
  await expect(customer.main).toContainText('12345678（データ花子が引き続き利用）');
  await customer.receipt();
  await customer.logsOut();
  await customer.logsIn(companySachiko.loginId, companySachiko.password);
  await customer.sees('BLG001');
});
