// Ring 2: .ci/run runs this file.
import { randomBytes } from 'node:crypto';
import type { JobView } from '@app/contracts';
import {
  Api,
  type App,
  canary,
  describeEachModeInProofs,
  longhaul,
  spawnApp,
  type Stack,
  startStack,
  tablesWith,
  waitFor,
  type WebhookReceiver,
  webhookReceiver,
} from '../support/index.js';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [FORMER, CURRENT] = [key('former'), key('current')];
const CANARY = canary();
const CALLERS = 4;
/** Of each phase, so that it is under load and not between two requests. */
const ENOUGH = 40;

/** Callers that submit without a pause, each job with a value of its own, to whatever gateway is named at the moment. */
class Load {
  readonly accepted = new Map<string, string>();
  readonly refused: string[] = [];
  private isOver = false;
  private readonly running: Promise<unknown>;

  constructor(public url: string) {
    this.running = Promise.all(Array.from({ length: CALLERS }, (_, caller) => this.call(caller)));
  }

  /** Each caller has been answered several times by the gateway that is named now. */
  async goOn(): Promise<void> {
    const until = this.accepted.size + this.refused.length + ENOUGH;
    await waitFor(`answer ${until}`, () => this.accepted.size + this.refused.length >= until, { timeoutMs: 120_000 });
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private async call(caller: number): Promise<void> {
    for (let turn = 0; !this.isOver; turn++) {
      const value = `${CANARY} ${caller}-${turn}`;
      const { status, body } = await new Api(this.url).submit('debug.echo', { value }, undefined, { 'idempotency-key': `${caller}-${turn}` });
      if (status === 202) this.accepted.set(body.id, value);
      else this.refused.push(`${String(status)} ${JSON.stringify(body)}`);
    }
  }
}

describeEachModeInProofs('encrypted payloads and results in %s mode', (mode) => {
  let stack: Stack;
  let receiver: WebhookReceiver;
  let gateway: App;
  let apps: App[];
  const base = { ENCRYPT_PAYLOADS: 'all', LOG_LEVEL: 'warn', ADMISSION_EVENT_LOOP_MS: '0', WEBHOOK_ALLOW_HOSTS: '127.0.0.1' };
  const under = (...keys: string[]) => ({ ...stack.env, LONGHAUL_SECRET_KEYS: keys.join(',') });
  const api = () => new Api(gateway.url);
  /** Starts processes with these keys, and ends the former ones when `moved` has resolved. */
  const replaced = async (keys: string[], moved: () => Promise<void>, more: Record<string, string> = {}) => {
    const former = apps;
    const env = { ...under(...keys), ...more };
    apps = await Promise.all([spawnApp('gateway', env), ...(mode === 'distributed' ? [spawnApp('worker', env)] : [])]);
    gateway = apps[0] as App;
    await moved();
    expect(await Promise.all(former.map((app) => app.stop()))).toEqual(former.map(() => 0));
  };
  beforeAll(async () => {
    receiver = await webhookReceiver();
    stack = await startStack({ mode, env: { ...base, LONGHAUL_SECRET_KEYS: FORMER } });
    apps = [stack.gateway, ...stack.workers];
    gateway = stack.gateway;
  }, 240_000);
  afterAll(async () => {
    for (const app of apps) if (app.isRunning()) await app.stop();
    await stack.stop();
    await receiver.close();
  });

  test('a caller gets all that the database does not show: payload, result, steps, webhook, dead letter and redrive, of isolated kinds too', async () => {
    const wait = { prefer: 'wait=60' };
    const echoed = await api().submit('debug.echo', { value: CANARY }, { callbackUrl: receiver.url }, wait);
    expect(echoed.body).toMatchObject({ state: 'succeeded', result: { value: CANARY } });
    const { body: view } = await api().call<JobView & { payload: unknown }>('GET', `/jobs/${echoed.body.id}`);
    expect(view).toMatchObject({ payload: { value: CANARY }, result: { value: CANARY } });
    await waitFor('its webhook', () => receiver.of(echoed.body.id).length > 0);
    expect(JSON.stringify(receiver.of(echoed.body.id))).toContain(CANARY);

    const isolated = await api().submit('debug.isolated', { do: 'echo', key: CANARY }, undefined, wait);
    expect(isolated.body).toMatchObject({ state: 'succeeded', result: { key: CANARY, firstAttempt: 1 } });
    expect((await api().call('GET', `/jobs/${isolated.body.id}/steps`)).body).toMatchObject({ items: [{ name: 'first', result: 1 }] });
    // Its result is stored by its own process, in the transaction of the handler.
    const committed = await api().submit('debug.isolated', { do: 'effect', key: `effect of ${mode}` }, undefined, wait);
    expect(committed.body).toMatchObject({ state: 'succeeded', result: { pid: expect.any(Number) } });

    const failed = await api().submit('debug.fail', { message: 'no', retryable: false, times: 1 }, undefined, wait);
    expect(failed.body.state).toBe('failed');
    await api().call('POST', `/jobs/${failed.body.id}/redrive`, { payload: { message: CANARY, retryable: false, times: 0 } });
    expect((await api().waitForState(failed.body.id, 'succeeded')).result).toEqual({ attempts: 1 });

    expect(await tablesWith(stack, CANARY)).toEqual([]);
    const plain = await stack.query(`SELECT id FROM jobs WHERE NOT starts_with(payload::text, ' {"$enc":') OR NOT starts_with(result::text, ' {"$enc":')`);
    expect(plain).toEqual([]);
    expect(await stack.query(`SELECT job_id FROM job_steps WHERE NOT starts_with(result::text, ' {"$enc":')`)).toEqual([]);
  }, 240_000);

  test('a repeat with the same key is the same request, and another payload with it is refused', async () => {
    const submit = (value: string) => api().submit('debug.echo', { value }, undefined, { 'idempotency-key': 'twice' });
    const [first, again, other] = [await submit(CANARY), await submit(CANARY), await submit('other')];
    expect([first.status, again.body.id, other.status]).toEqual([202, first.body.id, 422]);
  });

  test('a search by payload and an index of payloads are refused with the reason', async () => {
    const search = await api().call<{ type: string; detail: string }>('GET', `/jobs?kind=debug.echo&payload=${encodeURIComponent('{"value":1}')}`);
    expect(search).toMatchObject({
      status: 422,
      body: { type: '/problems/not-searchable', detail: expect.stringContaining('the payloads of debug.echo are encrypted') },
    });
    expect(await longhaul(['payload-index', 'create', 'debug.echo'], under(FORMER))).toMatchObject({
      code: 2,
      err: expect.stringContaining('whose payloads are encrypted (ENCRYPT_PAYLOADS)'),
    });
  });

  test('the key is changed under load: no request is refused, no job is lost, and afterwards the former key can go', async () => {
    const load = new Load(gateway.url);
    await load.goOn();
    const moved = async () => {
      load.url = gateway.url;
      await load.goOn();
    };
    await replaced([FORMER, CURRENT], moved);
    await replaced([CURRENT, FORMER], moved);
    expect(await longhaul(['rotate-secrets'], under(CURRENT, FORMER))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^sealed anew: \d{2,}\n$/),
      err: '',
    });
    await load.goOn();
    expect(await longhaul(['rotate-secrets'], under(CURRENT, FORMER))).toMatchObject({ code: 0, out: 'every secret is sealed with the first key already\n' });
    await replaced([CURRENT], moved);
    await load.stop();
    expect(load.refused).toEqual([]);
    expect(load.accepted.size).toBeGreaterThanOrEqual(4 * ENOUGH);
    const unfinished = `SELECT id FROM jobs WHERE id = ANY ($1::uuid[]) AND state <> 'succeeded'`;
    await waitFor('the end of all jobs', async () => (await stack.query(unfinished, [[...load.accepted.keys()]])).length === 0, { timeoutMs: 120_000 });
    // Of all phases, for they are in the order of their submission.
    const every = Math.ceil(load.accepted.size / 200);
    for (const [id, value] of [...load.accepted].filter((_, at) => at % every === 0))
      expect(await api().job(id)).toMatchObject({ payload: { value }, result: { value } });
    expect(await tablesWith(stack, CANARY)).toEqual([]);
    expect(await tablesWith(stack, '"k": "former"')).toEqual([]);
    const [{ jobs } = { jobs: 0 }] = await stack.query<{ jobs: number }>('SELECT count(*)::integer AS jobs FROM jobs WHERE id = ANY ($1::uuid[])', [
      [...load.accepted.keys()],
    ]);
    expect(jobs).toBe(load.accepted.size);
  }, 480_000);

