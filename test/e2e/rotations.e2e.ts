// Ring 2: .ci/run runs this file.
import { randomBytes } from 'node:crypto';
import { inProofs, testIf } from '../support/only-if.js';
import { Api, type App, longhaul, newKey, spawnApp, type Stack, startStack, waitFor, type WebhookReceiver, webhookReceiver } from '../support/index.js';

interface Made {
  id: string;
  key: string;
}
interface Endpoint {
  id: string;
  secret: string;
}

const CALLERS = 6;
/** Deliveries that wait at most, so that the last ones do not take minutes. */
const MOST_OPEN = 150;
/** Of those that seal secrets in the database. */
const sealingKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [FORMER, CURRENT] = [sealingKey('former'), sealingKey('current')];
/** Of each phase, so that it is under load and not between two requests. */
const ENOUGH = 60;
/** Of each process that takes the place of another. */
const FEW = 20;

let stack: Stack;
let gateways: App[];
let workers: App[];
let operator: string;
let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await webhookReceiver();
  stack = await startStack({
    mode: 'distributed',
    env: {
      AUTH: 'on',
      LOG_LEVEL: 'warn',
      ADMISSION_EVENT_LOOP_MS: '0',
      LONGHAUL_SECRET_KEYS: FORMER,
      WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
      WEBHOOK_SCHEDULE: '200ms,500ms,1s',
    },
  });
  gateways = [stack.gateway, await spawnApp('gateway', stack.env)];
  workers = stack.workers;
  operator = await newKey(stack.env, '--name', 'operator', '--admin');
}, 240_000);
afterAll(async () => {
  for (const app of [...gateways, ...workers]) if (app.isRunning()) await app.stop();
  await stack.stop();
  await receiver.close();
});

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const as = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
  const answer = await new Api(gateways[0]?.url ?? '').call<Body>(method, path, body, bearer(operator));
  if (answer.status >= 300) throw new Error(`expected ${method} ${path} to succeed, got ${String(answer.status)}: ${JSON.stringify(answer.body)}`);
  return answer.body;
};

/** Callers that submit to both gateways of the moment without a pause, each with the keys of the moment in turn, until they are stopped. */
class Load {
  readonly accepted: string[] = [];
  readonly refused: string[] = [];
  private isOver = false;
  private readonly running: Promise<unknown>;

  constructor(
    public keys: string[],
    private readonly options?: object,
    /** As long as it is so, nobody submits: what is to be delivered stays within bounds. */
    private readonly isAhead: (accepted: number) => boolean = () => false,
  ) {
    this.running = Promise.all(Array.from({ length: CALLERS }, (_, caller) => this.call(caller)));
  }

