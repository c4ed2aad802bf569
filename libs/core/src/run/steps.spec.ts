import type { JsonText } from '../job/raw-json.js';
import { Steps } from './steps.js';

/** Steps of several attempts of one job; `saved` is what reached the store. */
function job(maxBytes?: number) {
  const saved = new Map<string, JsonText>();
  const attempt = () => new Steps({ read: async (name) => saved.get(name) ?? null, save: async (name, result) => void saved.set(name, result) }, maxBytes);
  return { saved, attempt };
}

describe('what a step gives', () => {
  test.each([
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['undefined members', { a: undefined, b: [undefined] }, { b: [null] }],
    ['nothing', undefined, null],
    ['NaN', { n: NaN }, { n: null }],
    ['an instance', Object.assign(Object.create({ greet: () => 1 }) as object, { a: 1 }), { a: 1 }],
  ])('is the same in the attempt that runs it and in every later one: its JSON, of %s (C7)', async (_, value, given) => {
    const { attempt } = job();
    expect(await attempt().run('s', async () => value)).toStrictEqual(given);
    expect(await attempt().run('s', () => Promise.reject(new Error('ran again')))).toStrictEqual(given);
  });
});

describe('a step under a name that the attempt has used', () => {
  test('is refused for good, by its name and with the fix, one after the other or at once, and its work does not run (C6)', async () => {
    const steps = job().attempt();
    await steps.run('send', async () => 1);
    let ran = 0;
    const work = async () => ++ran;
    await expect(steps.run('send', work)).rejects.toMatchObject({
      name: 'NonRetryableError',
      code: 'duplicate_step',
      message: expect.stringMatching(/got "send" twice.*job\.step\(`send:\$\{id\}`/),
    });
    const both = await Promise.allSettled([steps.run('at once', async () => 1), steps.run('at once', work)]);
    expect(both).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 'duplicate_step' } }]);
    expect(ran).toBe(0);
  });

  test('may run again when it failed, for it left no result', async () => {
    const steps = job().attempt();
    await expect(steps.run('s', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await steps.run('s', async () => 1)).toBe(1);
  });

  test("may run in the next attempt, and gets the first one's result", async () => {
    const { attempt } = job();
    await attempt().run('s', async () => 1);
    expect(await attempt().run('s', async () => 2)).toBe(1);
  });
});

describe("a step's result", () => {
  const circular: unknown[] = [];
  circular.push(circular);
  test.each([
    ['a NUL', { a: 'x\u0000' }, '/a'],
    ['half a surrogate pair', ['\ud800'], '/0'],
    ['a bigint', { a: { b: 1n } }, '/a/b'],
    ['a circle', circular, '/0'],
    ['a Map', { a: new Map() }, '/a'],
  ])('that is no JSON is refused before it reaches the store, and not retried: %s (C8)', async (_, value, pointer) => {
    const { saved, attempt } = job();
    const refused = await attempt()
      .run('charge', async () => value)
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({
      name: 'NonRetryableError',
      code: 'result_not_json',
      message: expect.stringContaining(`the result of step "charge" cannot be stored: ${pointer} `),
    });
    expect(saved.size).toBe(0);
  });

  test('that is too large is refused, with what to do (E12)', async () => {
    const refused = await job(100)
      .attempt()
      .run('s', async () => 'x'.repeat(100))
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'result_too_large', message: expect.stringContaining('job.files') });
  });
});

test.each(['', 'x'.repeat(201), 'a\u0000', 5, undefined])('a step is not called %p', async (name) => {
  await expect(
    job()
      .attempt()
      .run(name as string, async () => 1),
  ).rejects.toMatchObject({ code: 'invalid_step' });
});

test('a step that could not be read or kept may be tried again by its handler (C38)', async () => {
  const saved = new Map<string, JsonText>();
  let faults = 2;
  const meets = () => {
    if (faults-- > 0) throw new Error('the connection was lost');
  };
  const steps = new Steps(
    {
      read: async (name) => {
        if (faults === 2) meets();
        return saved.get(name) ?? null;
      },
      save: async (name, result) => {
        meets();
        saved.set(name, result);
      },
    },
    undefined,
  );
  const again = () => steps.run('charge', async () => 1);
  await expect(again()).rejects.toThrow('the connection was lost');
  await expect(again()).rejects.toThrow('the connection was lost');
  expect(await again()).toBe(1);
  await expect(again()).rejects.toMatchObject({ code: 'duplicate_step' });
});
