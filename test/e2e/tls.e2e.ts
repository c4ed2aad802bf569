// Ring 2: .ci/run runs this file.
import { Agent, request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import WebSocket from 'ws';
import { type App, type FreshDatabase, freshDatabase, spawnApp, waitFor } from '../support/index.js';
import { Certificates, describeWithOpenssl } from '../support/certificates.js';

describeWithOpenssl('a gateway with TLS_CERT_FILE and TLS_KEY_FILE', () => {
  let certificates: Certificates;
  let database: FreshDatabase;
  let gateway: App;
  let port: number;
  const file = (name: string) => certificates.path(name);

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
    certificates = new Certificates();
    certificates.make('first', 'second', 'third');
    certificates.putPair('first', 'tls');
    database = await freshDatabase();
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
    certificates.drop();
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
    certificates.putPair('second', 'tls');
    await waitFor('the second certificate', async () => (await nameNow()) === 'second', { timeoutMs: 30_000 });
    const after = await asked(agent, '/health/live');
    expect([after.status, after.local]).toEqual([200, before.local]);
    agent.destroy();
    expect(lines('new connections get the certificate')).toHaveLength(1);
  });

  test('keeps the certificate that it has when new files are broken, says so in one line without the key, and takes the next that are whole', async () => {
    // A look between the two files of the test before may have found one alone.
    const before = lines('the former one stays').length;
    certificates.put('second.crt', 'tls.crt');
    certificates.put('third.key', 'tls.key');
    await waitFor('the line', async () => lines('the former one stays').length > before, { timeoutMs: 30_000 });
    expect(await nameNow()).toBe('second');
    expect(lines('PRIVATE KEY')).toEqual([]);
    // It looks again and again, and says nothing more of the same files.
    certificates.putPair('third', 'tls');
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