  /** So many more have been answered, under what holds now. */
  async goOn(more = ENOUGH): Promise<void> {
    const until = this.answered + more;
    await waitFor(`answer ${until}`, () => this.answered >= until, { timeoutMs: 120_000 });
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private get answered(): number {
    return this.accepted.length + this.refused.length;
  }

  private async call(caller: number): Promise<void> {
    for (let turn = 0; !this.isOver; turn++) {
      if (this.isAhead(this.accepted.length)) await waitFor('deliveries', () => this.isOver || !this.isAhead(this.accepted.length), { timeoutMs: 120_000 });
      const key = this.keys[turn % this.keys.length] as string;
      const api = new Api(gateways[caller % 2]?.url ?? '');
      const job = { kind: 'debug.echo', payload: { value: turn }, ...(this.options ? { options: this.options } : {}) };
      const { status, body } = await api.call('POST', '/jobs', job, bearer(key));
      if (status === 202) this.accepted.push(body.id);
      else this.refused.push(`${String(status)} ${JSON.stringify(body)}`);
    }
  }
}

test('an API key is rotated under load: the former and the new one both work until the former ends, and no request is refused', async () => {
  const former = await as<Made>('POST', '/keys', { name: 'billing', scopes: ['jobs:submit'] });
  const load = new Load([former.key]);
  await load.goOn();
  const made = await as<Made>('POST', `/keys/${former.id}/rotate`, { overlapSeconds: 3_600 });
  await load.goOn();
  // Some of its holder's processes have the new one, and some have not.
  load.keys = [former.key, made.key];
  await load.goOn();
  load.keys = [made.key];
  await load.goOn();
  // Requests with the former one are answered by now: each caller has sent many since.
  await as('DELETE', `/keys/${former.id}`);
  await load.goOn();
  await load.stop();
  expect(load.refused).toEqual([]);
  for (const { url } of gateways) {
    const submit = (key: string) => new Api(url).call('POST', '/jobs', { kind: 'debug.echo', payload: { value: 0 } }, bearer(key));
    await waitFor('the end of the former', async () => (await submit(former.key)).status === 401);
    expect((await submit(made.key)).status).toBe(202);
  }
  const [row] = await stack.query<{ n: number }>('SELECT count(*)::int AS n FROM jobs WHERE id = ANY($1)', [load.accepted]);
  expect([load.accepted.length >= 5 * ENOUGH, row?.n]).toEqual([true, load.accepted.length]);
});

test('the secret of a webhook is rotated under load: every delivery comes, and can be verified by the secret that its receiver has at that moment', async () => {
  const { id, secret } = await as<Endpoint>('POST', '/webhooks/endpoints', { url: receiver.url, kinds: ['debug.echo'] });
  receiver.secrets = [secret];
  // As a receiver does that is worth its name. Such a delivery would be tried again, and the test would see it.
  receiver.answer = (response, { verifiedBy }) => response.writeHead(verifiedBy.length > 0 ? 204 : 401).end();
  const load = new Load([operator]);
  const delivered = async (): Promise<void> => {
    const until = receiver.received.length + ENOUGH;
    await waitFor(`delivery ${until}`, () => receiver.received.length >= until, { timeoutMs: 120_000 });
  };
  await delivered();
  const second = await as<Endpoint>('POST', `/webhooks/endpoints/${id}/rotate-secret`, { graceSeconds: 3_600 });
  await delivered();
  // Its receiver takes the new one while deliveries are under way, and forgets the former.
  receiver.secrets = [second.secret];
  await delivered();
  // Without a time in which both sign, its receiver has to know the new one beforehand, and the former while deliveries are on their way.
  const third = `whsec_${randomBytes(32).toString('base64')}`;
  receiver.secrets = [second.secret, third];
  await as('POST', `/webhooks/endpoints/${id}/rotate-secret`, { secret: third, graceSeconds: 0 });
  await delivered();
  await load.stop();
  expect(load.refused).toEqual([]);
  await waitFor('all deliveries', () => load.accepted.every((job) => receiver.of(job).length > 0), { timeoutMs: 240_000 });
  expect(receiver.received.filter(({ verifiedBy }) => verifiedBy.length === 0).map(({ id: webhook }) => webhook)).toEqual([]);
  expect(receiver.received.some(({ verifiedBy }) => verifiedBy.join() === third)).toBe(true);
  const states = await stack.query<{ state: string; n: number }>('SELECT state, count(*)::int AS n FROM webhook_deliveries WHERE endpoint_id = $1 GROUP BY 1', [
    id,
  ]);
  process.stdout.write(`${String(receiver.received.length)} deliveries of ${String(load.accepted.length)} jobs: ${JSON.stringify(states)}\n`);
  await as('DELETE', `/webhooks/endpoints/${id}`);
});

/** Others with these keys take the place of all processes, one after the other; none of the load is sent to one that ends. */
async function replaced(keys: string[], goOn: () => Promise<void>): Promise<void> {
  const env = { ...stack.env, LONGHAUL_SECRET_KEYS: keys.join(',') };
  for (const list of [gateways, workers])
    for (const [index, former] of list.entries()) {
      list[index] = await spawnApp(list === gateways ? 'gateway' : 'worker', env);
      await goOn();
      expect(await former.stop()).toBe(0);
    }
}

testIf(inProofs, 'npm run proofs runs it')(
  'the key that seals the secrets of webhooks is rotated under load, by restarts one after the other: no request is refused, and each delivery comes and is verified',
  async () => {
    const { id, secret } = await as<Endpoint>('POST', '/webhooks/endpoints', { url: `${receiver.url}/endpoint`, kinds: ['debug.echo'] });
    const callback = (await longhaul(['webhook-secret'], stack.env)).out.trim();
    receiver.secrets = [secret, callback];
    receiver.received.length = 0;
    receiver.answer = (response, { verifiedBy }) => response.writeHead(verifiedBy.length > 0 ? 204 : 401).end();
    const load = new Load([operator], { callbackUrl: `${receiver.url}/callback` }, (accepted) => 2 * accepted - receiver.received.length > MOST_OPEN);
    const delivered = async (): Promise<void> => {
      const until = receiver.received.length + ENOUGH;
      await waitFor(`delivery ${until}`, () => receiver.received.length >= until, { timeoutMs: 120_000 });
    };
    const goOn = () => load.goOn(FEW);
    const withKeys = (...keys: string[]) => ({ ...stack.env, LONGHAUL_SECRET_KEYS: keys.join(',') });
    /** The ids of keys with which secrets are sealed now. */
    const sealing = async (): Promise<string[]> => {
      const rows = await stack.query<{ text: string }>(
        `SELECT secrets::text AS text FROM webhook_endpoints UNION ALL SELECT t::text FROM longhaul.webhook_callback_secret t`,
      );
      return ['former', 'current'].filter((key) => rows.some(({ text }) => text.includes(key)));
    };
    await delivered();
    expect(await sealing()).toEqual(['former']);
    await replaced([FORMER, CURRENT], goOn);
    await replaced([CURRENT, FORMER], goOn);
    // Sealed with the new key, beside its former secret, which still signs and is sealed with the former key.
    const second = await as<Endpoint>('POST', `/webhooks/endpoints/${id}/rotate-secret`, { graceSeconds: 3_600 });
    receiver.secrets = [second.secret, callback];
    await delivered();
    expect(await sealing()).toEqual(['former', 'current']);
    expect(await longhaul(['rotate-secrets'], withKeys(CURRENT, FORMER))).toMatchObject({ code: 0, out: 'sealed anew: 2\n', err: '' });
    expect(await sealing()).toEqual(['current']);
    await delivered();
    await replaced([CURRENT], goOn);
    await delivered();
    await load.stop();
    expect(load.refused).toEqual([]);
    const pathsOf = (job: string) => new Set(receiver.of(job).map(({ path }) => path)).size;
    await waitFor('all deliveries', () => load.accepted.every((job) => pathsOf(job) === 2), { timeoutMs: 240_000 });
    expect(receiver.received.filter(({ verifiedBy }) => verifiedBy.length === 0)).toEqual([]);
    for (const { path, verifiedBy } of receiver.received) expect([path, verifiedBy.includes(callback)]).toEqual([path, path === '/callback']);
    // Whoever has the former key alone does not start: it could sign no delivery.
    for (const name of ['gateway', 'worker'] as const) {
      const late = await spawnApp(name, withKeys(FORMER), { waitUntilReady: false });
      workers.push(late);
      expect(await late.exited).toMatchObject({ code: 1 });
      expect(late.logs().filter((line) => line.includes('expected LONGHAUL_SECRET_KEYS to be a list with the key current'))).toHaveLength(1);
    }
  },
  600_000,
);
