// The staff console, on a PC and a phone; one flow without script.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutsumi, nanami, taro, taroToken } from '../support/people';
import { auditor, checker, clerk, trainee } from '../support/staff';
import { changesTo, enters, finds, logsIn } from '../support/staff';
import { expect, test } from '../support/test';

test('the first login sets an authenticator up by QR code @script @desk', async ({
  customer,
  page,
}) => {
  await enters(customer, trainee);
  await expect(customer.main).toContainText('認証アプリで読み取る');
  const picture = join(mkdtempSync(join(tmpdir(), 'mdg-qr-')), 'qr.png');
  writeFileSync(picture, await page.locator('svg.qr').screenshot({ scale: 'device' }));
  const url = execFileSync('zbarimg', ['--quiet', '--raw', picture]).toString().trim();
  const read = new URL(url);
  expect(read.protocol + read.host).toBe('otpauth:totp');
  expect(Object.fromEntries(read.searchParams)).toMatchObject({
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
  const secret = read.searchParams.get('secret') ?? '';
  await customer.types({ otp: '000000' });
  await customer.presses('設定してログイン');
  await customer.sees('STF001');
  await customer.isRefused();
  // The demo's clock stands still; this is its time.
  const now = ['--now=2026-10-05 10:00:15 +0900', '--totp', '--base32', secret];
  await customer.types({ otp: execFileSync('oathtool', now).toString().trim() });
  await customer.presses('設定してログイン');
  await customer.sees('STF002');
  await expect(page.locator('header')).toContainText('受付');
});

test('a release by two persons @script @desk', async ({ customer, portal }) => {
  await logsIn(customer, portal, clerk);
  await finds(customer, mutsumi.loginId);
  await customer.presses('利用停止を解除する');
  await customer.sees('STF020');
  await customer.presses('承認を申請する');
  await customer.sees('STF020');
  await customer.isRefused();
  await customer.types({ note: 'K-2026-001' });
  await customer.presses('承認を申請する');
  await customer.sees('STF002');
  await expect(customer.main).toContainText('自分の申請は承認できません');
  await changesTo(customer, portal, checker);
  await customer.presses('承認待ち');
  await customer.sees('STF002');
  await customer.presses('\\d{7}');
  await customer.sees('STF002');
  await customer.presses('承認して実行する');
  await customer.sees('STF002');
  await expect(customer.main).toContainText('承認済み');
  const [mail] = await portal.mailsTo(mutsumi.loginId);
  expect(mail?.subject).toContain('解除');
});

test('unlocking, a limit, a token revoked at once @script @desk', async ({ customer, portal }) => {
  await logsIn(customer, portal, clerk);
  await finds(customer, nanami.loginId);
  await customer.presses('停止を解除する');
  await customer.sees('STF021');
  await customer.types({ note: '電話で本人確認' });
  await customer.presses('承認を申請する');
  await customer.sees('STF002');
  await finds(customer, taro.loginId);
  await customer.presses('限度額を登録する');
  await customer.sees('STF050');
  await customer.chooses('service', 'transfer');
  await customer.types({ yen: '5,000,000', note: 'K-5' });
  await customer.presses('登録する');
  await customer.sees('STF002');
  await customer.presses('お客さまを開く');
  await customer.presses('トークンの手続きと履歴');
  await customer.sees('STF022');
  await customer.presses('時刻を補正する');
  await customer.sees('STF022');
  const codes = { first: portal.code(taroToken, 40), second: portal.code(taroToken, 41) };
  await customer.types({ ...codes, note: '窓口' });
  await customer.presses('時刻を補正する');
  await customer.sees('STF002');
  await customer.presses('お客さまを開く');
  await customer.presses('トークンの手続きと履歴');
  await expect(customer.main).toContainText('token.resynchronise');
  await customer.presses('失効する');
  await customer.sees('STF022');
  await customer.chooses('reason', 'lost');
  await customer.types({ note: '10時に電話' });
  await customer.presses('今すぐ失効する');
  await customer.sees('STF002');
  await expect(customer.main).toContainText('実行済み');
});

test('an auditor reads log, out-box and jobs @script @desk', async ({ customer, portal, page }) => {
  await logsIn(customer, portal, auditor);
  await customer.presses('トークン');
  await customer.sees('STF030');
  await customer.types({ q: '2V07' });
  await customer.presses('探す');
  await customer.sees('STF030');
  await customer.presses('監査ログ');
  await customer.sees('STF060');
  await customer.types({ operation: 'staff.' });
  await customer.presses('探す');
  await customer.sees('STF060');
  await expect(customer.main).toContainText('staff.login');
  await customer.presses('改ざんがないか検証する');
  await customer.sees('STF060');
  await expect(customer.main).toContainText('完全です');
  await customer.presses('送信箱');
  await customer.sees('STF070');
  await customer.presses('ジョブ');
  await customer.sees('STF080');
  await expect(customer.control('今すぐ実行.*')).toHaveCount(0);
  await page.goto('/shirakaba/staff/customers/1/release');
  await customer.sees('BER403');
  await expect(customer.main).toContainText('役割');
});

test('a release without script @noscript', async ({ customer, portal }) => {
  await logsIn(customer, portal, clerk);
  await finds(customer, mutsumi.loginId);
  await customer.presses('利用停止を解除する');
  await customer.types({ note: 'K-2026-001' });
  await customer.presses('承認を申請する');
  await customer.sees('STF002');
  await changesTo(customer, portal, checker);
  await customer.presses('承認待ち');
  await customer.presses('\\d{7}');
  await customer.presses('承認して実行する');
  await expect(customer.main).toContainText('承認済み');
});
