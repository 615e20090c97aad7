// The database behind the portal's back: states that no page leads to yet, and faults.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

const PATIENCE = '.timeout 10000';

/** Runs statements on a connection of their own. */
export function execute(file: string, sql: string): void {
  execFileSync('sqlite3', ['-batch', '-bail', '-cmd', PATIENCE, file, sql]);
}

/** Keeps everybody else from writing, until the function that comes back is called. */
export async function keepsFromWriting(file: string): Promise<() => Promise<void>> {
  const child = spawn('sqlite3', ['-batch', '-bail', file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  child.stdin.write(`${PATIENCE}\nBEGIN IMMEDIATE;\nSELECT 'mine';\n`);
  await Promise.race([once(child.stdout, 'data'), ended]);
  if (child.exitCode !== null) throw new Error(`${file} could not be locked`);
  return async () => {
    child.stdin.end('ROLLBACK;\n');
    await ended;
  };
}
