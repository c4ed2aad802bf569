// Ring 2: .ci/run runs this file.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Api, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

const PRELOAD = pathToFileURL(join(import.meta.dirname, '../chaos/preload/clock.mjs')).href;
const HOUR_MS = 3_600_000;

describe('a gateway whose clock is wrong', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process' });
  });
  afterAll(() => stack.stop());

  async function wrongBy(ms: number): Promise<{ api: Api; stop: () => Promise<unknown> }> {
    const gateway = await spawnApp('gateway', { ...stack.env, NODE_OPTIONS: `--import ${PRELOAD}`, CLOCK_SKEW_MS: String(ms) });
    return { api: new Api(gateway.url), stop: () => gateway.stop() };
  }

  test.each([
    ['an hour slow', -HOUR_MS],
    ['an hour fast', HOUR_MS],
    ['at 1970', -Date.now()],
  ])('%s, answers Retry-After and the end of a running job by the clock of the database (C30)', async (_name, ms) => {
    const { api, stop } = await wrongBy(ms);
    try {
      const wait = ({ headers }: { headers: Headers }) => Number(headers.get('retry-after'));
      const delayed = await api.submit('debug.echo', { value: 1 }, { delay: '500s' });
      expect([delayed.status, wait(delayed)]).toEqual([202, expect.closeTo(500, -1.5)]);
      expect(wait(await api.call('GET', `/jobs/${delayed.body.id}`))).toBeCloseTo(500, -1.5);
      expect(wait(await stack.api.call('GET', `/jobs/${delayed.body.id}`))).toBeCloseTo(500, -1.5);
      const at = await api.submit('debug.echo', { value: 1 }, { runAt: new Date(Date.now() + 600_000).toISOString() });
      expect([at.status, wait(at)]).toEqual([202, expect.closeTo(600, -1.5)]);

      // Either of the two gateways may run it.
      for (let left = 4; left > 0; left--) await api.accepted('debug.sleep', { ms: 600_000 }, { tags: [`clock ${String(ms)}`] });
      const ends = await waitFor('the running jobs to have an estimated end', async () => {
        const { items } = (await api.call<{ items: { progress: { estimatedEnd?: string } | null }[] }>('GET', `/jobs?tag=clock ${String(ms)}`)).body;
        const found = items.flatMap(({ progress }) => progress?.estimatedEnd ?? []);
        return found.length === 4 && found;
      });
      for (const end of ends) expect((Date.parse(end) - Date.now()) / 1_000).toBeCloseTo(600, -2);
      const [running] = (await api.call<{ items: { id: string }[] }>('GET', `/jobs?tag=clock ${String(ms)}`)).body.items;
      expect(wait(await api.call('GET', `/jobs/${running?.id ?? ''}`))).toBe(60);
    } finally {
      for (const { id } of (await api.call<{ items: { id: string }[] }>('GET', `/jobs?tag=clock ${String(ms)}`)).body.items)
        await api.call('POST', `/jobs/${id}/cancel`);
      await stop();
    }
  });
});
