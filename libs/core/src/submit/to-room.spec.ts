import { Backlogs } from '../room/backlogs.js';
import { sampleNewJob } from '../testing/index.js';
import type { NewJob } from './submission-store.js';
import { sendToRoom } from './to-room.js';

const jobs = (count: number, more: Partial<NewJob> = {}): NewJob[] => Array.from({ length: count }, () => sampleNewJob(more));
const waiting = (all: NewJob[]) => all.filter(({ waits }) => waits === true).length;

/** Of a process that has looked at an installation where nothing waits. */
function looked(): Backlogs {
  const backlogs = new Backlogs();
  backlogs.lookingWhile(() => true);
  return backlogs;
}

test('of a flood into a short queue, sixteen jobs go to RabbitMQ and the others wait', () => {
  const batch = jobs(40);
  expect(sendToRoom(batch, looked(), () => 1)).toBe(true);
  expect(waiting(batch)).toBe(24);
});

test('jobs that may share a message go out with it, and count: the next message waits', () => {
  const backlogs = looked();
  const [batch, next] = [jobs(100), jobs(10)];
  sendToRoom(batch, backlogs, () => 64);
  expect(batch.map(({ waits }) => waits === true)).toEqual([...Array.from({ length: 64 }, () => false), ...Array.from({ length: 36 }, () => true)]);
  expect(sendToRoom(next, backlogs, () => 64)).toBe(true);
  expect(waiting(next)).toBe(10);
});

test.each([{ kind: 'test.other' }, { queue: 'other' }, { priority: 9 }])(
  'jobs of another kind, queue or priority (%j) do not go out with a message',
  (more) => {
    const backlogs = looked();
    sendToRoom(jobs(15), backlogs, () => 1);
    const batch = [...jobs(1), ...jobs(1, more)];
    sendToRoom(batch, backlogs, () => 64);
    expect(batch.map(({ waits }) => waits === true)).toEqual([false, !('queue' in more)]);
  },
);

test('jobs with limits always wait, and take nothing from the others', () => {
  const batch = [...jobs(20, { limitKeys: ['one'] }), ...jobs(16)];
  expect(sendToRoom(batch, looked(), () => 1)).toBe(true);
  expect(waiting(batch)).toBe(20);
});

test('a process that does not look publishes everything', () => {
  const batch = jobs(100);
  expect(sendToRoom(batch, new Backlogs(), () => 1)).toBe(false);
  expect(sendToRoom(batch, undefined, () => 1)).toBe(false);
});

test('jobs of a queue or kind that is paused wait, whether this process looks or not', () => {
  const paused = { holds: ({ queue, kind }: { queue: string; kind: string }) => queue === 'held' || kind === 'test.held' };
  const batch = [...jobs(1), ...jobs(2, { queue: 'held' }), ...jobs(1, { kind: 'test.held' })];
  expect(sendToRoom(batch, new Backlogs(false, paused), () => 1)).toBe(true);
  expect(batch.map(({ waits }) => waits === true)).toEqual([false, true, true, true]);
});
