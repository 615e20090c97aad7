// Client certificates: drawn, required by staff, used through TLS, renewed, revoked.

import { downloads, withCertificate } from '../support/certificates';
import type { Customer } from '../support/customer';
import { aoba, tantoA, tantoD } from '../support/people';
import { clerk, finds, logsIn } from '../support/staff';
import { expect, test } from '../support/test';

test.use({ slug: 'aoba' });

async function logsOn(who: Customer, user: typeof tantoD): Promise<void> {
  await who.open('/login');
  await who.sees('BLG001');
  await who.types({ contract_id: user.contract, user_id: user.id });
  await who.types({ user_password: user.password });
  await who.sends('contract_id');
}

async function draws(who: Customer, button: string, secret: string): Promise<void> {
  await who.sees('BCE001');
  await who.presses(button);
  await who.sees('BCE002');
  await who.types({ confirm: 'chigau99' });
  await who.sends('confirm');
  await who.sees('BCE002');
  await who.isRefused();
  await who.types({ confirm: secret });
  await who.sends('confirm');
  await who.sees('BCE003');
}

test('a certificate near its end is renewed @script', async ({ customer }) => {
  await logsOn(customer, tantoD);
  await customer.sees('BTP001');
  await customer.presses('電子証明書');
  await expect(customer.main).toContainText('あと30日');
  await draws(customer, '更新する', tantoD.secret);
});

test('from the requirement over the log-on to the revocation @script @desk', async ({
  browser,
  customer,
  page,
  portal,
  server,
}, info) => {
  await logsIn(customer, portal, clerk);
  await finds(customer, `${tantoA.contract}/${tantoA.id}`);
  await customer.presses('必要・不要を変更する');
  await customer.sees('STF023');
  await customer.chooses('required', 'yes');
  await customer.types({ note: 'K-2026-100' });
  await customer.presses('変更する');
  await customer.sees('STF002');
  await page.context().clearCookies();

  await logsOn(customer, tantoA);
  await draws(customer, '取得する', tantoA.secret);
  const certificate = await downloads(page);
  const holder = await withCertificate(browser, info, server, portal, certificate);
  await logsOn(holder, tantoA);
  await holder.sees('BTP001');
  await page.context().clearCookies();
  await logsOn(customer, tantoA);
  await customer.sees('BLG016');

  server.runs('certificate', 'require', '--portal', 'aoba', aoba.contract, 'off');
  await customer.open('/login');
  await customer.types({ login_id: aoba.contract, password: aoba.password });
  await customer.sends('login_id');
  await customer.open('/administrator/users');
  await customer.presses('電子証明書の失効');
  await customer.sees('BAU115');
  await page.getByLabel('担当者Aを選択').check();
  await customer.types({ confirm: aoba.secret });
  await customer.sends('confirm');
  await customer.sees('BAU116');
  await customer.receipt();
  await logsOn(holder, tantoA);
  await holder.sees('BLG016');
  await expect(holder.main).toContainText('失効しています');
  await holder.page.context().close();
});
