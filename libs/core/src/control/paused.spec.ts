import { ManualClock, RecordingLogger, turns } from '../testing/index.js';
import { Paused, type PausedNames } from './paused.js';

function paused(answers: (PausedNames | Error)[]) {
  const clock = new ManualClock();
  let looks = 0;
  const reader = {
    paused: () => {
      const answer = answers[Math.min(looks++, answers.length - 1)] as PausedNames | Error;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  return { clock, paused: new Paused(reader, clock, new RecordingLogger()), looks: () => looks };
}

const NOTHING: PausedNames = { queues: [], kinds: [] };

describe('what is paused', () => {
  test('is known before a process takes its first job', async () => {
    const { paused: known } = paused([{ queues: ['slow'], kinds: ['csv.import'] }]);
    await known.start();
    expect([known.any, known.queue('slow'), known.kind('csv.import'), known.kind('slow')]).toEqual([true, true, true, false]);
    expect(known.holds({ queue: 'fast', kind: 'csv.import' })).toBe(true);
    expect(known.holds({ queue: 'slow', kind: 'mail.send' })).toBe(true);
    expect(known.holds({ queue: 'fast', kind: 'mail.send' })).toBe(false);
    await known.close();
  });

  test('keeps a process from starting while the store does not answer', async () => {
    const { paused: known } = paused([new Error('away')]);
    await expect(known.start()).rejects.toThrow('away');
  });

  test('is heard of within half a second, and each change is told once', async () => {
    const { clock, paused: known, looks } = paused([NOTHING, NOTHING, { queues: [], kinds: ['csv.import'] }]);
    let told = 0;
    known.listen(() => told++);
    await known.start();
    await turns();
    expect([looks(), known.any, told]).toEqual([2, false, 0]);
    await clock.advance(500);
    expect([looks(), known.kind('csv.import'), told]).toEqual([3, true, 1]);
    await clock.advance(2_000);
    expect(told).toBe(1);
    await known.close();
  });

  test('is known to the process that has changed it when that is told, whatever an earlier look answers afterwards', async () => {
    let late: (names: PausedNames) => void = () => undefined;
    const answers = [
      () => Promise.resolve(NOTHING),
      () => new Promise<PausedNames>((resolve) => (late = resolve)),
      () => Promise.resolve({ queues: ['slow'], kinds: [] }),
    ];
    let looks = 0;
    const known = new Paused({ paused: () => answers[looks++]?.() ?? Promise.reject(new Error('away')) }, new ManualClock(), new RecordingLogger());
    await known.start();
    await turns();
    expect(looks).toBe(2);
    await known.changed();
    expect(known.queue('slow')).toBe(true);
    late(NOTHING);
    await turns();
    expect(known.queue('slow')).toBe(true);
    await known.close();
  });

  test('that could not be read after a change is looked for again at once', async () => {
    const { paused: known } = paused([NOTHING, NOTHING, new Error('away'), { queues: ['slow'], kinds: [] }]);
    await known.start();
    await turns();
    await known.changed();
    await turns();
    expect(known.queue('slow')).toBe(true);
    await known.close();
  });

  test('holds while the store does not answer, and is read again when it does', async () => {
    const { clock, paused: known } = paused([{ queues: ['slow'], kinds: [] }, new Error('away'), new Error('away'), NOTHING]);
    await known.start();
    await clock.advance(500);
    expect(known.queue('slow')).toBe(true);
    await clock.advance(500);
    expect(known.queue('slow')).toBe(false);
    await known.close();
  });
});
