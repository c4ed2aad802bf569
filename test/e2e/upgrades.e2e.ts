// Ring 2: .ci/run runs this file.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import WebSocket from 'ws';
import { rawHttp, type Stack, startStack, testIf, waitFor } from '../support/index.js';

const H2C = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'];
const BODY = '{"kind":"debug.echo","payload":{"value":"ä"}}';
const JAVA = process.env['JAVA'] ?? '/usr/bin/java';

const PROGRAM = `
import java.net.URI;
import java.net.http.*;
public class Call {
  public static void main(String[] args) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    for (int n = 0; n < 3; n++) {
      HttpResponse<String> posted = client.send(HttpRequest.newBuilder(URI.create(args[0] + "/jobs")).header("content-type", "application/json")
        .header("prefer", "wait=20").POST(HttpRequest.BodyPublishers.ofString("{\\"kind\\":\\"debug.echo\\",\\"payload\\":{\\"value\\":" + n + "}}")).build(), HttpResponse.BodyHandlers.ofString());
      HttpResponse<String> got = client.send(HttpRequest.newBuilder(URI.create(args[0] + "/kinds")).build(), HttpResponse.BodyHandlers.ofString());
      System.out.println(posted.statusCode() + " " + posted.version() + " " + got.statusCode());
    }
  }
}`;

describe('an upgrade', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { ADMISSION_EVENT_LOOP_MS: '0' } });
  });
  afterAll(() => stack.stop());

  const head = (line: string, headers: string[]) => `${line} HTTP/1.1\r\nHost: localhost\r\n${headers.join('\r\n')}\r\n\r\n`;

  test('to h2c is ignored: GET and POST are answered as without it, on one connection, also when they come at once (E18)', async () => {
    const get = head('GET /kinds', H2C);
    const post = head('POST /jobs', [...H2C, 'Content-Type: application/json', `Content-Length: ${String(Buffer.byteLength(BODY))}`]) + BODY;
    const chunked = head('POST /jobs', [...H2C, 'Content-Type: application/json', 'Transfer-Encoding: chunked']) + `${Buffer.byteLength(BODY).toString(16)}\r\n${BODY}\r\n0\r\n\r\n`; // prettier-ignore
    const requests = [get, post, chunked, get, ...Array.from({ length: 20 }, () => post), head('GET /kinds', ['Connection: close'])];
    const socket = connect(Number(new URL(stack.api.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    // One after the other, then all at once.
    for (const [index, request] of requests.slice(0, 4).entries()) {
      socket.write(request);
      await waitFor(`answer ${String(index)}`, () => (text.match(/HTTP\/1\.1 \d/g)?.length ?? 0) === index + 1);
    }
    socket.write(requests.slice(4).join(''));
    await once(socket, 'close');
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['200', '202', '202', '200', ...Array<string>(20).fill('202'), '200'].map((status) => `HTTP/1.1 ${status}`));
    expect(stack.gateway.logs().filter((line) => line.includes('MaxListeners'))).toEqual([]);
  });

  test('to h2c with a body that comes later is answered (E18)', async () => {
    const socket = connect(Number(new URL(stack.api.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.write(head('POST /jobs', [...H2C, 'Connection: close', 'Content-Type: application/json', 'Expect: 100-continue', `Content-Length: ${String(Buffer.byteLength(BODY))}`])); // prettier-ignore
    await waitFor('the invitation', () => text.includes('100 Continue'));
    socket.write(BODY);
    await once(socket, 'close');
    expect(text).toContain('HTTP/1.1 202');
  });

  test.each([
    ['a foreign host', 'GET /kinds', ['Upgrade: h2c', 'Connection: upgrade'], 421, 'evil.example'],
    ['a WebSocket on another path', 'GET /nope', ['Upgrade: websocket', 'Connection: upgrade'], 404, 'localhost'],
    ['a WebSocket on the path of a resource', 'GET /jobs', ['Upgrade: WebSocket', 'Connection: Upgrade'], 404, 'localhost'],
    ['a WebSocket for another host', 'GET /ws', ['Upgrade: websocket', 'Connection: upgrade'], 421, 'evil.example'],
    ['a WebSocket by another method', 'POST /ws', ['Upgrade: websocket', 'Connection: upgrade'], 405, 'localhost'],
    ['a WebSocket of another version', 'GET /ws', ['Upgrade: websocket', 'Connection: upgrade', 'Sec-WebSocket-Version: 8'], 426, 'localhost'],
    ['a WebSocket without a key', 'GET /ws', ['Upgrade: websocket', 'Connection: upgrade', 'Sec-WebSocket-Version: 13'], 400, 'localhost'],
    ['h2c for the WebSocket', 'GET /ws', ['Upgrade: h2c', 'Connection: upgrade, close'], 426, 'localhost'],
  ])('with %s is a problem (E1, E18)', async (_, line, headers, status, host) => {
    const more = headers.some((header) => header.includes('h2c')) ? ['Connection: close'] : [];
    const answer = await rawHttp(stack.api.url, Buffer.from(`${line} HTTP/1.1\r\nHost: ${host}\r\n${[...headers, ...more].join('\r\n')}\r\n\r\n`), {
      end: false,
    });
    expect(answer?.status).toBe(status);
    expect(answer?.headers.get('content-type')?.split(';')[0]).toBe('application/problem+json');
  });

  test.each([
    [{}, 'open'],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    [{ headers: { host: 'evil.example' } }, 421],
  ] as [WebSocket.ClientOptions, 'open' | number][])('to a WebSocket with %j is %s (E3)', async (options, expected) => {
    const socket = new WebSocket(`${stack.api.url.replace('http', 'ws')}/ws`, options);
    const outcome = await new Promise((resolve) => {
      socket.on('error', () => undefined);
      socket.on('open', () => resolve('open'));
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    });
    socket.terminate();
    expect(outcome).toBe(expected);
  });

  test('to a WebSocket from our own origin, by any of its paths, is served (E3)', async () => {
    for (const path of ['/ws', '/ws/', '/ws?x=1']) {
      const socket = new WebSocket(`${stack.api.url.replace('http', 'ws')}${path}`, { origin: stack.api.url });
      await once(socket, 'open');
      socket.terminate();
    }
  });

  testIf(existsSync(JAVA), 'Java is not installed')("is what Java's HttpClient begins with, and it works with its default settings (E18)", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'longhaul-java-'));
    try {
      await writeFile(join(folder, 'Call.java'), PROGRAM);
      const { stdout } = await promisify(execFile)(JAVA, [join(folder, 'Call.java'), stack.api.url], { timeout: 120_000 });
      expect(stdout.trim().split('\n')).toEqual(Array(3).fill('200 HTTP_1_1 200'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
