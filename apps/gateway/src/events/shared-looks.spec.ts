import { ManualClock, RecordingLogger, turns } from '@app/core/testing';
import { type LookReader, SharedLooks } from './shared-looks.js';

function reader() {
  const got: string[] = [];
  const one: LookReader & { ready: boolean } = { ready: true, send: (events) => got.push(...events.map(({ name, json }) => `${name} ${json(false)}`)) };
  return { one, got };
}

function looks() {
  const clock = new ManualClock();
  const shared = new SharedLooks(new RecordingLogger(), clock);
  let made = 0;
  let value = 1;
  let broken = false;
  const of = (key: string) => ({
    key,
    name: 'seen',
    look: async () => {
      made++;
      if (broken) throw new Error('gone');
      return { value };
    },
    away: () => ({ gone: true }),
  });
  return { clock, shared, of, made: () => made, become: (next: number) => (value = next), breakIt: (is: boolean) => (broken = is) };
}

describe('what many readers want to see', () => {
  test('is looked at once for all of them, told each when it has changed, and not looked at while nobody reads', async () => {
    const { clock, shared, of, made, become } = looks();
    const [first, second] = [reader(), reader()];
    const ends = [shared.read(of('a'), first.one), shared.read(of('a'), second.one)];
    await turns();
    expect([first.got, second.got, made()]).toEqual([['seen {"value":1}'], ['seen {"value":1}'], 1]);
    await clock.advance(4_000);
    expect([first.got.length, made()]).toEqual([1, 3]);
    become(2);
    await clock.advance(2_000);
    expect([first.got.at(-1), second.got.at(-1)]).toEqual(['seen {"value":2}', 'seen {"value":2}']);
    for (const end of ends) end();
    await turns();
    expect([shared.size, clock.sleeping]).toEqual([0, 0]);
    await clock.advance(10_000);
    expect(made()).toBe(4);
  });

  test('is told at once to whoever comes later, and looked at apart where it is something else', async () => {
    const { shared, of, made } = looks();
    shared.read(of('a'), reader().one);
    await turns();
    const late = reader();
    shared.read(of('a'), late.one);
    expect([late.got, made()]).toEqual([['seen {"value":1}'], 1]);
    shared.read(of('b'), reader().one);
    await turns();
    expect([shared.size, made()]).toEqual([2, 2]);
  });

  test('is told as it is then to a reader that could not take it, and never twice', async () => {
    const { clock, shared, of, become } = looks();
    const slow = reader();
    slow.one.ready = false;
    shared.read(of('a'), slow.one);
    await clock.advance(2_000);
    become(2);
    await clock.advance(2_000);
    expect(slow.got).toEqual([]);
    slow.one.ready = true;
    await clock.advance(4_000);
    expect(slow.got).toEqual(['seen {"value":2}']);
  });

  test('is said to be away while the store does not answer, and told again when it does', async () => {
    const { clock, shared, of, breakIt } = looks();
    const { one, got } = reader();
    shared.read(of('a'), one);
    await turns();
    breakIt(true);
    await clock.advance(4_000);
    breakIt(false);
    await clock.advance(2_000);
    expect(got).toEqual(['seen {"value":1}', 'unavailable {"gone":true}', 'seen {"value":1}']);
  });
});
