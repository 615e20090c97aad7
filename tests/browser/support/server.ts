// A portal with demo data of its own, one for each worker: on a free port, in a temporary folder.
// bin/scale-out has one running already, of several processes, and says where (see `found`).

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const outDir = resolve(__dirname, '..', 'out');
export const binary =
  process.env.MADOGUCHI_BIN ?? resolve(__dirname, '..', '..', '..', 'target', 'debug', 'madoguchi');

const START_MILLISECONDS_MAX = 20_000;
const STOP_MILLISECONDS_MAX = 5_000;

export class Server {
  private constructor(
    readonly url: string,
    /** Where one logs on with a client certificate. */
    readonly certificateUrl: string,
    /** Its SQLite file, or the URL of its PostgreSQL database. */
    readonly database: string,
    /** Where it and its commands work. */
    private readonly folder: string,
    /** The program, unless it was found running; then nothing is ended or removed here. */
    private readonly child?: ChildProcess,
  ) {}

  /** The one that is said to run, else one of its own. */
  static async of(name: string): Promise<Server> {
    const url = process.env.MADOGUCHI_BROWSER_URL;
    return url === undefined ? Server.start(name) : Server.found(url);
  }

  /** What somebody else has started, and ends. One worker only: all use the same database. */
  private static found(url: string): Server {
    const certificateUrl = said('MADOGUCHI_BROWSER_CERTIFICATE_URL');
    return new Server(url, certificateUrl, said('MADOGUCHI_BROWSER_DATABASE'), tmpdir());
  }

  /** Starts the program and waits until it says that it is ready. Its log goes to out/. */
  private static async start(name: string): Promise<Server> {
    if (!existsSync(binary)) throw new Error(`${binary} is missing: run cargo build`);
    const folder = mkdtempSync(join(tmpdir(), 'mdg-web-'));
    const [port, tlsPort] = [await freePort(), await freePort()];
    const log = openSync(join(outDir, `server-${name}.log`), 'a');
    const tls = ['--tls-client-listen', `127.0.0.1:${tlsPort}`];
    const listen = ['--listen', `127.0.0.1:${port}`, ...tls];
    const file = join(folder, 'demo.db');
    const child = spawn(binary, ['demo', ...listen, '--database', databaseUrl(file)], {
      cwd: folder,
      env: environment(),
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const urls = [`http://127.0.0.1:${port}`, `https://127.0.0.1:${tlsPort}`] as const;
    const server = new Server(...urls, file, folder, child);
    process.once('exit', () => child.kill('SIGKILL'));
    await server.waitUntilReady(child);
    return server;
  }

  /** Runs a command of staff on this server's database; what it said. */
  runs(...command: string[]): string {
    const arguments_ = [...command, '--database', databaseUrl(this.database)];
    const options = { cwd: this.folder, env: environment(), encoding: 'utf8' as const };
    return execFileSync(binary, arguments_, options);
  }

  private async waitUntilReady(child: ChildProcess): Promise<void> {
    const end = Date.now() + START_MILLISECONDS_MAX;
    while (Date.now() < end && child.exitCode === null) {
      const ready = await fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) return;
      await sleep(50);
    }
    await this.stop();
    throw new Error(`the server did not start (exit code ${child.exitCode}); see its log`);
  }

  async stop(): Promise<void> {
    if (this.child === undefined) return;
    await ends(this.child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function ends(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS_MAX);
  await ended;
  clearTimeout(timer);
}

/** As the program wants it: a file has no scheme of its own. */
function databaseUrl(database: string): string {
  return database.includes('://') ? database : `sqlite:${database}`;
}

function said(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is missing beside MADOGUCHI_BROWSER_URL`);
  return value;
}

/** The environment without this program's own settings. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('MADOGUCHI_'));
  return Object.fromEntries(own) as NodeJS.ProcessEnv;
}

export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
