import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { hostRule } from '@app/host';
import { rawHttp, type RawAnswer } from '../../../test/support/raw-http.js';
import { serveHealth } from './health-server.js';

describe("a worker's port", () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    const metrics = { textOfAll: () => Promise.resolve('longhaul_ready 1\n'), contentType: 'text/plain; version=0.0.4' };
    server = await serveHealth(
      { ready: true, reason: undefined },
      metrics,
      hostRule('127.0.0.1', undefined, [{ name: 'worker', below: false, port: undefined }]),
      '127.0.0.1',
      0,
    );
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
