// A PostgreSQL of our own, from any folder of binaries: own data, own port of 127.0.0.1, own password.

import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from './commands.mjs';
import { hasOtherOwner, markOwner, startDaemon, stopProcess, unmarkOwner } from './daemon.mjs';
import { isAlive, withLock } from './lock.mjs';
import { PlainError, say } from './log.mjs';
import { freePortFrom } from './ports.mjs';
import { probePostgres } from './postgres-probe.mjs';
import { until } from './until.mjs';
import { privateDir, serviceUser } from './users.mjs';

// A test database may be lost in a power cut; fsync would cost each test file its commits.
const FOR_TESTS = ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'max_connections=300'];

/** Each purpose has a server of its own: the one of `chaos` is there to be killed, so it keeps its durability. */
const PLACES = {
  start: { prefix: '', port: 54320, settings: /** @type {string[]} */ ([]) },
  test: { prefix: 'test-', port: 54330, settings: FOR_TESTS },
  chaos: { prefix: 'chaos-', port: 54340, settings: ['-c', 'max_connections=300'] },
};

/**
 * Starts it, or joins the one that an earlier run of this checkout has left running. Returns the URL of its server.
 * @param {{ binDir: string, purpose: keyof typeof PLACES, owned: import('./owned.mjs').Owned, signal?: AbortSignal }} options
 */
export async function startPrivatePostgres({ binDir, purpose, owned, signal }) {
  const { code, output } = await capture(join(binDir, 'postgres'), ['--version']);
  const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1];
  if (code !== 0 || !major) throw new PlainError(`expected ${binDir}/postgres to run, got: ${output}`);

  // A data folder belongs to one major version, so its name says which.
  const { prefix, port: usualPort, settings } = PLACES[purpose];
  const name = `${prefix}pgdata-${major}`;
  const user = serviceUser('postgres', 'nobody');
  return withLock(name, async () => {
    const dir = privateDir(user, name);
    const data = join(dir, 'data');
    if (!existsSync(data)) await initialise(binDir, dir, data, user);
    const password = readFileSync(join(dir, 'password'), 'utf8').trim();
    const urlAt = (/** @type {number} */ port) => `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;

    const running = await findRunning(data, urlAt);
    if (running) {
      if (hasOtherOwner(dir)) return running.url;
      markOwner(dir);
      owned.add('PostgreSQL', {
        stop: () => stopProcess(running.pid, 'SIGINT').finally(() => unmarkOwner(dir)),
      });
      return running.url;
    }

    const port = await freePortFrom(usualPort);
    const daemon = startDaemon(
      join(binDir, 'postgres'),
      ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='].concat(settings),
      { env: plainEnv(), user, cwd: dir, logFile: join(dir, 'postgres.log') },
    );
    owned.add('PostgreSQL', {
      // SIGINT is PostgreSQL's "fast" shutdown: ends the sessions, keeps the data.
      stop: () => daemon.stop('SIGINT').finally(() => unmarkOwner(dir)),
      kill: daemon.kill,
    });
    markOwner(dir);
    await until('the private PostgreSQL to answer', async () => (await probePostgres(urlAt(port))).ok, {
      timeoutMs: 60_000,
      stopped: daemon.ended,
      signal,
    });
    return urlAt(port);
  });
}

/** @param {string} binDir @param {string} dir @param {string} data @param {import('./users.mjs').User | undefined} user */
async function initialise(binDir, dir, data, user) {
  say(`making a database folder in ${dir}`);
  const passwordFile = join(dir, 'password');
  writeFileSync(passwordFile, `${randomBytes(18).toString('base64url')}\n`, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  // Made beside and renamed: a folder that exists is a whole one, even if this is killed half-way.
  const half = `${data}.new`;
  rmSync(half, { recursive: true, force: true });
  const { code, output } = await capture(
    join(binDir, 'initdb'),
    [`--pgdata=${half}`, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'].concat(['--encoding=UTF8', '--no-locale', '--no-sync']),
    { env: plainEnv(), ...(user ? { uid: user.uid, gid: user.gid } : {}) },
  );
  if (code !== 0) throw new PlainError(`expected initdb to work in ${dir}, got: ${output}`);
  renameSync(half, data);
}

/** The server that runs on this data folder, as its own pid file tells. @param {string} data @param {(port: number) => string} urlAt */
async function findRunning(data, urlAt) {
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return null;
  const lines = readFileSync(pidFile, 'utf8').split('\n');
  const pid = Number(lines[0]);
  const url = urlAt(Number(lines[3]));
  return isAlive(pid) && (await probePostgres(url)).ok ? { pid, url } : null;
}

/** Without PGPORT, PGDATA and the like of the user's own set-up. */
function plainEnv() {
  return { PATH: process.env.PATH, LC_ALL: 'C' };
}