  test('a process without the key answers which one is missing, loses no job, and goes on when the key is back', async () => {
    const id = await api().accepted('debug.echo', { value: CANARY }, { delay: '1h' });
    // With it nobody reads the stored secret of callbacks, whose key would be missing too.
    const ofCallbacks = { WEBHOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}` };
    await replaced([key('other')], async () => undefined, ofCallbacks);
    const problem = await api().call<{ type: string; detail: string }>('GET', `/jobs/${id}`);
    expect(problem).toMatchObject({ status: 503, body: { type: '/problems/unavailable', detail: expect.stringContaining('to have the key current') } });
    expect((await api().call('POST', `/jobs/${id}/start`)).status).toBe(200);
    const interrupted = async () => {
      const [row] = await stack.query<{ attempt: number; errors: { code: string }[] }>('SELECT attempt, errors FROM jobs WHERE id = $1', [id]);
      return row && row.errors.length > 0 ? row : undefined;
    };
    expect(await waitFor('its interruption', interrupted, { timeoutMs: 60_000 })).toMatchObject({ errors: [{ code: 'platform_unavailable' }] });
    await replaced([CURRENT], async () => undefined);
    expect(await api().waitForState(id, 'succeeded')).toMatchObject({ result: { value: CANARY }, attempt: 1 });
  }, 240_000);
});

test('ENCRYPT_PAYLOADS without a key stops the start with one line', async () => {
  const app = await spawnApp('gateway', { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', ENCRYPT_PAYLOADS: 'all' }, { waitUntilReady: false });
  expect(await app.exited).toMatchObject({ code: 1 });
  expect(app.logs().join('\n')).toContain('expected LONGHAUL_SECRET_KEYS to be set, for ENCRYPT_PAYLOADS encrypts with its first key');
});
