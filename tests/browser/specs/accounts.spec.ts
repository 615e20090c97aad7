// Balances and statements: BAC001 and BAC010, in `kodama` and, as a company sees them, in `inaho`.

import { readFileSync } from 'node:fs';
import type { Customer } from '../support/customer';
import { companyJiro, ichiro } from '../support/people';
import { expect, test } from '../support/test';

/** The file behind a link, as the browser saves it. */
async function downloads(customer: Customer, link: string): Promise<Buffer> {
  const [download] = await Promise.all([
    customer.page.waitForEvent('download'),
    customer.main.getByRole('link', { name: link, exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^meisai-\d{3}-\d{7}-\d+-\d+\.(csv|txt)$/);
  return readFileSync(await download.path());
}

/** The texts of the lines shown, cell by cell. */
function lines(customer: Customer): Promise<string[][]> {
  return customer.main
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')),
    );
}

test.describe('in kodama', () => {
  test.use({ slug: 'kodama' });

  test('from the balance to the movements, a search and the files', async ({ customer }) => {
    await customer.logsIn(ichiro.loginId, ichiro.password);
    await customer.sees('BTP001');
    await customer.presses('残高・入出金明細');
    await customer.sees('BAC001');
    await expect(customer.main).toContainText('2026年10月5日 10:00 現在');
    await customer.page.locator('tr', { hasText: '普通' }).getByRole('link').click();
    await customer.sees('BAC010');
    expect(await lines(customer)).toHaveLength(50);
    await customer.presses('前の明細へ');
    await customer.sees('BAC010');
    await expect(customer.main).toContainText('51〜100件目');

    await customer.types({ from: '2026/9/31', to: '' });
    await customer.presses('表示する');
    await customer.sees('BAC010');
    await customer.isRefused();
    await expect(customer.field('from')).toHaveValue('2026/9/31');
    await customer.types({ from: '２０２６年９月１日', to: '2026-09-30', q: '口座振替' });
    await customer.presses('表示する');
    await customer.sees('BAC010');
    const found = await lines(customer);
    expect(found.length).toBeGreaterThan(2);
    for (const [day, text] of found) {
      expect(day).toMatch(/^2026年9月\d+日$/);
      expect(text).toContain('口座振替');
    }

    await customer.presses('先月');
    await customer.sees('BAC010');
    const shown = await lines(customer);
    const csv = await downloads(customer, 'CSV（UTF-8）');
    expect([...csv.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const text = csv.subarray(3).toString('utf8');
    const records = text.trimEnd().split('\r\n');
    expect(records[0]).toContain('"取引日","取引区分","摘要"');
    expect(records.slice(1).map((record) => record.split('","')[4])).toEqual(
      shown.map((cells) => cells[1]).reverse(),
    );
    const sjis = await downloads(customer, 'CSV（Shift_JIS）');
    const decoded = new TextDecoder('shift_jis', { fatal: true }).decode(sjis);
    expect(decoded).toBe(text);
    const zengin = await downloads(customer, '全銀形式');
    expect(zengin.length).toBe((shown.length + 3) * 202);
    // Made on 令和8年10月5日, about September.
    expect(zengin.subarray(0, 14).toString('latin1')).toBe('10300810050809');
    const bare = await downloads(customer, '全銀形式（改行なし）');
    expect(bare.toString('latin1')).toBe(zengin.toString('latin1').replaceAll('\r\n', ''));

    await customer.page.emulateMedia({ media: 'print' });
    await expect(customer.main.locator('form')).toBeHidden();
    await expect(customer.main.getByRole('columnheader', { name: '差引残高' })).toBeVisible();
    await customer.page.emulateMedia({ media: null });
    await customer.presses('残高照会へ戻る');
    await customer.sees('BAC001');
  });
});

test.describe('in inaho', () => {
  test.use({ slug: 'inaho' });

  test('a user sees the accounts that were granted @desk', async ({ customer }) => {
    await customer.logsIn(companyJiro.loginId, companyJiro.password);
    await customer.sees('BTP001');
    await customer.presses('残高・入出金明細');
    await customer.sees('BAC001');
    expect(await lines(customer)).toHaveLength(2);
    await expect(customer.main).not.toContainText('7010046');
    await customer.page.locator('tr', { hasText: '当座' }).getByRole('link').click();
    await customer.sees('BAC010');
    await customer.presses('最新10件');
    await customer.sees('BAC010');
    expect(await lines(customer)).toHaveLength(10);
    const zengin = await downloads(customer, '全銀形式');
    expect(zengin.length).toBe(13 * 202);
    expect(zengin.subarray(62, 63).toString('latin1')).toBe('2');
  });
});
