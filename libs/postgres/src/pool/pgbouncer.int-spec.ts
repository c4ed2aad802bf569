import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SCHEMA, type WorkerId } from '@app/core';
import { RecordingLogger } from '@app/core/testing';
import pg from 'pg';
import { describeIf, freePort, type FreshDatabase, freshDatabase, waitFor } from '../../../../test/support/index.js';
import { connectionOf } from './connection.js';
import { createDataSource } from './data-source.js';
import { Database } from './database.js';
import { requireSessions } from './pooler.js';
import { Presence } from '../lease/presence.js';

const isThere = spawnSync('pgbouncer', ['--version']).status === 0;
// pgbouncer itself refuses to run as root.
const NOBODY = 65_534;

/** In this database: other tests have a worker 7 too. */
const LOCKS_OF_7 = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

let database: FreshDatabase;
const running: { process: ChildProcess; dir: string }[] = [];

/** A PgBouncer of this test's own before the test's database. */
async function bouncer(mode: 'session' | 'transaction' | 'statement', settings = ''): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'longhaul-pgbouncer-'));
  const port = await freePort();
  const { hostname, port: serverPort, username, password } = new URL(database.url);
  const login = `user=${decodeURIComponent(username)}${password ? ` password=${decodeURIComponent(password)}` : ''}`;
  const target = `host=${hostname} port=${serverPort || '5432'} ${login}`;
  const config = `[databases]\n* = ${target}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\nauth_type = any\npool_mode = ${mode}\n${settings}\n`;
  writeFileSync(join(dir, 'pgbouncer.ini'), config);
  const log = join(dir, 'log');
  spawnSync('chmod', ['-R', 'a+rX', dir]);
  const args = [join(dir, 'pgbouncer.ini')];
  const child = spawn('pgbouncer', args, { stdio: 'ignore', ...(process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}) });
  running.push({ process: child, dir });
  const url = new URL(database.url);
  url.host = `127.0.0.1:${port}`;
  await waitFor('PgBouncer to answer', async () => {
    const client = new pg.Client({ connectionString: url.href });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return true;
    } finally {
      await client.end().catch(() => undefined);
    }
  }).catch((error: unknown) => {
    throw new Error(`${String(error)} ${spawnSync('cat', [log]).stdout.toString()} ${readFileSync(args[0] as string, 'utf8')}`);
  });
  return url.href;
}

describeIf(isThere, 'the program pgbouncer is not installed')('behind PgBouncer', () => {
  beforeAll(async () => {
    database = await freshDatabase([`datestyle = 'SQL, DMY'`, `default_transaction_isolation = 'serializable'`]);
  });
  afterAll(async () => {
    for (const { process: child, dir } of running) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(dir, { recursive: true });
    }
    await database.drop();
  });

  test('in session mode every connection has our settings, and presence its lock (C20)', async () => {
    const url = await bouncer('session');
    await requireSessions(connectionOf(url));
    const dataSource = await createDataSource({ url, schema: DEFAULT_SCHEMA, poolSize: 3, applicationName: 'test pgbouncer', byIndex: true }).initialize();
    const db = new Database(dataSource);
    const read = `SELECT current_setting('datestyle') AS dates, current_setting('default_transaction_isolation') AS isolation, current_setting('lock_timeout') AS locks`;
    const expected = { dates: expect.stringMatching(/^ISO/) as string, isolation: 'read committed', locks: '2s' };
    const answers = await Promise.all([1, 2, 3].map(() => db.runOnce(read, [])));
    expect(answers).toEqual([[expected], [expected], [expected]]);
    const presence = new Presence(url, DEFAULT_SCHEMA, new RecordingLogger());
    await presence.start(7 as WorkerId);
    expect(await db.runOnce(LOCKS_OF_7, [])).toHaveLength(1);
    await presence.close();
    await dataSource.destroy();
  });

  test("in session mode a handler's connection is cleaned, and has our settings again (C20, C5)", async () => {
    const url = await bouncer('session');
    const dataSource = await createDataSource({
      url,
      schema: DEFAULT_SCHEMA,
      poolSize: 1,
      applicationName: 'test pgbouncer',
      session: 'handlers',
    }).initialize();
    const db = new Database(dataSource);
    await dataSource.query(`SET datestyle = 'German'; SET default_transaction_isolation = 'serializable'`);
    const read = `SELECT current_setting('datestyle') AS dates, current_setting('default_transaction_isolation') AS isolation`;
    expect(await db.runOnce(read, [])).toEqual([{ dates: expect.stringMatching(/^ISO/) as string, isolation: 'read committed' }]);
    await dataSource.destroy();
  });

  test.each([
    ['transaction', ''],
    ['transaction', 'server_round_robin = 1\nmin_pool_size = 5'],
    ['statement', ''],
  ] as const)('%s mode is refused with the reason (%s) (C20)', async (mode, settings) => {
    const url = await bouncer(mode, settings);
    await expect(requireSessions(connectionOf(url))).rejects.toThrow(/transaction or statement mode.*pool_mode = session/);
  });
});

test('a direct connection is told from a pooler, and costs nobody anything (C20)', async () => {
  const own = await freshDatabase();
  await requireSessions(connectionOf(own.url));
  await own.drop();
});
