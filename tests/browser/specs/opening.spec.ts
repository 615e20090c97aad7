// STF011, STF013, the letter as PDF, the key file, 登録番号: one way through all of them.

import { execFileSync } from 'node:child_process';
import { taro } from '../support/people';
import { changesTo, finds, logsIn, checker, clerk } from '../support/staff';
import { expect, test } from '../support/test';

const SERIAL = '2V0799990001';

test('opened, told by letter, closed @script @desk', async ({ customer, portal, page }) => {
  await logsIn(customer, portal, clerk);
  await customer.presses('お客さま');
  await customer.presses('お申込みを登録する');
  await customer.sees('STF011');
  await customer.presses('お申込みを登録する');
  await customer.sees('STF011');
  await customer.isRefused();
  await customer.types({
    form_number: 'K-2026-100',
    number: '1000000777',
    name: '白樺 新太',
    name_kana: 'シラカバ シンタ',
    telephone: '090-0000-0777',
    mail_address: 'shinta@example.jp',
    branch_code: '001',
    branch_name: '本店営業部',
    account_number: '7000001',
  });
  await customer.presses('お申込みを登録する');
  await customer.sees('STF002');
  await customer.presses('ご契約を開く');
  await customer.sees('STF013');
  await customer.presses('口座を追加する');
  await customer.sees('STF013');
  await customer.presses('ご契約に戻る');
  await changesTo(customer, portal, checker);
  await customer.presses('承認待ち');
  await customer.presses('\\d{7}');
  await customer.presses('承認して実行する');
  await expect(customer.main).toContainText('申請した人だけが');
  const request = page.url();
  await changesTo(customer, portal, clerk);
  await page.goto(request);
  await customer.sees('STF002');
  const [letter] = await Promise.all([
    page.waitForEvent('download'),
    customer.control('PDFで受け取る（一度だけ）').click(),
  ]);
  const text = execFileSync('pdftotext', ['-layout', await letter.path(), '-']).toString();
  expect(text).toContain('白樺 新太 様');
  expect(text).toContain('1000000777');
  await finds(customer, '1000000777');
  await customer.presses('ご契約（口座・利用者・解約）を開く');
  await customer.presses('解約を申請する');
  await customer.sees('STF013');
  await customer.types({ note: 'S-1' });
  await customer.presses('解約の承認を申請する');
  await customer.sees('STF002');
  await expect(customer.main).toContainText('承認待ち');
});

test('a key file is imported after a look at it @script @desk', async ({ customer, portal }) => {
  await logsIn(customer, portal, clerk);
  await customer.presses('トークン');
  await customer.presses('キーファイルを取り込む');
  await customer.sees('STF030');
  await customer.presses('内容を確認する');
  await customer.sees('STF030');
  await customer.isRefused();
  await customer.chooses('format', 'csv');
  const rows = [
    `${SERIAL},${'f1'.repeat(20)},totp,6,30`,
    `2V0716016FK1,${'f2'.repeat(20)},totp,6,30`,
    'x,f3,totp,6,30',
  ];
  const buffer = Buffer.from(['serial,secret,type,digits,period', ...rows, ''].join('\n'));
  const file = { name: 'maker.csv', mimeType: 'text/csv', buffer };
  await customer.field('file').setInputFiles(file);
  await customer.presses('内容を確認する');
  await customer.sees('STF030');
  await expect(customer.main).toContainText('登録済み');
  await customer.types({ note: 'N-1' });
  await customer.presses('在庫に取り込む');
  await customer.sees('STF002');
  await expect(customer.main).toContainText('1件');
});

test('a revoked customer registers with the number @script', async ({ customer, portal, page }) => {
  await logsIn(customer, portal, clerk);
  await finds(customer, taro.loginId);
  await customer.presses('トークンの手続きと履歴');
  await customer.presses('失効する');
  await customer.chooses('reason', 'lost');
  await customer.types({ note: '10時に電話' });
  await customer.presses('今すぐ失効する');
  await customer.presses('お客さまを開く');
  await customer.presses('トークンの手続きと履歴');
  await customer.presses('登録番号を発行する');
  await customer.sees('STF022');
  await customer.types({ note: '10時に電話' });
  await customer.presses('登録番号を発行する');
  await customer.sees('STF002');
  await customer.presses('画面に表示して印刷する（一度だけ）');
  await customer.sees('STF022');
  const number = (await page.locator('dd.key').innerText()).trim();
  expect(number).toMatch(/^\d{4} \d{4}$/);
  await customer.presses('ログアウト');
  await portal.moveClock(1800);
  await customer.begins('利用開始', 'BOM101', taro.loginId, taro.password);
  await customer.sees('BOM102');
  await customer.types({ serial: '2V0716016FK3', otp: portal.code('2V0716016FK3') });
  await customer.chooses('login_choice', 'required');
  await customer.confirms({ loginId: taro.loginId, secret: 'kakunin02' });
  await customer.presses('登録');
  await customer.sees('BOM102');
  await customer.isRefused();
  await customer.types({ registration_number: number, otp: await portal.nextCode('2V0716016FK3') });
  await customer.confirms({ loginId: taro.loginId, secret: 'kakunin02' });
  await customer.presses('登録');
  await customer.sees('BOM103');
});
