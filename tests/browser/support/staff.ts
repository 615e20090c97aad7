// Staff in front of the console of a portal.

import type { Customer } from './customer';
import type { Portal } from './portal';

export interface Member {
  id: string;
  password: string;
  serial: string;
}

export const clerk = { id: 'clerk', password: 'Clerk#2026', serial: 'STAFF0000001' };
export const checker = { id: 'checker', password: 'Checker#2026', serial: 'STAFF0000002' };
export const auditor = { id: 'auditor', password: 'Auditor#2026', serial: 'STAFF0000003' };
export const trainee = { id: 'trainee', password: 'Trainee#2026', serial: '' };

/** Id and password, wherever that leads. */
export async function enters(who: Customer, member: Member): Promise<void> {
  await who.open('/staff/login');
  await who.sees('STF001');
  await who.types({ staff_id: member.id, password: member.password });
  await who.presses('次へ');
  await who.sees('STF001');
}

/** Both steps; the code is of the next time step, so that it was never used. */
export async function logsIn(who: Customer, portal: Portal, member: Member): Promise<void> {
  await enters(who, member);
  await who.types({ otp: await portal.nextCode(member.serial) });
  await who.presses('ログイン');
  await who.sees('STF002');
}

/** From one member to another in the same browser. */
export async function changesTo(who: Customer, portal: Portal, member: Member): Promise<void> {
  await who.presses('ログアウト');
  await who.sees('STF001');
  await logsIn(who, portal, member);
}

/** Finds a customer and opens the page. */
export async function finds(who: Customer, loginId: string): Promise<void> {
  await who.presses('お客さま');
  await who.sees('STF010');
  await who.types({ q: loginId });
  await who.presses('探す');
  await who.sees('STF010');
  await who.presses(loginId);
  await who.sees('STF012');
}
