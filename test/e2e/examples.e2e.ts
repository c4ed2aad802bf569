// Ring 2: .ci/run runs this file.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { JobView } from '@app/contracts';
import { describeInCi, freePort, type FreshDatabase, freshDatabase, packLonghaul, waitFor } from '../support/index.js';

// `examples/` as its READMEs say, with the npm package as `npm run pack` makes it.

const root = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(root, 'node_modules/typescript/bin/tsc');

describeInCi('the example', () => {
  let folder: string;
  let database: FreshDatabase;
  let longhaul: string;
  const running = new Set<ChildProcess>();
  const patience = { timeoutMs: 120_000 };

  beforeAll(async () => {
    ({ folder, longhaul } = packLonghaul('examples'));
    for (const name of ['hello', 'nest-app']) {
      const isSource = (path: string) => !/\/(node_modules|dist|\.longhaul)$/.test(path);
      cpSync(join(root, 'examples', name), join(folder, name), { recursive: true, filter: isSource });
    }
    database = await freshDatabase();
  }, 300_000);
  afterEach(async () => {
    await Promise.all([...running].map(stop));
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('hello compiles under strict, answers the first job, and runs a change of its source', async () => {
    const home = join(folder, 'hello');
    node(home, [TSC, '-p', '.']);
    const url = await start(home, [longhaul, 'dev']);
    const result = () => {
      const printed = node(home, [longhaul, 'submit', 'hello.say', '{"name":"Ada"}', '--wait', '--json'], { LONGHAUL_URL: url });
      return (JSON.parse(printed.trim().split('\n').at(-1) ?? '') as JobView).result;
    };
    expect(result()).toEqual({ text: 'Hello, Ada!' });

    const job = join(home, 'hello.job.ts');
    writeFileSync(job, readFileSync(job, 'utf8').replace('Hello,', 'Good morning,'));
    await waitFor('the change to run', () => isDeepStrictEqual(result(), { text: 'Good morning, Ada!' }), patience);
  }, 300_000);

  test('nest-app compiles under strict, and commits an order with its job, or neither', async () => {
    const home = join(folder, 'nest-app');
    node(home, [TSC, '-p', '.']);
    node(home, [longhaul, 'migrate'], settings());
    const url = await start(home, ['dist/main.js']);
    const order = async (customer: string) =>
      fetch(`${url}/orders`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ customer }) });

    const answer = await order('Ada');
    expect(answer.status).toBe(201);
    const { id } = (await answer.json()) as { id: number };
    await waitFor('the invoice', async () => ((await (await fetch(`${url}/orders/${id}`)).json()) as { invoicedAt: string | null }).invoicedAt, patience);

    expect((await order(' ')).status).toBe(500);
    expect((await fetch(`${url}/orders/${id + 1}`)).status).toBe(404);
  }, 300_000);

  function settings(port = 0): Record<string, string> {
    return { DATABASE_URL: database.url, LONGHAUL_BROKER: 'none', LONGHAUL_ENV_FILE: '', PORT: String(port) };
  }

  /** A command to its end, in a folder; what it has printed. */
  function node(cwd: string, args: string[], env: Record<string, string> = {}): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', env: { ...process.env, ...env } });
    if (status !== 0) throw new Error(`expected ${args.join(' ')} to work in ${cwd}, got exit ${String(status)}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** A program that goes on, once it listens; its address. */
  async function start(cwd: string, args: string[]): Promise<string> {
    const port = await freePort();
    const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...settings(port) }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    const url = `http://127.0.0.1:${port}`;
    const listens = async () => {
      if (child.exitCode !== null) return 'ended';
      // Any answer will do: the routes are the example's own.
      return (await fetch(`${url}/health/ready`)).status !== 503;
    };
    if ((await waitFor(`${args.join(' ')} to listen`, listens, patience)) === 'ended') throw new Error(`expected ${args.join(' ')} to go on, got:\n${output}`);
    return url;
  }

  async function stop(child: ChildProcess): Promise<void> {
    running.delete(child);
    if (child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
});
