// The database behind the portal's back: states that no page leads to yet, and faults. It is a
// SQLite file, or PostgreSQL where bin/scale-out has started several servers.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

const PATIENCE = '.timeout 10000';
const PSQL = ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1'];

const isFile = (database: string) => !database.includes('://');

/** Runs statements on a connection of their own. */
export function execute(database: string, sql: string): void {
  if (isFile(database)) {
    execFileSync('sqlite3', ['-batch', '-bail', '-cmd', PATIENCE, database, sql]);
  } else {
    execFileSync('psql', [...PSQL, '--dbname', database, '--command', sql]);
  }
}

/** Bytes as this database's SQL writes them. */
export function bytesInSql(database: string, bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return isFile(database) ? `x'${hex}'` : `'\\x${hex}'::bytea`;
}

/** Keeps everybody else from writing, until the function that comes back is called. */
export async function keepsFromWriting(database: string): Promise<() => Promise<void>> {
  const child = isFile(database) ? beginsOnSqlite(database) : beginsOnPostgres(database);
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout!, 'data'), ended]);
  if (child.exitCode !== null) throw new Error(`${database} could not be locked`);
  return async () => {
    child.stdin!.end('ROLLBACK;\n');
    await ended;
  };
}

const STDIO = { stdio: ['pipe', 'pipe', 'inherit'] as ['pipe', 'pipe', 'inherit'] };

function beginsOnSqlite(file: string): ChildProcess {
  const child = spawn('sqlite3', ['-batch', '-bail', file], STDIO);
  child.stdin.write(`${PATIENCE}\nBEGIN IMMEDIATE;\nSELECT 'mine';\n`);
  return child;
}

/** Nobody may write rows of any table then, and everybody may read. */
function beginsOnPostgres(database: string): ChildProcess {
  const child = spawn('psql', [...PSQL, '--dbname', database], STDIO);
  child.stdin.write(`BEGIN;
    DO $$ DECLARE tables text; BEGIN
      SELECT string_agg(format('%I', tablename), ', ' ORDER BY tablename) INTO tables
        FROM pg_tables WHERE schemaname = 'public';
      EXECUTE 'LOCK TABLE ' || tables || ' IN SHARE MODE';
    END $$;
    SELECT 'mine';\n`);
  return child;
}
