// Ring 2: .ci/run runs this file.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import WebSocket from 'ws';
import { type App, describeIf, type FreshDatabase, freshDatabase, spawnApp, waitFor } from '../support/index.js';

const run = promisify(execFile);

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describeIf(hasOpenssl, 'needs openssl, which makes the certificates')('a gateway with TLS_CERT_FILE and TLS_KEY_FILE', () => {
  let folder: string;
  let database: FreshDatabase;
  let gateway: App;
  let port: number;
  const file = (name: string) => join(folder, name);

  /** A certificate of its own name, and its key. */
  async function made(name: string): Promise<{ cert: string; key: string }> {
    const [cert, key] = [file(`${name}.crt`), file(`${name}.key`)];
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ]);
    return { cert, key };
  }
  /** Both files are replaced as tools do it: each at once, one after the other. */
  async function put({ cert, key }: { cert: string; key: string }): Promise<void> {
    for (const [from, to] of [
      [cert, 'tls.crt'],
      [key, 'tls.key'],
    ] as const) {
      await writeFile(file('next'), await readFile(from));
      await rename(file('next'), file(to));
    }
  }
  /** A new connection. */
  const opened = () =>
    new Promise<TLSSocket>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => resolve(socket));
      socket.once('error', reject);
    });
  const nameNow = async (): Promise<string> => {
    const socket = await opened();
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  };
  const asked = (agent: Agent, path: string) =>
    new Promise<{ status: number; local: number; body: string }>((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port, path, agent }, (answer) => {
        const local = answer.socket.localPort ?? 0;
        let body = '';
        answer.setEncoding('utf8').on('data', (part: string) => (body += part));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, local, body }));
      });
      call.once('error', reject).end();
    });
  const lines = (message: string) => gateway.logs().filter((line) => line.includes(message));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longhaul-tls-'));
    database = await freshDatabase();
    await put(await made('first'));
    const env = { DATABASE_URL: database.url, TLS_CERT_FILE: file('tls.crt'), TLS_KEY_FILE: file('tls.key'), LOG_LEVEL: 'info' };
    // Its readiness is asked by http, which it does not speak.
    gateway = await spawnApp('gateway', env, { waitUntilReady: false });
    port = Number(new URL(gateway.url).port);
    const agent = new Agent({ rejectUnauthorized: false });
    await waitFor('the gateway to be ready', async () => (await asked(agent, '/health/ready')).status === 200, { timeoutMs: 60_000 });
    agent.destroy();
  }, 120_000);
  afterAll(async () => {
    if (gateway.isRunning()) expect(await gateway.stop()).toBe(0);
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  test('answers over TLS alone, with WebSockets, and says the scheme when it listens', async () => {
    expect(await nameNow()).toBe('first');
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
    const socket = new WebSocket(`wss://127.0.0.1:${port}/ws`, { rejectUnauthorized: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.terminate();
    expect(lines('the gateway listens')[0]).toContain(`"url":"https://127.0.0.1:${port}"`);
  });

  test('reads files that have changed without a restart: new connections get the new certificate, an open one stays', async () => {
    const agent = new Agent({ rejectUnauthorized: false, keepAlive: true, maxSockets: 1 });
    const before = await asked(agent, '/health/live');
    await put(await made('second'));
    await waitFor('the second certificate', async () => (await nameNow()) === 'second', { timeoutMs: 30_000 });
    const after = await asked(agent, '/health/live');
    expect([after.status, after.local]).toEqual([200, before.local]);
    agent.destroy();
    expect(lines('new connections get the certificate')).toHaveLength(1);
  });

  test('keeps the certificate that it has when new files are broken, says so in one line without the key, and takes the next that are whole', async () => {
    const { key } = await made('third');
    // A look between the two files of the test before may have found one alone.
    const before = lines('the former one stays').length;
    await put({ cert: file('second.crt'), key });
    await waitFor('the line', async () => lines('the former one stays').length > before, { timeoutMs: 30_000 });
    expect(await nameNow()).toBe('second');
    expect(lines('PRIVATE KEY')).toEqual([]);
    // It looks again and again, and says nothing more of the same files.
    await put({ cert: file('third.crt'), key });
    await waitFor('the third certificate', async () => (await nameNow()) === 'third', { timeoutMs: 30_000 });
    expect(lines('the former one stays')).toHaveLength(before + 1);
  });

  test('reads its files at once on SIGHUP, and goes on', async () => {
    process.kill(gateway.pid, 'SIGHUP');
    await waitFor('the line of the certificate', async () => lines('"subject":"CN=third"').length > 1);
    expect(await nameNow()).toBe('third');
  });

  test.each([
    ['one file alone', () => ({ TLS_KEY_FILE: '' }), 'expected TLS_KEY_FILE to be the file of the key of TLS_CERT_FILE, got: nothing'],
    ['a file that is not there', () => ({ TLS_KEY_FILE: file('none') }), 'ENOENT'],
    ['the key of another', () => ({ TLS_KEY_FILE: file('first.key') }), 'a certificate and its key as PEM'],
  ])('does not start with %s, and says why in one line', async (_, wrong, said) => {
    const env = { DATABASE_URL: database.url, TLS_CERT_FILE: file('tls.crt'), ...wrong() };
    const refused = await spawnApp('gateway', env, { waitUntilReady: false });
    expect((await refused.exited).code).not.toBe(0);
    expect(refused.logs().filter((line) => line.includes(said))).toHaveLength(1);
  });
});
