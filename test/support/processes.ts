import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CANARY } from './canary.js';
import { filesDir } from './services.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type AppName = 'gateway' | 'worker';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** What the Jest environment (environment.mjs) needs to know of each process, to print its logs and to end it. */
export interface Registered {
  readonly name: string;
  readonly mayBeLeftRunning: boolean;
  isRunning(): boolean;
  kill(signal: NodeJS.Signals): void;
  logs(): string[];
  /** Lines with a canary, of all that it has logged. */
  leaks(): string[];
}

/** A gateway or a worker of the built product, running as its own process. */
export interface App extends Registered {
  /** Where it listens: the gateway's API, the worker's health and metrics. */
  readonly url: string;
  readonly pid: number;
  readonly env: Readonly<Record<string, string>>;
  readonly exited: Promise<Exit>;
  /** Waits until `/health/ready` answers 200. Called by spawnApp unless told otherwise. */
  ready(timeoutMs?: number): Promise<void>;
  /** SIGTERM, then waits for the drain. The exit code: 0 is a clean stop. After `timeoutMs`: SIGKILL, and throws. */
  stop(timeoutMs?: number): Promise<number | null>;
}

export interface SpawnOptions {
  /** Return at once instead of waiting for `/health/ready`: for tests of a start that is meant to fail or to wait. */
  waitUntilReady?: boolean;
  readyTimeoutMs?: number;
  /** The file does not fail if this process still runs at its end; it is ended all the same. */
  leaveRunning?: boolean;
}

declare global {
  var __longhaulProcesses: Set<Registered> | undefined;
}

/**
 * Starts a gateway or a worker on free ports of 127.0.0.1. Debug kinds are on; without AMQP_URL it runs single-process mode.
 * A port that another process took in between is noticed and another one tried.
 */
export async function spawnApp(app: AppName, env: Record<string, string>, options: SpawnOptions = {}): Promise<App> {
  for (let left = 3; ; left--) {
    const started = await startOnce(app, env, options);
    if (options.waitUntilReady === false) return started;
    try {
      await started.ready(options.readyTimeoutMs);
      return started;
    } catch (error) {
      const portTaken = started.logs().some((line) => line.includes('EADDRINUSE'));
      started.kill('SIGKILL');
      await started.exited;
      if (!portTaken || left === 1) throw error;
      registry().delete(started);
    }
  }
}

async function startOnce(app: AppName, env: Record<string, string>, options: SpawnOptions): Promise<App> {
  const entry = join(root, 'dist/apps', app, 'src/main.js');
  if (!existsSync(entry)) throw new Error(`expected the build at ${entry}, got none. Run npm run build, or npm test.`);
  const port = env[app === 'gateway' ? 'PORT' : 'WORKER_PORT'] ?? String(await freePort());
  const full = { ...baseEnv(env), [app === 'gateway' ? 'PORT' : 'WORKER_PORT']: port };
  const child = spawn(process.execPath, [entry], {
    cwd: root,
    env: full,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const handle = appHandle(app, child, `http://127.0.0.1:${port}`, full, options.leaveRunning ?? false);
  registry().add(handle);
  return handle;
}

function appHandle(app: AppName, child: ChildProcess, url: string, env: Record<string, string>, mayBeLeftRunning: boolean): App {
  const leaks: string[] = [];
  const lines = captureLines(app, child, leaks);
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      lines.push(error.message);
      resolve({ code: null, signal: null });
    });
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const isRunning = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    name: `${app} (pid ${String(child.pid)})`,
    url,
    env,
    pid: child.pid ?? -1,
    exited,
    mayBeLeftRunning,
    isRunning,
    logs: () => [...lines],
    leaks: () => [...leaks],
    kill: (signal) => {
      child.kill(signal);
    },
    ready: (timeoutMs = 90_000) => untilReady(app, url, timeoutMs, isRunning, exited, lines),
    stop: async (timeoutMs = 60_000) => {
      if (isRunning()) child.kill('SIGTERM');
      const exit = await Promise.race([exited, delay(timeoutMs, null, { ref: false })]);
      if (exit) return exit.code;
      child.kill('SIGKILL');
      throw new Error(`expected the ${app} to drain within ${String(timeoutMs)} ms of SIGTERM, got: still running`);
    },
  };
}

async function untilReady(
  app: AppName,
  url: string,
  timeoutMs: number,
  isRunning: () => boolean,
  exited: Promise<Exit>,
  lines: readonly string[],
): Promise<void> {
  const end = Date.now() + timeoutMs;
  const tail = (): string => lines.slice(-40).join('\n');
  let last = 'no answer';
  while (Date.now() < end) {
    if (!isRunning()) {
      const { code, signal } = await exited;
      throw new Error(`expected the ${app} to start, got: exit ${String(code ?? signal)}. Its log:\n${tail()}`);
    }
    try {
      const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
      last = `${String(response.status)} ${await response.text()}`;
      if (response.status === 200) return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await delay(50);
  }
  throw new Error(`expected ${url}/health/ready to answer 200 within ${String(timeoutMs)} ms, got: ${last}. ` + `The ${app}'s log:\n${tail()}`);
}

function captureLines(app: AppName, child: ChildProcess, leaks: string[]): string[] {
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (CANARY.test(line) && leaks.length < 100) leaks.push(line);
  };
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        keep(line);
        if (lines.length > 20_000) lines.splice(0, 10_000);
        if (process.env['LONGHAUL_TEST_LOGS'] === '1') process.stderr.write(`${app} ${String(child.pid)} | ${line}\n`);
      }
    });
    stream?.on('end', () => {
      if (rest !== '') keep(rest);
    });
  }
  return lines;
}

/** Only what a process needs of the tests' environment: Jest's NODE_OPTIONS and the user's own URLs must not leak in. */
function baseEnv(env: Record<string, string>): Record<string, string> {
  const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG'].flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(passedOn),
    HOST: '127.0.0.1',
    // A developer's own .env must not reach the tests.
    LONGHAUL_ENV_FILE: '',
    LONGHAUL_DEBUG_KINDS: '1',
    LONGHAUL_BROKER: env['AMQP_URL'] === undefined ? 'none' : 'rabbitmq',
    // Gateway and worker share it, as they share a database; global-teardown.mjs removes it.
    FILES_DIR: filesDir(),
    ...env,
  };
}

function registry(): Set<Registered> {
  if (!globalThis.__longhaulProcesses) {
    throw new Error('expected the Longhaul test environment, got another: spawnApp belongs in e2e and chaos tests');
  }
  return globalThis.__longhaulProcesses;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address from listen(0)');
  return address.port;
}
