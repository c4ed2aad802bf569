// Ring 2: .ci/run runs this file.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import WebSocket from 'ws';
import { type Stack, startStack, waitFor } from '../support/index.js';

const WAITS = 600;
const BIG = 'x'.repeat(900_000);

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

describe('what callers hold of a gateway', () => {
  let stack: Stack;
  const open: Socket[] = [];
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { MAX_CONNECTIONS_PER_CLIENT: '0', ADMISSION_EVENT_LOOP_MS: '0' } });
  }, 240_000);
  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
  });
  afterAll(() => stack.stop());

  const socket = (text: string): Socket => {
    const { hostname, port } = new URL(stack.api.url);
    const client = connect(Number(port), hostname).on('error', () => undefined).resume(); // prettier-ignore
    client.write(text);
    open.push(client);
    return client;
  };

  /** How long others wait for a submission and for the health, while something goes on. */
  const othersWait = async (times: number): Promise<number> => {
    const took: number[] = [];
    for (let n = 0; n < times; n++) {
      const begun = performance.now();
      const { status } = await stack.api.submit('debug.echo', { value: n }, { delay: '1h' });
      expect(status).toBe(202);
      expect((await fetch(`${stack.api.url}/health/live`)).status).toBe(200);
      took.push(performance.now() - begun);
    }
    return median(took);
  };

  test('is little for 600 waits on jobs of 1 MB (E7)', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push(await stack.api.accepted('debug.echo', { value: BIG }, { delay: '1h' }));
    await othersWait(20);
    const before = residentBytes(stack.gateway.pid);
    for (let n = 0; n < WAITS; n++) socket(`GET /jobs/${ids[n % ids.length] ?? ''} HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=60\r\n\r\n`);
    await waitFor('all to wait', async () => (await (await fetch(`${stack.api.url}/metrics`)).text()).includes(`longhaul_waits ${WAITS}`));
    // Work goes on meanwhile, and the waits are looked at again and again.
    await othersWait(20);
    expect((residentBytes(stack.gateway.pid) - before) / 1e6).toBeLessThan(50);
  }, 120_000);

  test('is nothing for bodies that are announced and do not come: others submit as before (E8)', async () => {
    const normal = await othersWait(30);
    const closed: number[] = [];
    for (let n = 0; n < 70; n++)
      socket('POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{').on('close', () => closed.push(n));
    expect(await othersWait(30)).toBeLessThan(2 * normal + 5);
    await waitFor('all of them to be cut off', () => closed.length === 70, { timeoutMs: 90_000 });
  }, 120_000);

  test('is bounded for frames of WebSockets: a flood is closed with 1008, and others are served meanwhile (E9)', async () => {
    const normal = await othersWait(30);
    const codes: number[] = [];
    const frame = JSON.stringify({ event: 'subscribe', data: { job: '01890000-0000-7000-8000-000000000000' } });
    for (let n = 0; n < 5; n++) {
      const client = new WebSocket(`${stack.api.url.replace('http', 'ws')}/ws`);
      client.on('error', () => undefined).on('close', (code) => codes.push(code));
      client.on('open', () => {
        for (let sent = 0; sent < 96_000; sent++) client.send(frame);
      });
    }
    await waitFor('the sockets to be closed', () => codes.length === 5, { timeoutMs: 60_000 });
    expect(codes.filter((code) => code === 1_008).length).toBeGreaterThan(0);
    expect(await othersWait(30)).toBeLessThan(2 * normal + 5);
    expect(stack.gateway.logs().join('')).not.toContain('"level":50');
  }, 120_000);
});
