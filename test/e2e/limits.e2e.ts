import { describeEachModeInProofs, type Stack, startStack, waitFor } from '../support/index.js';

interface Limit {
  name: string;
  origin: string;
  concurrency: number | null;
  capacity: number | null;
  rate: string | null;
  override: { concurrency: number } | null;
  links: Record<string, string>;
}

interface Fault {
  pointer: string;
  detail: string;
}

describeEachModeInProofs('limits in %s mode', (mode) => {
  let stack: Stack;
  const put = (name: string, body: unknown) => stack.api.call<Limit & { errors: Fault[] }>('PUT', `/limits/${name}`, body);
  const get = (name: string) => stack.api.call<Limit>('GET', `/limits/${name}`);
  const later = () => new Date(Date.now() + 3_600_000).toISOString();

  beforeAll(async () => {
    stack = await startStack({ mode });
  });
  afterAll(() => stack.stop());

  test('one that is put is shown as it was put, changed, overridden for a time, and deleted', async () => {
    const made = await put('partner', { match: { kind: 'debug.sleep', tag: 'tenant:*' }, per: 'tag:tenant', concurrency: 5, rate: '10/s', burst: 10 });
    expect([200, 202]).toContain(made.status);
    expect(made.body).toMatchObject({ name: 'partner', origin: 'api', per: 'tag:tenant', concurrency: 5, capacity: 5, rate: '10/s', burst: 10, keys: [] });
    expect((await put('partner', { match: { kind: 'debug.sleep' }, concurrency: 3 })).body).toMatchObject({ concurrency: 3, rate: null, per: null });
    const overridden = await stack.api.call<Limit>('POST', '/limits/partner/override', { concurrency: 1, until: later() });
    expect([overridden.status, overridden.body.capacity, overridden.body.concurrency]).toEqual([200, 1, 3]);
    expect((await stack.api.call<Limit>('DELETE', '/limits/partner/override')).body).toMatchObject({ capacity: 3, override: null });
    const { body: list } = await stack.api.call<{ items: Limit[] }>('GET', '/limits');
    expect(list.items.map(({ name }) => name)).toEqual(['partner']);
    expect((await stack.api.call('DELETE', '/limits/partner')).status).toBeLessThan(300);
    expect((await get('partner')).status).toBe(404);
  });

  test.each<[body: unknown, pointer: string, detail: string]>([
    [{ match: {}, concurrency: 0 }, '/concurrency', 'pause it instead'],
    [{ match: {}, rate: 'ten a second' }, '/rate', '"10/s", "600/m" or "1000/h", at most 1000000, got: "ten a second"'],
    [{ match: {}, concurrency: 1, per: 'tenant' }, '/per', 'must be "kind", "queue" or "tag:<name>", got: "tenant"'],
    [{ match: { kinds: 'a.b' }, concurrency: 1 }, '/match/kinds', 'is not a known field'],
    [{ concurrency: 1 }, '/match', 'must'],
    [{ match: {}, concurency: 1 }, '/concurency', 'did you mean "concurrency"?'],
    [{ match: {}, concurrency: null }, '/concurrency', 'must not be null'],
    [{ match: {} }, '', 'must have concurrency, rate, or both'],
    [{ match: { kind: 'debug.sleep' }, rate: '1/s', strict: true }, '/strict', 'needs a queue of its own for debug.sleep, got: default'],
    [{ match: {}, rate: '1/s', strict: true }, '/match/kind', 'must name a kind'],
  ])('PUT of %j is refused with the place, and sets none', async (body, pointer, detail) => {
    const { status, body: problem } = await put('wrong', body);
    expect([status, problem.errors]).toEqual([422, expect.arrayContaining([{ pointer, detail: expect.stringContaining(detail) as string }])]);
    expect((await get('wrong')).status).toBe(404);
  });

  test('what is no name, an unknown limit, and an override that is over or of none are refused', async () => {
    expect((await put('a%20b', { match: {}, concurrency: 1 })).status).toBe(422);
    expect((await put('.a', { match: {}, concurrency: 1 })).body.errors[0]?.pointer).toBe('/name');
    expect((await stack.api.call('DELETE', '/limits/nothing')).status).toBe(404);
    expect((await stack.api.call('POST', '/limits/nothing/override', { concurrency: 1, until: later() })).status).toBe(404);
    const { status, body } = await stack.api.call<{ errors: Fault[] }>('POST', '/limits/nothing/override', { concurrency: 0, until: '2020-01-01T00:00:00Z' });
    expect([status, body.errors.map(({ pointer }) => pointer)]).toEqual([422, ['/concurrency', '/until']]);
  });

  async function accepted(count: number, payload: object, options: object): Promise<string[]> {
    const jobs = Array.from({ length: count }, () => ({ kind: 'debug.sleep', payload, options }));
    const { status, body } = await stack.api.call<{ jobs: { id: string }[] }>('POST', '/jobs/batch', { jobs });
    expect(status).toBe(202);
    return body.jobs.map(({ id }) => id);
  }

  /** When each of these jobs ran, in milliseconds. */
  async function spansOf(ids: string[]): Promise<{ from: number; to: number }[]> {
    const left = 'SELECT FROM jobs WHERE id = ANY ($1::uuid[]) AND finished_at IS NULL';
    await waitFor('the jobs to end', async () => (await stack.query(left, [ids])).length === 0, { timeoutMs: 90_000 });
    const rows = await stack.query(
      `SELECT state, extract(epoch FROM started_at)::float8 * 1000 AS began, extract(epoch FROM finished_at)::float8 * 1000 AS ended FROM jobs WHERE id = ANY ($1::uuid[])`,
      [ids],
    );
    expect(rows.map(({ state }) => String(state))).toEqual(ids.map(() => 'succeeded'));
    return rows.map(({ began, ended }) => ({ from: Number(began), to: Number(ended) }));
  }

  test('of two lets two of ten jobs run at once, and never a third', async () => {
    await put('two', { match: { kind: 'debug.sleep', tag: 'pair' }, concurrency: 2 });
    const spans = await spansOf(await accepted(10, { ms: 200 }, { tags: ['pair'] }));
    const together = spans.map(({ from }) => spans.filter((other) => other.from <= from && from < other.to).length);
    expect(Math.max(...together)).toBe(2);
    await stack.api.call('DELETE', '/limits/two');
  });

  test('lets jobs go on that were parked on it when it is deleted, or raised', async () => {
    for (const act of ['raise', 'delete']) {
      await put('one', { match: { kind: 'debug.sleep', tag: 'single' }, concurrency: 1 });
      const ids = await accepted(6, { ms: 1_500 }, { tags: ['single'] });
      await waitFor('one to run', async () => (await stack.query(`SELECT FROM jobs WHERE id = ANY ($1::uuid[]) AND state = 'running'`, [ids])).length === 1);
      if (act === 'raise') await put('one', { match: { kind: 'debug.sleep', tag: 'single' }, concurrency: 6 });
      else await stack.api.call('DELETE', '/limits/one');
      const spans = await spansOf(ids);
      // One after the other would take nine seconds.
      expect([act, Math.max(...spans.map(({ to }) => to)) - Math.min(...spans.map(({ from }) => from)) < 7_000]).toEqual([act, true]);
    }
  });

  test('of a rate keeps starts apart beyond its burst', async () => {
    await put('calls', { match: { kind: 'debug.sleep', tag: 'call' }, rate: '5/s', burst: 2 });
    const spans = await spansOf(await accepted(8, { ms: 1 }, { tags: ['call'] }));
    // Two at once, the others 200 ms apart.
    expect(Math.max(...spans.map(({ from }) => from)) - Math.min(...spans.map(({ from }) => from))).toBeGreaterThanOrEqual(1_000);
    await stack.api.call('DELETE', '/limits/calls');
  });

  test('counts for each value of a tag by itself', async () => {
    await put('tenants', { match: { kind: 'debug.sleep', tag: 'tenant:*' }, per: 'tag:tenant', concurrency: 1 });
    const ids = [...(await accepted(3, { ms: 400 }, { tags: ['tenant:a'] })), ...(await accepted(3, { ms: 400 }, { tags: ['tenant:b'] }))];
    const spans = await spansOf(ids);
    const together = spans.map(({ from }) => spans.filter((other) => other.from <= from && from < other.to).length);
    expect(Math.max(...together)).toBe(2);
    await stack.api.call('DELETE', '/limits/tenants');
  });
});
