// The first login with the initial password of the welcome letter: BLG095.

import type { Customer } from '../support/customer';
import { yakumo } from '../support/people';
import type { Portal } from '../support/portal';
import { expect, test } from '../support/test';

const password = 'Kumo-no-ue#2027';
const confirm = 'kakushin88';
const address = 'yakumo.new@example.jp';

/** Through the first two steps to the code that was mailed. */
async function reachesCode(customer: Customer): Promise<void> {
  await customer.logsIn(yakumo.loginId, yakumo.password);
  await customer.sees('BLG095');
  await customer.types({ new_password: password, new_password_again: password });
  await customer.types({ new_confirm: confirm, new_confirm_again: confirm });
  await customer.sends('new_password');
  await customer.sees('BLG095');
  await customer.types({ mail_address: address, mail_address_again: address });
  await customer.sends('mail_address');
  await customer.sees('BLG095');
  await expect(customer.field('mail_code')).toBeVisible();
}

async function mailedCodes(portal: Portal): Promise<string[]> {
  const mails = (await portal.mails()).filter((mail) => [mail.to].flat().includes(address));
  return mails.map((mail) => /(?<![\d-])\d{6,8}(?![\d-])/.exec(mail.text)?.[0] ?? '');
}

test('passwords, mail address and the code from the mail', async ({ customer, portal }) => {
  await reachesCode(customer);
  const [code] = await mailedCodes(portal);
  expect(code, 'a code was mailed').toBeTruthy();
  await customer.types({ mail_code: code === '000000' ? '111111' : '000000' });
  await customer.sends('mail_code');
  await customer.sees('BLG095');
  await customer.isRefused();
  await customer.types({ mail_code: code ?? '' });
  await customer.sends('mail_code');
  await customer.sees('BTP001');
  await customer.logsOut();
  await customer.logsIn(yakumo.loginId, password);
  await customer.sees('BTP001');
});

test('the code can be sent again', async ({ customer, portal }) => {
  await reachesCode(customer);
  await portal.moveClock(61);
  await customer.leads(() => actionButton(customer, 'resend').click());
  await customer.sees('BLG095');
  const codes = await mailedCodes(portal);
  expect(codes.length).toBe(2);
  await customer.types({ mail_code: codes[0] ?? '' });
  await customer.sends('mail_code');
  await customer.sees('BTP001');
});

test('the mail address can wait', async ({ customer }) => {
  await reachesCode(customer);
  await customer.leads(() => actionButton(customer, 'later').click());
  await customer.sees('BTP001');
});

test('fields that differ or are too weak are named', async ({ customer }) => {
  await customer.logsIn(yakumo.loginId, yakumo.password);
  await customer.types({ new_password: password, new_password_again: `${password}x` });
  await customer.types({ new_confirm: confirm, new_confirm_again: confirm });
  await customer.sends('new_password');
  await customer.sees('BLG095');
  await customer.isRefused();
});

test('the setup can not be passed by @rule', async ({ customer }) => {
  await customer.logsIn(yakumo.loginId, yakumo.password);
  await customer.open('/');
  expect(await customer.looksUp()).not.toBe('BTP001');
});

function actionButton(customer: Customer, action: 'resend' | 'later') {
  const form = customer.page.locator(`form[action$="/setup/${action}"] button`);
  return form.or(customer.page.locator(`button[formaction$="/setup/${action}"]`)).first();
}
