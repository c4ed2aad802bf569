// Ring 2: .ci/run runs this file.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, freshDatabase } from '../support/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ENTRIES = {
  gateway: 'dist/apps/gateway/src/main.js',
  worker: 'dist/apps/worker/src/main.js',
  migrate: 'dist/apps/gateway/src/migrate.js',
  doctor: 'dist/apps/gateway/src/doctor.js',
  'webhook-secret': 'dist/apps/gateway/src/webhook-secret.js',
  'npm start': 'tools/start.mjs',
  longhaul: 'dist/apps/cli/src/main.js',
};
/** Nobody listens there: what starts in earnest would fail. */
const NOWHERE = { DATABASE_URL: 'postgres://postgres@127.0.0.1:1/none', AMQP_URL: 'amqp://127.0.0.1:1' };

describe('each process, from its command line (C34),', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longhaul-start-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  function run(entry: string, args: string[], env: Record<string, string> = {}): Promise<{ code: number; out: string; err: string }> {
    return new Promise((resolve) => {
      const options = { cwd: folder, env: { PATH: process.env['PATH'], ...NOWHERE, ...env }, timeout: 40_000 };
      execFile(process.execPath, [join(root, entry), ...args], options, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
      });
    });
  }

  test.each(Object.entries(ENTRIES))('%s answers --help and --version, and starts nothing', async (_, entry) => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await run(entry, ['--help'])).toEqual({ code: 0, out: expect.stringContaining('Usage: '), err: '' });
    expect(await run(entry, ['--version'])).toEqual({ code: 0, out: `longhaul ${version}\n`, err: '' });
  });

  test.each(Object.entries(ENTRIES))('%s refuses an argument that it does not know', async (_, entry) => {
    const { code, err } = await run(entry, ['--prot=4000']);
    expect(code).toBeGreaterThan(0);
    expect(err).toContain('--prot=4000');
  });

  test.each([['gateway'], ['worker'], ['migrate']] as const)('%s reads .env of its folder, and what the environment has wins', async (name) => {
    await writeFile(join(folder, '.env'), 'LONGHAUL_BROKER=carrier pigeon\n');
    const told = 'expected LONGHAUL_BROKER to be rabbitmq or none, got: "carrier pigeon"\n';
    expect(await run(ENTRIES[name], [])).toEqual({ code: 1, out: '', err: told });
    expect((await run(ENTRIES[name], [], { LONGHAUL_BROKER: 'rats' })).err).toContain('got: "rats"');
    await rm(join(folder, '.env'));
    await writeFile(join(folder, 'other.env'), 'LONGHAUL_BROKER=carrier pigeon\n');
    expect((await run(ENTRIES[name], [], { LONGHAUL_ENV_FILE: 'other.env' })).err).toBe(told);
    expect(await run(ENTRIES[name], [], { LONGHAUL_ENV_FILE: 'none.env' })).toMatchObject({ code: 1, err: expect.stringContaining('none.env') });
  });

  test('the secret of webhooks is printed by longhaul webhook-secret, each time the same, and sealed by longhaul rotate-secrets', async () => {
    const database = await freshDatabase();
    const key = { LONGHAUL_SECRET_KEYS: `2026-11:${Buffer.alloc(32, 7).toString('base64')}` };
    const print = (env: Record<string, string> = {}) => run(ENTRIES.longhaul, ['webhook-secret'], { DATABASE_URL: database.url, ...env });
    const first = await print();
    expect(first).toEqual({ code: 0, out: expect.stringMatching(/^whsec_\S+\n$/), err: '' });
    expect(await run(ENTRIES.longhaul, ['rotate-secrets'], { DATABASE_URL: database.url, ...key })).toEqual({ code: 0, out: 'sealed anew: 1\n', err: '' });
    expect(await print(key)).toEqual(first);
    expect(await print()).toMatchObject({ code: 1, out: '' });

    // The key is lost. A worker does not start, and says what to do; that gives a new secret.
    const other = { DATABASE_URL: database.url, LONGHAUL_SECRET_KEYS: `2027-02:${Buffer.alloc(32, 8).toString('base64')}` };
    const lost = 'longhaul rotate-secrets --replace-lost gives these webhooks new secrets\n';
    expect(await run(ENTRIES.worker, [], { ...other, WORKER_PORT: '0', LOG_LEVEL: 'error' })).toEqual({ code: 1, out: '', err: expect.stringMatching(lost) });
    expect(await run(ENTRIES.longhaul, ['rotate-secrets'], other)).toEqual({ code: 1, out: '', err: expect.stringMatching(lost) });
    const args = ['rotate-secrets', '--replace-lost', '--reason', 'the disk is gone'];
    const { code, out } = await run(ENTRIES.longhaul, args, other);
    const [, fresh] = /^callback URLs: the new secret is (whsec_\S+)\nevery secret is sealed with the first key already\n$/.exec(out) ?? [];
    expect([code, fresh === first.out.trim()]).toEqual([0, false]);
    expect(await run(ENTRIES.longhaul, ['webhook-secret'], other)).toEqual({ code: 0, out: `${fresh}\n`, err: '' });
    expect(await run(ENTRIES.longhaul, args, other)).toEqual({ code: 0, out: 'every secret is sealed with the first key already\n', err: '' });
    await database.drop();
  });

  test('a port that is taken is one line that names it', async () => {
    const database = await freshDatabase();
    const port = await freePort();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
    const env = { DATABASE_URL: database.url, LONGHAUL_BROKER: 'none', LOG_LEVEL: 'error', PORT: String(port) };
    const { code, out, err } = await run(ENTRIES.gateway, [], env);
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(new RegExp(`^expected 127.0.0.1:${String(port)} to be free, got: .*\n$`)),
    });
    await new Promise((resolve) => taken.close(resolve));
    await database.drop();
  });
});
