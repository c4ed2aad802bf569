import type { JobId } from '@app/core';
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
  let takes = 0;
  const of = (key: string, ofJobs = false) => ({
    key,
    name: 'seen',
    ofJobs,
    look: async () => {
      made++;
      if (takes > 0) await clock.sleep(takes);
      if (broken) throw new Error('gone');
      return { value };
    },
    away: () => ({ gone: true }),
  });
  return {
    clock,
    shared,
    of,
    made: () => made,
    become: (next: number) => (value = next),
    breakIt: (is: boolean) => (broken = is),
    take: (ms: number) => (takes = ms),
  };
}

const some = ['a job'] as unknown as JobId[];

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

  test('is told without payloads to a reader that may not see them, and whole to another one of the same look', async () => {
    const clock = new ManualClock();
    const shared = new SharedLooks(new RecordingLogger(), clock);
    const deliveries = { items: [{ id: '1', attempts: [{ status: 503, answer: { body: 'no such account: Ada' } }] }] };
    const look = { key: 'a', name: 'seen', look: () => Promise.resolve(deliveries), away: () => ({}) };
    const got: string[] = [];
    for (const hides of [false, true]) shared.read(look, { ready: true, send: (events) => got.push(...events.map(({ json }) => json(hides))) });
    await turns();
    expect(got.map((text) => JSON.parse(text) as unknown)).toEqual([
      deliveries,
      { items: [{ id: '1', attempts: [{ status: 503, answer: { body: null } }] }], payloadHidden: true },
    ]);
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

  test('is looked at as soon as something has changed, and of changed jobs only where it shows them', async () => {
    const { clock, shared, of, made, become } = looks();
    const [one, ofJobs] = [reader(), reader()];
    shared.read(of('a'), one.one);
    shared.read(of('b', true), ofJobs.one);
    await clock.advance(1_000);
    become(2);
    shared.wake(some);
    await turns();
    expect([one.got.at(-1), ofJobs.got.at(-1)]).toEqual(['seen {"value":1}', 'seen {"value":2}']);
    shared.wake([]);
    await turns();
    expect([one.got.at(-1), made()]).toEqual(['seen {"value":2}', 4]);
    become(3);
    await clock.advance(200);
    expect(ofJobs.got.at(-1)).toBe('seen {"value":3}');
    shared.wake([]);
    await turns();
    expect(one.got.at(-1)).toBe('seen {"value":3}');
  });

  test('is looked at five times in a second at most, however much changes, and the last change is not missed', async () => {
    const { clock, shared, of, made, become } = looks();
    const { one, got } = reader();
    shared.read(of('a'), one);
    await turns();
    for (let hint = 1; hint <= 990; hint++) {
      become(hint);
      shared.wake([]);
      await clock.advance(1);
    }
    expect(made()).toBe(5);
    await clock.advance(200);
    expect([made(), got.at(-1)]).toEqual([6, 'seen {"value":990}']);
    await clock.advance(1_000);
    expect(made()).toBe(6);
  });

  test('is looked at for a tenth of the time at most, however much changes, and not again after its last reader has gone', async () => {
    const { clock, shared, of, made, take } = looks();
    take(100);
    const end = shared.read(of('a'), reader().one);
    for (let hint = 1; hint <= 99; hint++) {
      shared.wake([]);
      await clock.advance(100);
    }
    expect(made()).toBe(10);
    end();
    shared.wake([]);
    await clock.advance(10_000);
    expect([made(), clock.sleeping]).toEqual([10, 0]);
  });

  test('is looked at more rarely where there are many looks, and no more rarely than without any change', async () => {
    const { clock, shared, of, made, take } = looks();
    take(10);
    for (let one = 0; one < 100; one++) shared.read(of(String(one)), reader().one);
    for (let hint = 1; hint <= 100; hint++) {
      await clock.advance(99);
      shared.wake([]);
    }
    expect(made()).toBe(500);
  });

  test('that changes while it is looked at is looked at again', async () => {
    const { clock, shared, of, made, take } = looks();
    take(10);
    shared.read(of('a'), reader().one);
    await clock.advance(5);
    shared.wake([]);
    await clock.advance(300);
    expect(made()).toBe(2);
  });
});
