import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { request } from 'node:https';
import { RecordingLogger } from '@app/core/testing';
import { Certificate, hostRule } from '@app/host';
import { Certificates, describeWithOpenssl } from '../../../test/support/certificates.js';
import { rawHttp, type RawAnswer } from '../../../test/support/raw-http.js';
import { serveHealth } from './health-server.js';

const UP = { ready: true, reason: undefined };
const metrics = { textOfAll: () => Promise.resolve('longhaul_ready 1\n'), contentType: 'text/plain; version=0.0.4' };
const hosts = hostRule('127.0.0.1', undefined, [{ name: 'worker', below: false, port: undefined }]);

describe("a worker's port", () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = await serveHealth(UP, metrics, hosts, { host: '127.0.0.1', port: 0 });
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterAll(() => server.close());

  async function ask(method: string, path: string, ...headers: string[]): Promise<RawAnswer> {
    const answer = await rawHttp(url, Buffer.from([`${method} ${path} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n')), { end: false });
    if (!answer) throw new Error('expected an answer, got none');
    return answer;
  }

  test.each<[string, string, string[], number]>([
    ['GET', '/metrics', ['Host: 127.0.0.1'], 200],
    ['GET', '/metrics/', ['Host: localhost:3001'], 200],
    ['GET', '/metrics?x=1', ['Host: worker:3001'], 200],
    ['HEAD', '/metrics', ['Host: 10.1.2.3'], 200],
    ['GET', '/health/live', ['Host: any.example'], 200],
    ['GET', '/health/ready/', ['Host: any.example'], 200],
    ['GET', '/metrics', ['Host: evil.example'], 421],
    ['GET', '/nope', ['Host: evil.example'], 421],
    ['GET', 'http://evil.example/metrics', ['Host: localhost'], 421],
    ['GET', '/nope', ['Host: localhost'], 404],
    ['POST', '/metrics', ['Host: localhost', 'Content-Length: 0'], 405],
    ['OPTIONS', '/health/live', ['Host: localhost'], 405],
    ['GET', '/metrics', ['Host: localhost', 'Host: localhost'], 400],
    ['GET', '/metrics', [], 400],
    ['GET', '/metrics', ['Host: a b'], 400],
    ['GET', '/metrics', ['Host: localhost', 'Expect: x'], 417],
    ['GET', `/metrics?${'x'.repeat(9_000)}`, ['Host: localhost'], 414],
    ['GET', '/metrics', ['Host: localhost', `X: ${'x'.repeat(20_000)}`], 431],
    ['GET', '/metrics', ['Host: localhost', ...Array.from({ length: 300 }, () => 'X: y')], 431],
    ['CONNECT', 'evil.example:443', ['Host: evil.example:443'], 405],
    ['GET', '/health/live', ['Host: localhost', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'], 200],
  ])('answers %s %.40s with the rules of every port, and each fault with a problem (E1, E21) %#', async (method, path, headers, status) => {
    const answer = await ask(method, path, ...headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    if (status < 400) return;
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    if (method !== 'HEAD') expect(JSON.parse(answer.body.toString())).toMatchObject({ status, detail: expect.any(String) });
    if (status === 405) expect(answer.headers.has('allow')).toBe(true);
  });
});

describeWithOpenssl("a worker's port with a certificate", () => {
  let certificates: Certificates;
  let server: Server;
  let port: number;
  beforeAll(async () => {
    certificates = new Certificates();
    certificates.make('first', 'second');
    certificates.putPair('first', 'tls');
    const certificate = new Certificate({ cert: certificates.path('tls.crt'), key: certificates.path('tls.key') }, new RecordingLogger());
    server = await serveHealth(UP, metrics, hosts, { host: '127.0.0.1', port: 0, certificate });
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.close();
    certificates.drop();
  });

  /** By a connection of its own. */
  const ask = (path: string, ca: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port, path, ca: certificates.read(ca), agent: false }, (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode));
      });
      call.once('error', reject).end();
    });

  test('answers over TLS alone, with the rules of every port', async () => {
    expect(await Promise.all(['/health/live', '/health/ready', '/metrics', '/nope'].map((path) => ask(path, 'first.crt')))).toEqual([200, 200, 200, 404]);
    await expect(fetch(`http://127.0.0.1:${String(port)}/health/live`)).rejects.toThrow();
  });

  test('shows new connections a renewed certificate, at once on SIGHUP', async () => {
    certificates.putPair('second', 'tls');
    await expect(ask('/health/live', 'second.crt')).rejects.toThrow(/self.signed certificate/);
    process.emit('SIGHUP');
    expect(await ask('/health/live', 'second.crt')).toBe(200);
  });
});
