// Ring 2: .ci/run runs this file.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Caller, type Document, type FuzzRequest, RequestMaker } from '../fuzz/make-request.js';
import { type FuzzAnswer, Sender } from '../fuzz/send-request.js';
import { TwoTenants } from '../fuzz/two-tenants.js';
import { Random } from '../simulation/random.js';
import { freePort, type Stack, startStack } from '../support/index.js';

/** `node tools/fuzz.mjs` sets these. By default the same requests each time, so that a change is judged by what it changes. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 3_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_130);
const AT_ONCE = 24;
/** Of its data so much is changed and deleted meanwhile. */
const REFILL_EVERY = 2_500;
/** No request may keep others waiting for longer. */
const STALLED_MS = 2_000;
/** Different faults that are told: more would say no more. */
const TOLD = 15;
const PRELOAD = pathToFileURL(join(import.meta.dirname, '../support/loop-watch.mjs')).href;

const say = (text: string) => process.stderr.write(`fuzz: ${text}\n`);

describe('any request to any route of a gateway with rights', () => {
  let stack: Stack;
  let both: TwoTenants;
  let watchPort: number;

  beforeAll(async () => {
    watchPort = await freePort();
    const env = { AUTH: 'on', MAX_BODY_BYTES: '200000', DRAIN_SECONDS: '0', LOG_LEVEL: 'warn', LOG_REDACT: 'payload,result,tags', BODY_SECONDS: '5' };
    const off = { ADMISSION_EVENT_LOOP_MS: '0', ADMISSION_DEPTH: '0', ADMISSION_QUEUE_DEPTH: '0', MAX_WEBHOOK_ENDPOINTS: '1000', READ_TIMEOUT_MS: '30000' };
    stack = await startStack({
      mode: 'single-process',
      env: { ...env, ...off, NODE_OPTIONS: `--import ${PRELOAD}`, LOOP_WATCH_PORT: String(watchPort) },
    });
    both = await TwoTenants.of(stack);
  });
  afterAll(() => stack.stop());

  const lateness = async (): Promise<number> => Number(await (await fetch(`http://127.0.0.1:${String(watchPort)}`)).text());

  test('is answered well and without a byte of another tenant, whoever sends it, and keeps nobody waiting', async () => {
    const random = new Random(SEED);
    const document = (await stack.api.call<Document>('GET', '/openapi.json', undefined, { authorization: both.tenants[0]?.key ?? '' })).body;
    const maker = new RequestMaker(random, document, both.callers, () => both.anId(random));
    const sender = new Sender(stack.api.url, AT_ONCE);
    const faults = new Map<string, string>();
    const reached = new Set<string>();
    const began = performance.now();
    await lateness();
    let sent = 0;
    let cut = 0;
    let latest = 0;
    say(`seed ${String(SEED)}, ${String(REQUESTS)} requests to ${String(maker.operations.length)} operations`);
    while (sent < REQUESTS && stack.gateway.isRunning() && faults.size < TOLD) {
      const until = Math.min(sent + REFILL_EVERY, REQUESTS);
      const worker = async () => {
        while (sent < until && faults.size < TOLD) {
          sent++;
          const request = maker.make();
          const answer = await sender.send(request).catch((error: unknown) => String(error));
          if (answer === undefined) cut++;
          else if (typeof answer !== 'string' && answer.status < 300) reached.add(request.operation);
          const fault = faultOf(request, answer);
          const what = fault && `${request.operation}: ${fault}`;
          if (!what || faults.has(what)) continue;
          faults.set(what, told(request, answer));
          // Of a long run one wants to know before its end.
          say(`${what}\n${told(request, answer)}`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      latest = Math.max(latest, await lateness().catch(() => Infinity));
      await both.refill().catch((error: unknown) => faults.set('the tenants could not be filled again', String(error)));
      if (REQUESTS > 20_000)
        say(`${String(sent)} sent, ${rate(sent, began)}, ${String(faults.size)} faults, ${String(cut)} cut, latest loop ${latest.toFixed(0)} ms`);
    }
    sender.close();
    if (latest > STALLED_MS) faults.set(`the event loop stood still for ${latest.toFixed(0)} ms`, '');
    if (!stack.gateway.isRunning()) faults.set('the gateway has ended', stack.gateway.logs().slice(-20).join('\n'));
    for (const line of stack.gateway
      .logs()
      .filter((each) => /"level":"(error|fatal)"/.test(each))
      .slice(0, 5))
      faults.set('an error was logged', line);
    const never = maker.operations.filter((operation) => !reached.has(operation));
    if (REQUESTS > 20_000 && never.length > 0) say(`never done: ${never.join(', ')}`);
    for (const [what, details] of faults) say(`${what}\n${details}`);
    say(
      `${faults.size === 0 ? 'PASS' : 'FAIL'}  ${String(sent)} requests, ${rate(sent, began)}, ${String(reached.size)} operations succeeded, seed ${String(SEED)}`,
    );
    expect([...faults.keys()]).toEqual([]);
    expect(sent).toBe(REQUESTS);
    // Most come past the first check, or there would be little to find. A cut connection is an answer to what cannot be read as HTTP.
    expect(reached.size).toBeGreaterThan(Math.min(50, maker.operations.length / 2));
    expect(cut).toBeLessThan(REQUESTS / 50);
  }, 86_400_000);

  test('with an id that no database can store is answered as one that nobody has', async () => {
    const { authorization = '' } = both.callers[0] ?? {};
    const { paths } = (await stack.api.call<Document>('GET', '/openapi.json', undefined, { authorization })).body;
    const statuses: [string, number][] = [];
    for (const [path, methods] of Object.entries(paths)) {
      if (!path.includes('{')) continue;
      for (const method of Object.keys(methods)) {
        for (const id of ['a%00b', '%ED%A0%80', 'acme%0Anightly', '%F0%9F%98%80', 'x'.repeat(5_000)]) {
          const { status } = await fetch(stack.api.url + path.replaceAll(/\{[^}]+\}/g, id), { method: method.toUpperCase(), headers: { authorization } });
          statuses.push([`${method} ${path} ${id.slice(0, 20)}`, status]);
        }
      }
    }
    expect(statuses.length).toBeGreaterThan(100);
    // 422 where the request would make something of this name, or lacks its body; a body cannot be read before that.
    expect(statuses.filter(([, status]) => ![400, 404, 415, 422].includes(status))).toEqual([]);
  });

  function faultOf({ caller, method }: FuzzRequest, answer: FuzzAnswer | string | undefined): string | undefined {
    if (answer === undefined) return undefined;
    if (typeof answer === 'string') return answer;
    const { status, headers, text, mediaType } = answer;
    if (status >= 500) return String(status);
    const foreign = seenOf(caller, headers + text);
    if (foreign.length > 0) return `${String(status)} with data of ${foreign.join(', ')} for ${caller.name}`;
    if (text.includes('"polluted":') && !text.includes('payload')) return 'a polluted prototype';
    if (status < 400 || method === 'HEAD') return undefined;
    if (mediaType !== 'application/problem+json') return `${String(status)} of ${mediaType}`;
    const problem = JSON.parse(text) as Record<string, unknown>;
    const wellFormed = problem['status'] === status && typeof problem['title'] === 'string' && typeof problem['detail'] === 'string';
    return wellFormed ? undefined : `${String(status)} that is no problem`;
  }

  const seenOf = (caller: Caller, text: string) => both.foreign(caller, text);
});

const rate = (sent: number, began: number) => `${((sent * 1_000) / (performance.now() - began)).toFixed(0)}/s`;

function told({ caller, method, target, headers, body }: FuzzRequest, answer: FuzzAnswer | string | undefined): string {
  const shown = { ...headers, authorization: '…' };
  const asked = `  ${caller.name}: ${method} ${target.slice(0, 500)}\n  ${JSON.stringify(shown)}\n  ${(body ?? '').toString().slice(0, 1_000)}`;
  return `${asked}\n  => ${typeof answer === 'object' ? answer.text.slice(0, 500) : String(answer)}`;
}
