// Ring 2: .ci/run runs this file.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describeInCi, describeWithBroker, describeWithControl, freshAccount, freshVhost, inCi, type Stack, startStack, waitFor } from '../support/index.js';
import { administerPostgres, listVhosts, testServices, urlOfVhost } from '../support/services.mjs';

/** This file runs itself by `npm test`, twice: what is to be interrupted, and what only shows where it runs. */
const ROLE = process.env['LONGHAUL_TEST_OF_NPM_TEST'];

if (ROLE === undefined) outer();
else inner();

function inner(): void {
  describeWithBroker('a run within the test of npm test', () => {
    let stack: Stack;
    beforeAll(async () => {
      stack = await startStack({ mode: 'distributed' });
    });
    afterAll(() => stack.stop());

    test('has a stack', async () => {
      const id = await stack.api.accepted('debug.isolated', { do: ROLE === 'endless' ? 'hang' : 'echo' }, { timeout: '1h' });
      await stack.api.waitForState(id, ROLE === 'endless' ? 'running' : 'succeeded', 60_000);
      process.stderr.write(`inner: in ${stack.amqpUrl} at ${stack.databaseUrl}\n`);
      if (ROLE === 'endless') await new Promise(() => undefined);
    }, 600_000);
  });
}

function outer(): void {
  const left: ChildProcess[] = [];
  afterEach(() => {
    for (const child of left.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  });

  /** `npm test` of this very file, on the services of this run. */
  function start(role: string, amqpUrl: string, control: Record<string, string | undefined> = { RABBITMQCTL: testServices().rabbitmqctl }) {
    const ofThisRun = ['LONGHAUL_TEST_RUN', 'TEST_AMQP_URL', 'JEST_WORKER_ID', 'NODE_OPTIONS', 'RABBITMQCTL'];
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofThisRun.includes(name)));
    const child = spawn(process.execPath, ['tools/test.mjs', 'test/e2e/npm-test.e2e.ts'], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...env, ...control, AMQP_URL: amqpUrl, LONGHAUL_TEST_OF_NPM_TEST: role },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    left.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, ended, output: () => output };
  }

  const databases = async () =>
    administerPostgres(async (client) => (await client.query<{ datname: string }>('SELECT datname FROM pg_database')).rows.map(({ datname }) => datname));

  function processesWith(mark: string): string[] {
    return readdirSync('/proc').filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        return readFileSync(`/proc/${name}/environ`, 'latin1').includes(mark);
      } catch {
        return false;
      }
    });
  }

  (inCi ? describeWithControl : describeInCi)('npm test', () => {
    test.each(['SIGINT', 'SIGTERM'] as const)(
      'interrupted by %s leaves no process, database, virtual host or file behind (C26)',
      async (signal) => {
        const run = start('endless', testServices().amqpUrl ?? '');
        const [, id] = await waitFor('its test to run', () => /inner: in \S+\/(lh_test_[0-9a-z]+_[0-9a-z]+)_/.exec(run.output()), { timeoutMs: 120_000 });
        const mark = String(id);
        const traces = async () => [...(await databases()), ...(await listVhosts()), ...readdirSync(tmpdir())].filter((name) => name.startsWith(mark));
        expect((await traces()).length).toBeGreaterThanOrEqual(3);
        expect(processesWith(mark).length).toBeGreaterThanOrEqual(2);
        run.child.kill(signal);
        expect(await run.ended).toBe(130);
        expect(await traces()).toEqual([]);
        expect(processesWith(mark)).toEqual([]);
      },
      240_000,
    );

    test('with an AMQP_URL that names a virtual host makes one for each file, on that broker, with that account (C26)', async () => {
      const [vhost, account] = [await freshVhost(), await freshAccount()];
      try {
        await account.allow(vhost.name, { configure: '.*', write: '.*', read: '.*' });
        const run = start('short', account.url(vhost.name));
        expect([await run.ended, run.output()]).toEqual([0, expect.stringContaining('1 passed, 0 failed, 0 skipped')]);
        expect(run.output()).toContain(`inner: in amqp://${account.name}:`);
        expect(run.output()).not.toContain(`inner: in ${account.url(vhost.name)}`);
      } finally {
        await account.drop();
        await vhost.drop();
      }
    }, 240_000);

    test('says in one line, before any test runs, what is needed where virtual hosts cannot be made (C26)', async () => {
      const vhost = await freshVhost();
      // As on a hosted broker: nothing here administers it.
      const run = start('short', urlOfVhost(vhost.name), { RABBITMQCTL: 'false' });
      expect(await run.ended).toBe(1);
      const lines = run
        .output()
        .trim()
        .split('\n')
        .filter((line) => !/^longhaul: (building|PostgreSQL)/.test(line));
      expect(lines).toEqual([
        expect.stringMatching(
          /^longhaul: expected to make a virtual host for each test file on the broker of AMQP_URL .*, got: .*\. Set RABBITMQCTL .*or RABBITMQ_MANAGEMENT_URL/,
        ),
      ]);
      expect(run.output()).not.toMatch(/guest:guest@/);
      await vhost.drop();
    }, 120_000);
  });
}
