// Bulk files from the hand-in to the sending in `aoba`: BFT000, BFT020 to BFT022, BFT030, BFT031,
// BFT040. 担当者A makes, 担当者B approves with a code, 担当者C sends with a code.

import { opensDesk, writes, type Item } from '../support/bulk';
import type { Customer } from '../support/customer';
import { aobaTokens, tantoA, tantoB, tantoC } from '../support/people';
import { expect, test } from '../support/test';

test.use({ slug: 'aoba' });

const items: Item[] = [
  { account: '1000001', name: 'YAMADA TARO', amount: 120_000 },
  { account: '1000002', name: 'SUZUKI HANAKO', amount: 80_000 },
];
const last: Item[] = [
  { account: '1000001', name: 'YAMADA TARO', amount: 50_000 },
  { account: '1000009', name: 'SUZUKI HANAKO', amount: 80_000 },
];

async function logsOn(customer: Customer, who: typeof tantoA): Promise<void> {
  await customer.open('/login');
  await customer.types({ contract_id: who.contract, user_id: who.id });
  await customer.types({ user_password: who.password });
  await customer.sends('contract_id');
  await customer.sees('BTP001');
}

async function opensMenu(customer: Customer): Promise<void> {
  await customer.presses('ファイル伝送');
  await customer.sees('BFT000');
}

test('A makes, B approves with a code, C sends with a code @desk', async ({
  customer,
  portal,
  server,
}) => {
  opensDesk(server.database);
  writes(server.database, { name: '先月の支払', state: 'done', items: last });
  writes(server.database, { name: '今月の支払', state: 'waiting', items });
  await logsOn(customer, tantoB);
  await opensMenu(customer);
  await expect(customer.main).toContainText('承認を待つデータ');
  await customer.presses('承認');
  await customer.sees('BFT020');
  await customer.leads(() => customer.page.getByRole('link', { name: /今月の支払/ }).click());
  await customer.sees('BFT021');
  await expect(customer.main).toContainText('口座が変わった相手 1件');
  await expect(customer.main).toContainText('金額が大きく違う相手 1件');
  await expect(customer.main).toContainText('残り時間は');
  await customer.types({ otp: '12' });
  await customer.sends('otp');
  await customer.sees('BFT021');
  await customer.isRefused();
  await portal.moveClock(30);
  await customer.types({ otp: portal.code(aobaTokens[0]) });
  await customer.sends('otp');
  await customer.sees('BFT022');
  await expect(customer.main).toContainText('1件のデータを承認しました');
  await customer.presses('ログオフ');
  await logsOn(customer, tantoC);
  await opensMenu(customer);
  await customer.presses('送信');
  await customer.sees('BFT030');
  await customer.page.getByRole('checkbox', { name: /今月の支払/ }).check();
  await portal.moveClock(30);
  await customer.types({ otp: portal.code(aobaTokens[1]) });
  await customer.sends('otp');
  await customer.sees('BFT031');
  await expect(customer.main).toContainText('200,000円');
  await customer.presses('状況・履歴');
  await customer.sees('BFT040');
  await customer.leads(() => customer.page.getByRole('link', { name: /今月の支払/ }).click());
  await customer.sees('BFT040');
  await expect(customer.main).toContainText('送信済み');
  await expect(customer.main).toContainText('担当者B');
  const [mail] = (await portal.mails()).filter((one) => one.subject.includes('送信のお知らせ'));
  expect(mail?.text).toContain('データ名: 今月の支払');
});

test('B gives a file back with a reason, and its maker throws it away @desk', async ({
  customer,
  server,
}) => {
  opensDesk(server.database);
  writes(server.database, { name: '今月の支払', state: 'waiting', items });
  await logsOn(customer, tantoB);
  await opensMenu(customer);
  await customer.presses('承認');
  await customer.leads(() => customer.page.getByRole('link', { name: /今月の支払/ }).click());
  await customer.sees('BFT021');
  await customer.page.locator('summary', { hasText: '差し戻す' }).click();
  await customer.sends('comment');
  await customer.sees('BFT021');
  await customer.isRefused();
  await customer.types({ comment: '鈴木さんの口座が古いものです' });
  await customer.sends('comment');
  await customer.sees('BFT040');
  await expect(customer.main).toContainText('差し戻しました');
  await customer.presses('ログオフ');
  await logsOn(customer, tantoA);
  await opensMenu(customer);
  const back = customer.page.getByRole('link', { name: /差し戻されたデータへ/ });
  await customer.leads(() => back.click());
  await customer.sees('BFT040');
  await customer.leads(() => customer.page.getByRole('link', { name: /今月の支払/ }).click());
  await customer.sees('BFT040');
  await expect(customer.main).toContainText('鈴木さんの口座が古いものです');
  await customer.page.locator('summary', { hasText: '削除する' }).click();
  await customer.presses('このデータを削除する');
  await customer.sees('BFT040');
  await expect(customer.main).toContainText('データを削除しました');
});

test('without a token the file pages say what to do @desk', async ({ customer, server }) => {
  opensDesk(server.database);
  writes(server.database, { name: '今月の支払', state: 'approved', items });
  await logsOn(customer, tantoA);
  await opensMenu(customer);
  await customer.presses('送信');
  await customer.sees('BFT030');
  await expect(customer.main).toContainText('送信を待つデータはありません');
});
