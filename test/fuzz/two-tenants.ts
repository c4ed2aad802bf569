import type { Random } from '../simulation/random.js';
import { canary, longhaul, type Stack, waitFor } from '../support/index.js';
import type { Caller } from './make-request.js';

/** A tenant whose every text has a word of its own, which no answer to another may have. */
export interface FuzzTenant {
  name: string;
  key: string;
  canary: string;
  ids: string[];
}

/** So many ids of each tenant are tried: the newest. */
const IDS = 300;

/** Two tenants with a canary in all that they have, and callers with rights of many sorts. */
export class TwoTenants {
  readonly tenants: FuzzTenant[] = [];
  readonly callers: Caller[] = [];

  private constructor(private readonly stack: Stack) {}

  static async of(stack: Stack): Promise<TwoTenants> {
    const made = new TwoTenants(stack);
    const operator = await made.key('--admin', '--all-tenants');
    // It would end the process, leave queues without a worker, take the callers' own keys, or their tenants' room.
    const spares = ['drainWorker', 'assignQueues', 'revokeKey', 'rotateKey', 'putTenantQuotas', 'pauseQueue', 'pauseKind', 'deleteQueue'];
    made.callers.push({ name: 'operator', authorization: operator, tenant: null, spares }, { name: 'nobody', tenant: '' });
    for (const name of ['acme', 'globex']) {
      const key = await made.key('--admin', '--tenant', name);
      const tenant = { name, key, canary: canary(), ids: [] };
      made.tenants.push(tenant);
      const scoped = async (who: string, ...options: string[]) =>
        made.callers.push({ name: `${who} of ${name}`, authorization: await made.key('--tenant', name, ...options), tenant: name });
      made.callers.push({ name: `admin of ${name}`, authorization: key, tenant: name }, { name: `admin of ${name}`, authorization: key, tenant: name });
      await scoped('reader', '--scope', 'jobs:read', '--scope', 'events:read', '--scope', 'dead-letters:read');
      await scoped('one for a kind', '--scope', 'jobs:submit', '--scope', 'jobs:read', '--scope', 'jobs:payload', '--kind', 'debug.echo');
    }
    made.callers.push({ name: 'a wrong key', authorization: `Bearer lh_${'a'.repeat(16)}_${'b'.repeat(52)}00000000`, tenant: '' });
    await made.refill();
    return made;
  }

  private async key(...options: string[]): Promise<string> {
    const { out, err } = await longhaul(['keys', 'create', '--name', 'fuzz', ...options], { ...this.stack.env, NODE_OPTIONS: '' });
    if (out === '') throw new Error(err);
    return `Bearer ${out.trim()}`;
  }

  /** Something of everything, with the canary in it: what there was before may have been cancelled, deleted or changed. */
  async refill(): Promise<void> {
    // An operator among the callers may have stopped everything, as operators may.
    await this.stack.query('UPDATE queues SET paused_at = NULL WHERE paused_at IS NOT NULL');
    await this.stack.query('DELETE FROM paused_kinds');
    for (const tenant of this.tenants) {
      const { canary: word, ids } = tenant;
      const call = async (method: string, path: string, body: unknown, type = 'application/json'): Promise<{ id: string }> => {
        const response = await fetch(this.stack.api.url + path, {
          method,
          headers: { authorization: tenant.key, 'content-type': type },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        });
        const answer = (await response.json()) as { id: string };
        // It may have as many schedules or receivers by now as it may have.
        if (response.status < 300) ids.push(answer.id);
        else if (![409, 422].includes(response.status))
          throw new Error(`expected ${method} ${path} to succeed, got ${String(response.status)}: ${JSON.stringify(answer)}`);
        return answer;
      };
      const options = { tags: ['same', word] };
      const { id } = await call('POST', '/jobs', { kind: 'debug.echo', payload: { value: word }, options });
      const failing = await call('POST', '/jobs', { kind: 'debug.fail', payload: { message: word, retryable: false }, options });
      await call('POST', '/jobs', { kind: 'debug.echo', payload: { value: word }, options: { ...options, delay: '1h', unique: { key: 'waits' } } });
      await call('POST', '/files?name=orders.csv', `a,b\n${word},2\n`, 'text/csv');
      await call('PUT', '/schedules/nightly', { kind: 'debug.echo', payload: { value: word }, spec: { every: '1d' }, description: word, options });
      await call('POST', '/webhooks/endpoints', { url: `https://example.org/${word}`, description: word, enabled: false });
      await call('POST', '/keys', { name: word, scopes: ['jobs:read'] });
      // Or to be cancelled: a request may have hit them already.
      await waitFor('the jobs to have ended', async () => {
        const rows = await this.stack.query<{ state: string; finished: boolean }>(
          'SELECT state, finished_at IS NOT NULL AS finished FROM jobs WHERE id = ANY($1)',
          [[id, failing.id]],
        );
        if (rows.every(({ finished }) => finished)) return true;
        const why = await fetch(`${this.stack.api.url}/jobs/${id}/why`, { headers: { authorization: tenant.key } });
        throw new Error(`they are ${rows.map(({ state }) => state).join(' and ')}, the first for ${await why.text()}`);
      });
      const letters = await this.stack.query<{ id: string; fingerprint: string }>('SELECT id, fingerprint FROM dead_letters WHERE job_id = $1', [failing.id]);
      ids.push(...letters.flatMap((letter) => [letter.id, letter.fingerprint]));
      ids.splice(0, Math.max(0, ids.length - IDS));
    }
  }

  anId(random: Random): string {
    return random.pick(random.pick(this.tenants).ids);
  }

  /** What of an answer its caller must not see. */
  foreign({ tenant }: Caller, text: string): string[] {
    return this.tenants.filter(({ name, canary: word }) => tenant !== null && tenant !== name && text.includes(word)).map(({ name }) => name);
  }
}
