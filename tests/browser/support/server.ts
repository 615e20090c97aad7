// A portal with demo data of its own, one for each worker: on a free port, in a temporary folder.

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
    /** Its SQLite file. */
    readonly database: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Starts the program and waits until it says that it is ready. Its log goes to out/. */
  static async start(name: string): Promise<Server> {
    if (!existsSync(binary)) throw new Error(`${binary} is missing: run cargo build`);
    const folder = mkdtempSync(join(tmpdir(), 'mdg-web-'));
    const [port, tlsPort] = [await freePort(), await freePort()];
    const log = openSync(join(outDir, `server-${name}.log`), 'a');
    const tls = ['--tls-client-listen', `127.0.0.1:${tlsPort}`];
    const listen = ['--listen', `127.0.0.1:${port}`, ...tls];
    const file = join(folder, 'demo.db');
    const child = spawn(binary, ['demo', ...listen, ...Server.database(folder)], {
      cwd: folder,
      env: environment(),
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const urls = [`http://127.0.0.1:${port}`, `https://127.0.0.1:${tlsPort}`] as const;
    const server = new Server(...urls, file, child, folder);
    process.once('exit', () => child.kill('SIGKILL'));
    await server.waitUntilReady();
    return server;
  }

  private static database(folder: string): string[] {
    return ['--database', `sqlite:${join(folder, 'demo.db')}`];
  }

  /** Runs a command of staff on this server's database; what it said. */
  runs(...command: string[]): string {
    const arguments_ = [...command, ...Server.database(this.folder)];
    const options = { cwd: this.folder, env: environment(), encoding: 'utf8' as const };
    return execFileSync(binary, arguments_, options);
  }

  private async waitUntilReady(): Promise<void> {
    const end = Date.now() + START_MILLISECONDS_MAX;
    while (Date.now() < end && this.child.exitCode === null) {
      const ready = await fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) return;
      await sleep(50);
    }
    await this.stop();
    throw new Error(`the server did not start (exit code ${this.child.exitCode}); see its log`);
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done));
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM');
      const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MILLISECONDS_MAX);
      await ended;
      clearTimeout(timer);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
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
