// Ring 2: .ci/run runs this file.
import type { JobPage, MatchingJobs } from '@app/contracts';
import { longhaul, newKey, type Stack, startStack } from '../support/index.js';

interface Problem {
  status: number;
  type: string;
  detail: string;
  errors?: { pointer: string; detail: string }[];
}

/** An id beyond a double's digits, and the id that it would become. */
const [EXACT, ROUNDED] = ['12345678901234567890', '12345678901234567168'];

describe('a search by payload', () => {
  let stack: Stack;
  let admin: string;
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { AUTH: 'on', LOG_LEVEL: 'warn' } });
    admin = await newKey(stack.env, '--name', 'operator', '--admin');
    const texts = {
      seven: '{"value":{"customer":7,"tags":["a","b"]}}',
      eight: '{"value":{"customer":8,"tags":["b"]}}',
      exact: `{"value":{"customer":${EXACT}}}`,
      huge: '{"value":{"customer":9,"large":1e400}}',
      // More than `numeric` holds: PostgreSQL can keep it, and not compare it.
      beyond: '{"value":{"customer":10,"large":1e999999}}',
    };
    for (const [name, payload] of Object.entries(texts)) {
      const { status, body } = await stack.api.call('POST', '/jobs', `{"kind":"debug.echo","payload":${payload},"options":{"delay":"1h"}}`, bearer(admin));
      expect([name, status]).toEqual([name, 202]);
      ids[name] = body.id;
    }
  }, 240_000);
  afterAll(() => stack.stop());

  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const list = <Body = JobPage>(query: string, key = admin) => stack.api.call<Body>('GET', `/jobs?${query}`, undefined, bearer(key));
  const found = async (payload: string, key = admin) => {
    const { status, body } = await list(`kind=debug.echo&payload=${encodeURIComponent(payload)}`, key);
    expect([payload, status]).toEqual([payload, 200]);
    return body.items.map(({ id }) => Object.keys(ids).find((name) => ids[name] === id) ?? id).sort();
  };
  const cli = (...args: string[]) => longhaul(args, { ...stack.env, LONGHAUL_URL: stack.api.url, LONGHAUL_KEY: admin });

  test('finds the jobs whose payload holds what is asked for, digit by digit, with an index of their kind and without one', async () => {
    const asked: [payload: string, names: string[]][] = [
      ['{"value":{"customer":7}}', ['seven']],
      ['{"value":{"tags":["b"]}}', ['eight', 'seven']],
      ['{"value":{"tags":[]}}', ['eight', 'seven']],
      ['{"value":{"customer":"7"}}', []],
      ['{"customer":7}', []],
      [`{"value":{"customer":${EXACT}}}`, ['exact']],
      [`{"value":{"customer":${ROUNDED}}}`, []],
      ['{"value":{"large":1e400}}', ['huge']],
      ['{"value":{"customer":10}}', []],
    ];
    for (const [payload, names] of asked) expect(await found(payload)).toEqual(names);
    const made = await cli('payload-index', 'create', 'debug.echo', '--reason', 'support asks for customers');
    expect(made).toMatchObject({ code: 0, err: 'made the index of the payloads of debug.echo\n' });
    for (const [payload, names] of asked) expect(await found(payload)).toEqual(names);
    // Submissions go on, also of what the index cannot hold.
    for (const value of ['1e999999', '"late"', JSON.stringify('x'.repeat(70_000))])
      expect((await stack.api.call('POST', '/jobs', `{"kind":"debug.echo","payload":{"value":${value}}}`, bearer(admin))).status).toBe(202);
    expect(await found('{"value":"late"}')).toHaveLength(1);
  });

  test('is of one kind, and refuses what is no object, with the name of the parameter', async () => {
    const refused = async (query: string) => {
      const { status, body } = await list<Problem>(query);
      return [status, body.detail];
    };
    const object = encodeURIComponent('{"value":7}');
    expect(await refused(`payload=${object}`)).toEqual([
      400,
      'expected query parameter "kind" to be one kind, in whose jobs the payload is looked for, got: null',
    ]);
    expect((await refused(`kind=a.b&kind=a.c&payload=${object}`))[1]).toContain('"kind" to be one kind');
    const wrong = ['{}', '[]', '7', 'null', '{', '{"a":'.repeat(400), '{"a":"\\u0000"}', '{"a":"\\ud800"}', '{"a":1e99999}', '{"a":1,"a":2}', '\u0000'];
    for (const payload of wrong) {
      const answer = await refused(`kind=debug.echo&payload=${encodeURIComponent(payload)}`);
      expect(answer).toEqual([400, expect.stringContaining('expected query parameter "payload" to be a JSON object') as string]);
    }
    expect((await refused(`kind=debug.echo&payload=${object}&payload=${object}`))[1]).toContain('"payload" to be a JSON object');
  });

  test('needs the right to see payloads, for a list that fits a guess tells what is in them', async () => {
    const viewer = await newKey(stack.env, '--name', 'viewer', '--scope', 'jobs:read', '--scope', 'jobs:control');
    const missing = {
      status: 403,
      body: { type: expect.stringContaining('insufficient-scope') as string, detail: expect.stringContaining('jobs:payload') as string },
    };
    expect(await list(`kind=debug.echo&payload=${encodeURIComponent('{"value":{"customer":7}}')}`, viewer)).toMatchObject(missing);
    const filter = { kind: 'debug.echo', payload: { value: { customer: 7 } } };
    for (const body of [{ filter, dryRun: true }, { filter }])
      expect(await stack.api.call('POST', '/jobs/cancel', body, bearer(viewer))).toMatchObject(missing);
    expect((await list('kind=debug.echo', viewer)).status).toBe(200);
  });

  test('is for the jobs of the own tenant alone', async () => {
    const scopes = ['jobs:read', 'jobs:submit', 'jobs:payload'].flatMap((scope) => ['--scope', scope]);
    const acme = await newKey(stack.env, '--name', 'acme', '--tenant', 'acme', ...scopes);
    expect(await found('{"value":{"customer":7}}', acme)).toEqual([]);
    const { body } = await stack.api.submit('debug.echo', { value: { customer: 7 } }, { delay: '1h' }, bearer(acme));
    expect(await found('{"value":{"customer":7}}', acme)).toEqual([body.id]);
    expect(await found('{"value":{"customer":7}}')).toEqual([body.id, 'seven'].sort());
  });

  test('chooses the jobs of an act on many, from the body as well as from the command line', async () => {
    const act = <Body>(payload: string, dryRun: boolean) =>
      stack.api.call<Body>('POST', '/jobs/cancel', `{"filter":{"kind":"debug.echo","payload":${payload}},"dryRun":${String(dryRun)}}`, bearer(admin));
    const matching = async (payload: string) => (await act<MatchingJobs>(payload, true)).body.matching;
    expect([await matching(`{"value":{"customer":${EXACT}}}`), await matching(`{"value":{"customer":${ROUNDED}}}`)]).toEqual([1, 0]);
    expect(await matching(JSON.stringify('{"value":{"customer":8}}'))).toBe(1);
    expect((await act<Problem>('{}', true)).body.errors).toEqual([
      { pointer: '/filter/payload', detail: 'must be a JSON object with a member at least, such as {"customer":7}, got: {}' },
    ]);
    const listed = await cli('list', '--kind', 'debug.echo', '--payload', `{"value":{"customer":${EXACT}}}`, '--json');
    expect((JSON.parse(listed.out) as JobPage).items.map(({ id }) => id)).toEqual([ids['exact']]);
    const cancelled = await cli('cancel', '--kind', 'debug.echo', '--payload', `{"value":{"customer":${EXACT}}}`, '--json');
    expect(cancelled).toMatchObject({ code: 0 });
    const state = async (name: string) => (await stack.api.call('GET', `/jobs/${ids[name] ?? ''}`, undefined, bearer(admin))).body.state;
    expect([await state('exact'), await state('seven')]).toEqual(['cancelled', 'scheduled']);
  });

  test('has indexes that an operator lists, makes and drops, which the audit keeps', async () => {
    expect(await cli('payload-index', 'create', 'debug.echo')).toMatchObject({ code: 0, err: 'the index of the payloads of debug.echo is there already\n' });
    expect((await cli('payload-index', 'list')).out).toMatch(/^KIND +SIZE +STATE\ndebug\.echo +0\.\d MB +ready\n$/);
    expect(JSON.parse((await cli('payload-index', 'list', '--json')).out)).toMatchObject({ items: [{ kind: 'debug.echo', state: 'ready' }] });
    expect(await cli('payload-index', 'create', 'no.such')).toMatchObject({
      code: 0,
      err: 'there is no job of no.such yet\nmade the index of the payloads of no.such\n',
    });
    expect(JSON.parse((await cli('payload-index', 'drop', 'debug.echo', '--json')).out)).toEqual({ kind: 'debug.echo', changed: true });
    expect(await cli('payload-index', 'drop', 'debug.echo')).toMatchObject({ code: 0, err: 'the index of the payloads of debug.echo is not there\n' });
    expect(await cli('payload-index', 'create')).toMatchObject({ code: 2, err: 'longhaul: expected a kind: longhaul payload-index create <kind>\n' });
    expect(await cli('payload-index', 'create', "x'; DROP TABLE jobs")).toMatchObject({ code: 2 });
    expect((await cli('payload-index', 'show')).err).toContain('expected payload-index list, create <kind> or drop <kind>, got: payload-index show');
    const { body } = await stack.api.call<{ items: { action: string; target: string; detail: object }[] }>('GET', '/audit?limit=50', undefined, bearer(admin));
    const acts = body.items.filter(({ action }) => action.endsWith('PayloadIndex')).map(({ action, target, detail }) => [action, target, detail]);
    expect(acts).toEqual([
      ['dropPayloadIndex', '/kinds/debug.echo/payload-index', {}],
      ['createPayloadIndex', '/kinds/no.such/payload-index', {}],
      ['createPayloadIndex', '/kinds/debug.echo/payload-index', { reason: 'support asks for customers' }],
    ]);
    expect(await found('{"value":{"customer":8}}')).toEqual(['eight']);
  });
});
