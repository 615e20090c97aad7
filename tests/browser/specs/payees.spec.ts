// Payees: BTR020 to BTR022, in `kodama` by the confirming secret, in `inaho` by a code.

import type { Customer } from '../support/customer';
import { companyJiro, ichiro } from '../support/people';
import { expect, test } from '../support/test';

async function begins(customer: Customer): Promise<void> {
  await customer.logsIn(ichiro.loginId, ichiro.password);
  await customer.sees('BTP001');
  await customer.presses('振込先');
  await customer.sees('BTR020');
  await customer.presses('振込先を登録する');
  await customer.sees('BTR021');
}

test.describe('in kodama', () => {
  test.use({ slug: 'kodama' });

  test('a payee is registered by search, changed and deleted @script', async ({
    customer,
    portal,
  }) => {
    await begins(customer);
    await expect(customer.main).toContainText('現在です');
    await customer.types({ q: 'shirakaba' });
    await customer.presses('検索する');
    await customer.sees('BTR021');
    await customer.presses('しらかば信用金庫');
    await customer.sees('BTR021');
    await customer.presses('駅前支店');
    await customer.sees('BTR021');
    await customer.types({ number: '503', holder: '' });
    await customer.presses('次へ');
    await customer.sees('BTR021');
    await customer.isRefused();
    await customer.types({ holder: '株式会社でもしょうかい', nickname: 'デモ商会' });
    await customer.presses('次へ');
    await customer.sees('BTR021');
    await customer.isRefused();
    await expect(customer.field('holder')).toHaveValue('ｶ)ﾃﾞﾓｼﾖｳｶｲ');
    await customer.presses('次へ');
    await customer.sees('BTR021');
    await expect(customer.main).toContainText('名義は照会していません');
    await customer.types({ confirm: ichiro.secret });
    await customer.presses('登録する');
    await customer.sees('BTR021');
    await customer.receipt();
    const [mail] = await portal.mailsTo(ichiro.loginId);
    expect(mail?.subject).toContain('振込先の登録');
    await customer.presses('振込先一覧へ');
    await customer.sees('BTR020');

    await customer.presses('デモ商会');
    await customer.sees('BTR021');
    await customer.types({ number: '1234567', holder: '' });
    await customer.presses('次へ');
    await customer.sees('BTR021');
    await expect(customer.main).toContainText('照会した名義');
    await customer.types({ confirm: ichiro.secret });
    await customer.presses('変更する');
    await customer.sees('BTR021');
    await customer.presses('振込先一覧へ');
    await customer.sees('BTR020');
    await customer.presses('デモ商会');
    await customer.sees('BTR021');
    await customer.presses('この振込先を削除する');
    await customer.sees('BTR022');
    await customer.types({ confirm: ichiro.secret });
    await customer.presses('削除する');
    await customer.sees('BTR022');
    await customer.presses('振込先一覧へ');
    await customer.sees('BTR020');
    await expect(customer.main).not.toContainText('デモ商会');
  });

  test('bank and branch are found by their initials @noscript @rule', async ({ customer }) => {
    await begins(customer);
    await customer.presses('ま');
    await customer.sees('BTR021');
    await customer.presses('み');
    await customer.sees('BTR021');
    await customer.presses('みずほ');
    await customer.sees('BTR021');
    await customer.presses('か');
    await customer.presses('か');
    await customer.presses('神田駅前');
    await customer.sees('BTR021');
    await customer.types({ number: '9234523' });
    await customer.presses('次へ');
    await customer.sees('BTR021');
    await expect(customer.main).toContainText('ｶ)ｳﾐﾍﾞｼﾖｳｶｲ');
    await customer.presses('申込を中止する');
    await customer.sees('BTR020');
  });
});

test.describe('in inaho', () => {
  test.use({ slug: 'inaho' });

  test("a company's payee waits for its form @script @desk", async ({ customer, portal }) => {
    await customer.logsIn(companyJiro.loginId, companyJiro.password);
    await customer.sees('BTP001');
    await customer.presses('振込先の登録・変更');
    await customer.sees('BTR020');
    await expect(customer.main).toContainText('事前登録の承認待ち');
    await customer.open('/payees/new?bank=0985&branch=302');
    await customer.sees('BTR021');
    await customer.types({ number: '7020101' });
    await customer.presses('次へ');
    await customer.sees('BTR021');
    await expect(customer.main).toContainText('ﾃﾞ-ﾀﾅﾅｵｼﾖｳﾃﾝ');
    await customer.types({ otp: portal.slowCode('12345678') });
    await customer.presses('登録する');
    await customer.sees('BTR021');
    await expect(customer.main).toContainText('申込書のご提出が必要です');
  });
});
