// Kinds of token that close for registration on set dates; registered ones keep working.

import type { Customer } from '../support/customer';
import { satsuki, shiro } from '../support/people';
import type { Portal } from '../support/portal';
import { expect, test } from '../support/test';

const kinds = [
  { kind: 'vendor app', who: shiro, serial: 'SYMC10000001', closes: '2017-07-24' },
  { kind: 'desktop', who: satsuki, serial: 'MDGDESK00001', closes: '2018-03-12' },
];

async function stops(customer: Customer, portal: Portal, kind: (typeof kinds)[number]) {
  const { who, serial } = kind;
  await customer.begins('利用中止', 'BOM121', who.loginId, who.password);
  await customer.types({ otp: portal.code(serial) });
  await customer.confirms(who);
  await customer.presses('停止');
  await customer.sees('BOM123');
}

async function starts(customer: Customer, portal: Portal, kind: (typeof kinds)[number]) {
  const { who, serial } = kind;
  await customer.begins('利用開始', 'BOM101', who.loginId, who.password);
  await customer.sees('BOM102');
  await customer.types({ serial, otp: portal.code(serial) });
  await customer.chooses('login_choice', 'not_required');
  await customer.confirms(who);
  await customer.presses('登録');
}

for (const kind of kinds) {
  const midnight = new Date(`${kind.closes}T00:00:00+09:00`);

  test(`a ${kind.kind} token starts until the last second @once`, async ({ customer, portal }) => {
    await portal.reset(new Date(midnight.getTime() - 300_000));
    await stops(customer, portal, kind);
    await portal.moveClockTo(new Date(midnight.getTime() - 1_000).toISOString());
    await starts(customer, portal, kind);
    await customer.sees('BOM103');
  });

  test(`a ${kind.kind} token starts no more from then on @once`, async ({ customer, portal }) => {
    await portal.reset(new Date(midnight.getTime() - 300_000));
    await stops(customer, portal, kind);
    await portal.moveClockTo(midnight.toISOString());
    await starts(customer, portal, kind);
    await customer.sees('BOM102');
    await customer.isRefused();
    const text = await customer.text();
    expect(text, 'names the way out').toMatch(/アプリ/);
    expect(text, 'names the way out').toMatch(/ハードウェア/);
  });

  test(`a registered ${kind.kind} token keeps working @once`, async ({ customer, portal }) => {
    await stops(customer, portal, kind);
  });
}
